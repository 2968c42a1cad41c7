from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.st_block import projection
from pyg_skeleton.nn.conv.dynamic_hcsf_conv import DynamicHCSFConv
from pyg_skeleton.nn.conv.hcsf_conv import HCSFConv
from pyg_skeleton.nn.conv.hop_conv import HopConv
from pyg_skeleton.nn.conv.mix_hop_conv import MixHopConv
from pyg_skeleton.nn.conv.skeleton_conv import convolve
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.nn.temporal import TemporalConv
from pyg_skeleton.skeleton import BodyGraph


class HCSFBlock(torch.nn.Module):
    r"""A block of :class:`~pyg_skeleton.nn.models.SkeletalGNNClassifier`: a convolution over hops,
    then one over time, with a residual around both.

    .. math::
        \mathbf{X}_{out} = \rho(\mathrm{BN}(\mathrm{TCN}(\rho(\mathrm{BN}(\mathrm{HCSF}(
        \mathbf{X}))))) ) + \mathrm{res}(\mathbf{X})

    Args:
        conv (torch.nn.Module): The convolution over hops, with :obj:`in_channels` and
            :obj:`out_channels`.
        kernel_size (int, optional): The number of frames that the convolution over time sees.
            (default: :obj:`9`)
        stride (int, optional): Its step. (default: :obj:`1`)

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`
        - **output:** :math:`(B \cdot V, \lceil T / s \rceil, C_{out})`
    """

    #: The norm that follows a layer.
    norm_after: ClassVar[dict[str, str]] = {"conv": "conv_norm", "temporal": "temporal_norm"}

    def __init__(self, conv: torch.nn.Module, kernel_size: int = 9, stride: int = 1) -> None:
        super().__init__()
        C, D = int(conv.in_channels), int(conv.out_channels)  # type: ignore[arg-type]
        self.conv = conv
        self.conv_norm = ChannelBatchNorm(D)
        self.temporal = TemporalConv(D, D, kernel_size, stride)
        self.stride, self.reach = stride, self.temporal.reach
        self.temporal_norm = ChannelBatchNorm(D)
        self.residual = projection(C, D, stride)

    def forward(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        """Convolves over the hops, by default those of the layout, then over time."""
        h = self.conv_norm(convolve(self.conv, x, edges)).relu()
        h = self.temporal_norm(self.temporal(h)).relu()
        return h + self.residual(x)


def make_hop_conv(
    in_channels: int, out_channels: int, skeleton: BodyGraph, config: Mapping[str, Any]
) -> HopConv:
    """Creates the convolution over hops that a network's :attr:`config` describes: an
    :class:`~pyg_skeleton.nn.HCSFConv`, with :obj:`dynamic` a
    :class:`~pyg_skeleton.nn.DynamicHCSFConv`, or with :obj:`reaches` a
    :class:`~pyg_skeleton.nn.MixHopConv` over their balls.
    """
    C, D, dynamic, reaches = in_channels, out_channels, config["dynamic"], config.get("reaches")
    graph: dict[str, Any] = {}
    for name in ("offset", "alpha", "learn_alpha", "support") if dynamic else ():
        graph[name] = config[name]
    for name in ("init", "kernel_size", "stride", "dilation") if dynamic else ():
        graph[name] = config[f"graph_{name.removesuffix('_size')}"]
    if reaches is not None:
        options = {"fusion": config["fusion"], "sharing": config["sharing"]}
        graph |= {"hidden_channels": max(1, D // 4)} if dynamic else {}
        return MixHopConv(C, D, skeleton, tuple(reaches), graph=graph or None, **options)
    names = ("short_range", "long_range", "squeeze", "fusion", "long_fusion")
    options = {name: config[name] for name in (*names, "hop_mode", "hop_aware", "sharing")}
    if not dynamic:
        return HCSFConv(C, D, skeleton, **options)
    return DynamicHCSFConv(C, D, skeleton, **options, **graph)
