from typing import ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.st_block import projection
from pyg_skeleton.nn.conv.skeleton_conv import convolve
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.nn.temporal import TemporalConv
from pyg_skeleton.nn.temporal.temporal_conv import middle_frames


class STGCNBlock(torch.nn.Module):
    r"""A block of the `"Spatial Temporal Graph Convolutional Networks for Skeleton-Based Action
    Recognition" <https://arxiv.org/abs/1801.07455>`_ paper: a graph convolution, then one over
    time.

    .. math::
        \mathbf{X}_{out} = \rho(\mathrm{dropout}(\mathrm{BN}(\mathrm{T}(\rho(\mathrm{BN}(
        \mathrm{G}(\mathbf{X})))))) + \mathrm{res}(\mathbf{X}))

    Args:
        conv (torch.nn.Module): The graph convolution, with :obj:`in_channels` and
            :obj:`out_channels`.
        kernel_size (int, optional): The number of frames that the convolution over time sees.
            (default: :obj:`9`)
        stride (int, optional): Its step. (default: :obj:`1`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)
        residual (bool, optional): Whether the input is added. (default: :obj:`True`)
        valid (bool, optional): Whether to leave out the padding in time. (default: :obj:`False`)

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`
        - **output:** :math:`(B \cdot V, \lceil T / s \rceil, C_{out})`, fewer frames if
          :obj:`valid`
    """

    #: The norm that follows a layer.
    norm_after: ClassVar[dict[str, str]] = {"conv": "norm", "temporal": "temporal_norm"}

    def __init__(
        self,
        conv: torch.nn.Module,
        kernel_size: int = 9,
        stride: int = 1,
        dropout: float = 0.0,
        residual: bool = True,
        valid: bool = False,
    ) -> None:
        super().__init__()
        C, D = int(conv.in_channels), int(conv.out_channels)  # type: ignore[arg-type]
        self.conv = conv
        self.norm = ChannelBatchNorm(D)
        self.temporal = TemporalConv(D, D, kernel_size, stride, valid=valid)
        self.stride, self.reach, self.lost = stride, self.temporal.reach, self.temporal.lost
        self.temporal_norm = ChannelBatchNorm(D)
        self.dropout = torch.nn.Dropout(dropout)
        self.residual = projection(C, D, stride) if residual else None

    def forward(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        """Convolves over the graph, by default that of the layout, then over time."""
        # In place, because norms keep their input for the backward pass, not their output.
        h = self.temporal(self.norm(convolve(self.conv, x, edges)).relu_())
        h = self.dropout(self.temporal_norm(h))
        if self.residual is not None:
            h = h.add_(self.residual(middle_frames(x, self.lost)))
        return h.relu_()
