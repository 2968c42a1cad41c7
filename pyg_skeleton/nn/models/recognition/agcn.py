from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import torch

from pyg_skeleton.nn.blocks.st_block import STBlock
from pyg_skeleton.nn.blocks.stc_attention import STCAttention
from pyg_skeleton.nn.conv.adaptive_graph_conv import AdaptiveGraphConv
from pyg_skeleton.nn.models import official
from pyg_skeleton.nn.models.recognition.model import GraphLayer
from pyg_skeleton.nn.models.recognition.st_network import STNetwork
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.temporal import TemporalConv
from pyg_skeleton.skeleton import GraphLike, SkeletonLike


@register_model("agcn")
class AGCN(STNetwork):
    r"""Adaptive graph convolutional networks: one stream of 2s-AGCN, from the `"Two-Stream Adaptive
    Graph Convolutional Networks for Skeleton-Based Action Recognition"
    <https://arxiv.org/abs/1805.07694>`_ paper, or of its successor with attention
    (:obj:`attention=True`, AAGCN).

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`, :obj:`"nw-ucla"`, and the same with the prefix
    :obj:`"aagcn-"`.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        num_classes (int): The number of classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        attention (bool, optional): The graphs and the attention of AAGCN.
            (default: :obj:`False`)
        kernel_size (int, optional): The number of frames that a convolution over time sees.
            (default: :obj:`9`)
        conv (callable, optional): See :class:`STNetwork`.
            (default: :class:`~pyg_skeleton.nn.AdaptiveGraphConv`)
        **kwargs (optional): Arguments of :class:`STNetwork`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** logits :math:`(N, \text{classes})`

    Example:
        >>> model = AGCN("ntu25", 60, channels=(16, 32), strides=(1, 2))
        >>> data = model.skeleton.to_data(torch.randn(25, 64, 3))  # joints, frames, channels
        >>> model(data).shape
        torch.Size([1, 60])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "ntu60": {"skeleton": "ntu25", "num_classes": 60, "classifier_std": None},
        "ntu120": {"skeleton": "ntu25", "num_classes": 120, "classifier_std": None},
        "nw-ucla": {
            "skeleton": "kinect20",
            "num_classes": 10,
            "num_persons": 1,
            "classifier_std": None,
        },
        "aagcn-ntu60": {
            "skeleton": "ntu25",
            "num_classes": 60,
            "attention": True,
            "classifier_std": None,
        },
        "aagcn-ntu120": {
            "skeleton": "ntu25",
            "num_classes": 120,
            "attention": True,
            "classifier_std": None,
        },
        "aagcn-nw-ucla": {
            "skeleton": "kinect20",
            "num_classes": 10,
            "num_persons": 1,
            "attention": True,
            "classifier_std": None,
        },
    }

    def __init__(
        self,
        skeleton: GraphLike,
        num_classes: int,
        in_channels: int = 3,
        *,
        attention: bool = False,
        kernel_size: int = 9,
        conv: ConvFactory | None = None,
        **kwargs: Any,
    ) -> None:
        self.attention, self.kernel_size = attention, kernel_size
        if attention and kwargs.get("continual"):
            raise ValueError("expected attention=False with continual=True: it pools over a clip")
        conv = conv or partial(AdaptiveGraphConv, attention="tanh" if attention else "softmax")
        super().__init__(skeleton, num_classes, in_channels, conv=conv, **kwargs)

    def make_temporal(self, channels: int, stride: int) -> torch.nn.Module:
        """Returns the convolution over time of a block, with its norm."""
        conv = TemporalConv(channels, channels, self.kernel_size, stride, valid=self.continual)
        return torch.nn.Sequential(conv, ChannelBatchNorm(channels))

    def make_block(
        self, in_channels: int, out_channels: int, stride: int, first: bool
    ) -> torch.nn.Module:
        """Returns a block; the first one has no residual."""
        conv = self.make_conv(in_channels, out_channels)
        temporal = self.make_temporal(out_channels, stride)
        attention = STCAttention(out_channels, self.skeleton.num_joints) if self.attention else None
        block = STBlock(conv, temporal, stride, residual=not first, attention=attention)
        block.reset_fan_out()
        return block

    def graph_layers(self) -> list[GraphLayer]:
        """Returns the products of joints: logits, without the physical graph; none with
        :obj:`continual`, where graphs are those of frames.
        """
        convs = [] if self.continual else self.convs(AdaptiveGraphConv)
        return [GraphLayer(conv.similarity, conv.learned.numel()) for conv in convs]

    def graph_parameters(self) -> list[torch.nn.Parameter]:
        """Returns the learned graph of each block."""
        return [conv.learned for conv in self.convs(AdaptiveGraphConv)]

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Any], skeleton: SkeletonLike = "ntu25", **kwargs: Any
    ) -> "AGCN":
        """Builds the network from weights of the authors (github.com/lshiwjx/2s-AGCN), with or
        without attention.

        Args:
            state_dict (dict): The weights under the authors' names.
            skeleton (Skeleton or str, optional): The layout that they were trained with.
                (default: :obj:`"ntu25"`)
            **kwargs (optional): Further arguments, for example :obj:`pad_persons`.

        Raises:
            ValueError: If weights are missing, unknown, or of another layout.
        """
        return official.build(cls, official.agcn, state_dict, skeleton, kwargs)
