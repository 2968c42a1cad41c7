"""The skeleton of networks that stack spatial and temporal blocks."""

import math
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.st_block import STBlock
from pyg_skeleton.nn.conv.complete_conv import CompleteConv
from pyg_skeleton.nn.conv.skeleton_conv import convolve
from pyg_skeleton.nn.models.bodies import Bodies
from pyg_skeleton.nn.models.recognition.model import RecognitionModel
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.nn.norm import ChannelBatchNorm, JointBatchNorm
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.nn.temporal import TemporalConv
from pyg_skeleton.skeleton import GraphLike

#: The widths and the strides of the ten blocks of ST-GCN and its successors.
TEN_CHANNELS = (64, 64, 64, 64, 128, 128, 128, 256, 256, 256)
TEN_STRIDES = (1, 1, 1, 1, 2, 1, 1, 2, 1, 1)
#: Those of the nine blocks of InfoGCN and Skeletal-GNN.
NINE_CHANNELS = (64, 64, 64, 128, 128, 128, 256, 256, 256)
NINE_STRIDES = (1, 1, 1, 2, 1, 1, 2, 1, 1)


class STNetwork(RecognitionModel):
    r"""A network for action recognition: a norm of each joint's input, a stack of blocks, each a
    graph convolution and a convolution over time, and a linear classifier.

    A subclass changes one of the hooks :meth:`make_conv`, :meth:`make_temporal`,
    :meth:`make_block`, :meth:`make_input` and :meth:`make_classifier`; attributes that a hook
    reads are set before ``super().__init__()``. Every subclass takes another graph convolution as
    the argument :obj:`conv`:

    .. code-block:: python

        CTRGCN("ntu25", 60, conv=SpatialGraphConv)

        class Mixed(CTRGCN):
            def make_conv(self, in_channels, out_channels):
                kind = SpatialGraphConv if out_channels < 128 else CTRGConv
                return kind(in_channels, out_channels, self.skeleton)

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        num_classes (int): The number of classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block.
            (default: the ten blocks of ST-GCN)
        strides (tuple[int], optional): The step in time of each block.
            (default: the ten blocks of ST-GCN)
        continual (bool, optional): Whether convolutions over time have no padding and learned
            graphs are those of single frames, so that :meth:`stream` gives the same answers. A clip
            then needs :attr:`receptive_field` frames. (default: :obj:`False`)
        conv (callable, optional): Creates the graph convolution of a block from
            :obj:`in_channels`, :obj:`out_channels` and the skeleton, for example a class. The
            result has :obj:`in_channels` and :obj:`out_channels`. (default: the network's own)
        **kwargs (optional): Arguments of :class:`RecognitionModel`: :obj:`num_persons`,
            :obj:`pad_persons`, :obj:`classifier_std`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** logits :math:`(N, \text{classes})`
    """

    def __init__(
        self,
        skeleton: GraphLike,
        num_classes: int,
        in_channels: int = 3,
        *,
        channels: tuple[int, ...] = TEN_CHANNELS,
        strides: tuple[int, ...] = TEN_STRIDES,
        continual: bool = False,
        conv: ConvFactory | None = None,
        num_persons: int = 2,
        pad_persons: bool = False,
        classifier_std: float | None = 0.01,
    ) -> None:
        if len(channels) != len(strides) or not channels:
            raise ValueError(f"expected a stride per block, got {channels} and {strides}")
        self.continual = continual
        super().__init__(
            skeleton,
            num_classes,
            in_channels,
            channels[-1],
            num_persons=num_persons,
            pad_persons=pad_persons,
            classifier_std=classifier_std,
        )
        self.conv = conv
        width = self.make_input()
        self.blocks = torch.nn.Sequential()
        for i, (out, stride) in enumerate(zip(channels, strides, strict=True)):
            self.blocks.append(self.make_block(width, out, stride, first=i == 0))
            width = out

    def make_input(self) -> int:
        """Creates the layers before the blocks, and returns the width of their output."""
        self.norm = JointBatchNorm(self.skeleton.num_joints, self.in_channels, self.num_persons)
        return self.in_channels

    def make_conv(self, in_channels: int, out_channels: int) -> torch.nn.Module:
        """Returns the graph convolution of a block."""
        if self.conv is None:
            raise ValueError(f"expected conv, a graph convolution for {type(self).__name__}")
        conv = self.conv(in_channels, out_channels, self.skeleton)
        if self.continual and isinstance(conv, CompleteConv):
            conv.frame_graphs = True
        return conv

    def make_temporal(self, channels: int, stride: int) -> torch.nn.Module:
        """Returns the convolution over time of a block, with its norm."""
        conv = TemporalConv(channels, channels, stride=stride, valid=self.continual)
        return torch.nn.Sequential(conv, ChannelBatchNorm(channels))

    def make_block(
        self, in_channels: int, out_channels: int, stride: int, first: bool
    ) -> torch.nn.Module:
        """Returns a block; the first one has no residual."""
        conv = self.make_conv(in_channels, out_channels)
        temporal = self.make_temporal(out_channels, stride)
        return STBlock(conv, temporal, stride, residual=not first)

    @property
    def stride(self) -> int:
        """The step in time of all blocks together."""
        steps: list[int] = [int(block.stride) for block in self.blocks]  # type: ignore[arg-type]
        return math.prod(steps)

    @property
    def receptive_field(self) -> int:
        """The number of frames that a feature of the last block depends on."""
        frames, step = 1, 1
        for block in self.blocks:
            frames += 2 * int(block.reach) * step  # type: ignore[arg-type]
            step *= int(block.stride)  # type: ignore[arg-type]
        return frames

    def stream(self, **kwargs: Any) -> Any:
        """Returns a stream that recognizes actions while they go on.

        Args:
            **kwargs (optional): See :class:`~pyg_skeleton.nn.stream.ActionStream`.
        """
        from pyg_skeleton.nn.stream.action_stream import ActionStream

        return ActionStream(self, **kwargs)

    def convs(self, kind: type[torch.nn.Module]) -> list[Any]:
        """Returns the graph convolutions of one class, in the order of the blocks."""
        convs = [block.conv for block in self.blocks]
        return [conv for conv in convs if isinstance(conv, kind)]

    def features(self, x: Tensor, bodies: Bodies, edges: Edges | None = None) -> Tensor:
        r"""Returns the features of each joint, :math:`(B \cdot V, T', C')`."""
        if self.continual and x.size(1) < self.receptive_field:
            raise ValueError(
                f"expected clips of {self.receptive_field} frames or more with continual=True, got "
                f"{x.size(1)}"
            )
        h = self.norm(x, bodies.person)
        for block in self.blocks:
            h = convolve(block, h, edges)
        return h
