"""The units of the networks that lift poses."""

from typing import ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.skeleton_conv import convolve
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.sums.graphs import Edges


class GraphUnit(torch.nn.Module):
    r"""A graph convolution, batch norm, ReLU, and dropout, from the `"Semantic Graph Convolutional
    Networks for 3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper (Fig. 2).

    Args:
        conv (torch.nn.Module): The convolution, with :obj:`out_channels`.
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)
        eps (float, optional): See :class:`torch.nn.BatchNorm1d`. (default: :obj:`1e-5`)
        momentum (float, optional): See :class:`torch.nn.BatchNorm1d`. (default: :obj:`0.1`)

    Shapes:
        - **input:** :math:`(B \cdot V, *, C_{in})`
        - **output:** :math:`(B \cdot V, *, C_{out})`
    """

    #: The norm that follows a layer.
    norm_after: ClassVar[dict[str, str]] = {"conv": "norm"}

    def __init__(
        self, conv: torch.nn.Module, dropout: float = 0.0, eps: float = 1e-5, momentum: float = 0.1
    ) -> None:
        super().__init__()
        self.conv = conv
        self.norm = ChannelBatchNorm(int(conv.out_channels), eps, momentum)  # type: ignore[arg-type]
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        """Applies the convolution, the norm, the activation, and dropout."""
        return self.dropout(self.activation(self.norm(convolve(self.conv, x, edges))))

    def activation(self, x: Tensor) -> Tensor:
        """The ReLU."""
        return x.relu()


class HopUnit(GraphUnit):
    """A :class:`GraphUnit` whose activation is a LeakyReLU with slope 0.2, from the `"Optimizing
    Network Structure for 3D Human Pose Estimation" <https://openaccess.thecvf.com/content_ICCV_2019
    /html/Ci_Optimizing_Network_Structure_for_3D_Human_Pose_Estimation_ICCV_2019_paper.html>`_ and
    Skeletal-GNN papers.
    """

    def activation(self, x: Tensor) -> Tensor:
        """The LeakyReLU."""
        return torch.nn.functional.leaky_relu(x, 0.2)


class ResidualBlock(torch.nn.Sequential):
    r"""Units in sequence, and their input added.

    .. math::
        \mathbf{X}_{out} = \mathbf{X} + u_n(\ldots u_1(\mathbf{X}))

    Where the units return fewer frames (convolutions over time without padding), the frames in the
    middle of the input are added.

    Args:
        *units (torch.nn.Module): The units; the last one returns as many channels as the first
            one takes.

    Shapes:
        - **input:** :math:`(B \cdot V, *, C)`
        - **output:** :math:`(B \cdot V, *, C)`
    """

    def forward(self, input: Tensor, edges: Edges | None = None) -> Tensor:
        """Adds the input to the output of the units."""
        out = input
        for unit in self:
            out = convolve(unit, out, edges)
        if out.dim() > 2 and out.size(1) < input.size(1):
            first = (input.size(1) - out.size(1)) // 2
            input = input[:, first : first + out.size(1)]
        return input + out
