from typing import ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.st_block import projection
from pyg_skeleton.nn.conv.joint_conv import JointConv
from pyg_skeleton.nn.conv.part_conv import PartConv
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.temporal.temporal_conv import TemporalConv


class GTCBlock(torch.nn.Module):
    """The base class of blocks on joints and on parts, which differ in the graph convolution."""

    #: The norm that follows a layer.
    norm_after: ClassVar[dict[str, str]] = {"conv": "conv_norm", "temporal": "temporal_norm"}

    def __init__(
        self,
        conv: JointConv | PartConv,
        out_channels: int,
        kernel_size: int,
        stride: int,
        dropout: float,
        residual: bool,
    ) -> None:
        super().__init__()
        in_channels, hidden = conv.in_channels, conv.out_channels
        self.in_channels, self.out_channels, self.stride = in_channels, out_channels, stride
        self.conv = conv
        self.conv_norm = ChannelBatchNorm(hidden)
        self.temporal = TemporalConv(hidden, out_channels, kernel_size, stride)
        self.temporal_norm = ChannelBatchNorm(out_channels)
        self.dropout = torch.nn.Dropout(dropout)
        self.residual = projection(in_channels, out_channels, stride) if residual else None

    def _after_conv(self, x: Tensor, h: Tensor) -> Tensor:
        h = self.temporal(self.conv_norm(h).relu())
        h = self.dropout(self.temporal_norm(h))
        if self.residual is not None:
            h = h + self.residual(x)
        return h.relu()

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"stride={self.stride})"
        )
