from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.st_block import STBlock
from pyg_skeleton.nn.conv.ctrg_conv import CTRGConv
from pyg_skeleton.nn.models import official
from pyg_skeleton.nn.models.recognition.model import GraphLayer
from pyg_skeleton.nn.models.recognition.st_network import STNetwork
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.nn.temporal import MultiScaleTemporalConv
from pyg_skeleton.skeleton import GraphLike, SkeletonLike


@register_model("ctr_gcn")
class CTRGCN(STNetwork):
    r"""The channel-wise topology refinement network, from the `"Channel-wise Topology Refinement
    Graph Convolution for Skeleton-Based Action Recognition" <https://arxiv.org/abs/2107.12213>`_
    paper.

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`, :obj:`"nw-ucla"`, and :obj:`"nw-ucla-small"`, which
    two cores can train.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        num_classes (int): The number of classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        dropout (float, optional): Dropout probability before the classifier.
            (default: :obj:`0.0`)
        conv (callable, optional): See :class:`STNetwork`.
            (default: :class:`~pyg_skeleton.nn.CTRGConv`)
        **kwargs (optional): Arguments of :class:`STNetwork`. Widths are multiples of 4 and, but for
            the last one, at least 8.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** logits :math:`(N, \text{classes})`

    Example:
        >>> model = CTRGCN("ntu25", 60, channels=(16, 32), strides=(1, 2))
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
        "nw-ucla-small": {
            "skeleton": "kinect20",
            "num_classes": 10,
            "num_persons": 1,
            "channels": (32, 32, 64, 64, 128, 128),
            "strides": (1, 1, 2, 1, 2, 1),
            "classifier_std": None,
        },
    }

    def __init__(
        self,
        skeleton: GraphLike,
        num_classes: int,
        in_channels: int = 3,
        *,
        dropout: float = 0.0,
        conv: ConvFactory | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(skeleton, num_classes, in_channels, conv=conv or CTRGConv, **kwargs)
        self.dropout = torch.nn.Dropout(dropout)

    def make_temporal(self, channels: int, stride: int) -> torch.nn.Module:
        """Returns the convolution over time of a block, with its norm."""
        return MultiScaleTemporalConv(channels, channels, stride=stride, valid=self.continual)

    def make_block(
        self, in_channels: int, out_channels: int, stride: int, first: bool
    ) -> torch.nn.Module:
        """Returns a block; the first one has no residual."""
        temporal = self.make_temporal(out_channels, stride)
        conv = self.make_conv(in_channels, out_channels)
        block = STBlock(conv, temporal, stride, residual=not first)
        block.reset_fan_out()
        for module in temporal.modules():
            if isinstance(module, torch.nn.BatchNorm1d):
                torch.nn.init.normal_(module.weight, 1.0, 0.02)
        return block

    def classify(self, h: Tensor) -> Tensor:
        """Returns the logits."""
        return self.classifier(self.dropout(h))

    def graph_layers(self) -> list[GraphLayer]:
        """Returns the refinements, without the shared graph; none with :obj:`continual`, where
        graphs are those of frames.
        """
        convs = [] if self.continual else self.convs(CTRGConv)  # averaged over channels
        return [GraphLayer(conv.refinement, conv.shared.numel(), 2) for conv in convs]

    def graph_parameters(self) -> list[torch.nn.Parameter]:
        """Returns the shared graph of each block."""
        return [conv.shared for conv in self.convs(CTRGConv)]

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Any], skeleton: SkeletonLike = "ntu25", **kwargs: Any
    ) -> "CTRGCN":
        """Builds the network from weights of the authors (github.com/Uason-Chen/CTR-GCN).

        Args:
            state_dict (dict): The weights under the authors' names.
            skeleton (Skeleton or str, optional): The layout that they were trained with.
                (default: :obj:`"ntu25"`)
            **kwargs (optional): Further arguments, for example :obj:`pad_persons`.

        Raises:
            ValueError: If weights are missing, unknown, or of another layout.
        """
        return official.build(cls, official.ctr_gcn, state_dict, skeleton, kwargs)
