from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.hcsf_block import make_hop_conv
from pyg_skeleton.nn.blocks.units import HopUnit, ResidualBlock
from pyg_skeleton.nn.conv.lcn_conv import LCNConv
from pyg_skeleton.nn.conv.skeleton_conv import convolve
from pyg_skeleton.nn.models.lifting.lcn import add_keypoints
from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.nn.temporal import TemporalConv
from pyg_skeleton.skeleton import GraphLike
from pyg_skeleton.skeleton.hops import HopMode


@register_model("skeletal_gnn")
class SkeletalGNN(LiftingModel):
    r"""Skeletal graph neural networks (HCSF, D-HCSF) that lift poses, from the `"Learning Skeletal
    Graph Neural Networks for Hard 3D Pose Estimation" <https://arxiv.org/abs/2108.07181>`_ paper
    (Fig. 3; supplementary, section 1.1).

    A layer, two residual blocks of two, a last layer. The layers are
    :class:`~pyg_skeleton.nn.HCSFConv`, batch norm, LeakyReLU, dropout; the last one is
    :class:`~pyg_skeleton.nn.LCNConv` over one hop. For clips (:obj:`num_frames=9`), the second
    layer of a block is a temporal convolution over 3 frames, 1 apart in the first block and 3 in
    the second, without padding, so that the middle frame is left; the paper only says that blocks
    have "one HCSF layer and one TCN layer".

    Presets: :obj:`"paper"` (C = 128, S = 1, L = 2, d = 1/8), :obj:`"dynamic"` (with A),
    :obj:`"ablation"` (C = 64), :obj:`"temporal"` and :obj:`"temporal-dynamic"` (9 frames, F = 3).

    Args:
        skeleton (Skeleton or str): The layout; the paper's is ``h36m17-lcn``.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width of each joint. (default: :obj:`128`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`2`)
        num_frames (int, optional): 1, or :math:`3^b` for :math:`b` blocks. (default: :obj:`1`)
        short_range, long_range, squeeze, fusion, long_fusion, hop_mode, hop_aware, sharing
            (optional): See :class:`~pyg_skeleton.nn.HCSFConv`.
        dynamic (bool, optional): Learned graphs. (default: :obj:`False`)
        graph_init, offset, alpha, learn_alpha, support, graph_kernel, graph_stride, graph_dilation
            (optional): See :class:`~pyg_skeleton.nn.DynamicHCSFConv`.
        dropout (float, optional): Dropout probability. (default: :obj:`0.25`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, or :math:`(B \cdot V, F, C)`, keypoints in :math:`[-1, 1]` of the
          image's width
        - **output:** :math:`(B \cdot V, 3)`; in the target space ``pixel-depth``, the keypoints are
          added to the first two channels, as LCN's authors do

    Example:
        >>> model = SkeletalGNN("h36m17").eval()
        >>> model(model.skeleton.to_data(torch.randn(17, 2))).shape  # joints, channels
        torch.Size([17, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {"skeleton": "h36m17-lcn"},
        "dynamic": {"skeleton": "h36m17-lcn", "dynamic": True},
        "ablation": {"skeleton": "h36m17-lcn", "hidden_channels": 64},
        "temporal": {"skeleton": "h36m17-lcn", "num_frames": 9},
        "temporal-dynamic": {
            "skeleton": "h36m17-lcn",
            "num_frames": 9,
            "dynamic": True,
            "graph_kernel": 3,
        },
    }

    def __init__(
        self,
        skeleton: GraphLike,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 128,
        num_blocks: int = 2,
        num_frames: int = 1,
        short_range: int = 1,
        long_range: int = 2,
        squeeze: float = 0.125,
        fusion: str = "concat",
        long_fusion: str = "concat",
        hop_mode: HopMode = "ring",
        hop_aware: bool = True,
        sharing: str = "pair",
        dynamic: bool = False,
        graph_init: str = "ori",
        offset: bool = True,
        alpha: float = 0.0,
        learn_alpha: bool = True,
        support: str = "masked",
        graph_kernel: int = 1,
        graph_stride: int = 1,
        graph_dilation: int = 1,
        dropout: float = 0.25,
    ) -> None:
        super().__init__(skeleton, in_channels, num_frames)
        if num_frames not in (1, 3**num_blocks):
            raise ValueError(
                f"expected num_frames 1 or {3**num_blocks} for {num_blocks} blocks, "
                f"got {num_frames}"
            )
        C = hidden_channels

        def unit(width: int) -> HopUnit:
            return HopUnit(self.make_conv(width, C), dropout)

        self.input = unit(in_channels)
        self.blocks = torch.nn.ModuleList()
        for b in range(num_blocks):
            first = unit(C)
            if num_frames == 1:
                second = unit(C)
            else:
                temporal = TemporalConv(C, C, kernel_size=3, dilation=3**b, valid=True)
                second = HopUnit(temporal, dropout)
            self.blocks.append(ResidualBlock(first, second))
        self.output = LCNConv(C, out_channels, self.skeleton, hops=1)

    def make_conv(self, in_channels: int, out_channels: int) -> torch.nn.Module:
        """Returns a convolution over hops."""
        return make_hop_conv(in_channels, out_channels, self.skeleton, self.config)

    def forward_poses(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        r"""The forward pass on a plain tensor :math:`(B \cdot V, *, C)`, for export."""
        h = convolve(self.input, x, edges)
        for block in self.blocks:
            h = convolve(block, h, edges)
        middle = x
        if self.num_frames > 1:
            h, middle = h.squeeze(1), x[:, self.num_frames // 2]
        return add_keypoints(convolve(self.output, h, edges), middle, self.target_space)
