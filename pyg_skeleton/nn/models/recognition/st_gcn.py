from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import torch

from pyg_skeleton.nn.blocks.st_gcn_block import STGCNBlock
from pyg_skeleton.nn.conv.spatial_graph_conv import SpatialGraphConv
from pyg_skeleton.nn.models import official
from pyg_skeleton.nn.models.recognition.st_network import STNetwork
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.nn.norm import JointBatchNorm
from pyg_skeleton.skeleton import GraphLike, SkeletonLike


@register_model("st_gcn")
class STGCN(STNetwork):
    r"""Spatial temporal graph convolutional networks, from the `"Spatial Temporal Graph
    Convolutional Networks for Skeleton-Based Action Recognition"
    <https://arxiv.org/abs/1801.07455>`_ paper.

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`, :obj:`"nw-ucla"`, :obj:`"kinetics"`, and
    :obj:`"quarter"`, a quarter of the width in all blocks but the last (the encoder of CoDT).

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        num_classes (int): The number of classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        strategy (str, optional): How neighbors are partitioned, see
            :func:`~pyg_skeleton.skeleton.partition_neighbors`. (default: :obj:`"spatial"`;
            :obj:`"distance"` for a graph without a root)
        edge_importance (bool, optional): Whether each edge has a trained weight.
            (default: :obj:`True`)
        kernel_size (int, optional): The number of frames that a convolution over time sees.
            (default: :obj:`9`)
        dropout (float, optional): Dropout probability, in all blocks but the first.
            (default: :obj:`0.5`)
        conv (callable, optional): See :class:`STNetwork`.
            (default: :class:`~pyg_skeleton.nn.SpatialGraphConv`)
        classifier_std (float, optional): See :class:`RecognitionModel`. (default: the authors'
            0.02)
        **kwargs (optional): Arguments of :class:`STNetwork`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** logits :math:`(N, \text{classes})`

    Example:
        >>> model = STGCN("ntu25", 60, channels=(16, 32), strides=(1, 2))
        >>> data = model.skeleton.to_data(torch.randn(25, 64, 3))  # joints, frames, channels
        >>> model(data).shape
        torch.Size([1, 60])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "ntu60": {"skeleton": "ntu25", "num_classes": 60},
        "ntu120": {"skeleton": "ntu25", "num_classes": 120},
        "nw-ucla": {"skeleton": "kinect20", "num_classes": 10, "num_persons": 1},
        "kinetics": {"skeleton": "openpose18", "num_classes": 400},
        "quarter": {
            "skeleton": "ntu25",
            "num_classes": 60,
            "channels": (16, 16, 16, 16, 32, 32, 32, 64, 64, 256),
        },
    }

    def __init__(
        self,
        skeleton: GraphLike,
        num_classes: int,
        in_channels: int = 3,
        *,
        strategy: str | None = None,
        edge_importance: bool = True,
        kernel_size: int = 9,
        dropout: float = 0.5,
        conv: ConvFactory | None = None,
        classifier_std: float | None = None,
        **kwargs: Any,
    ) -> None:
        self.kernel_size, self.dropout = kernel_size, dropout
        conv = conv or partial(SpatialGraphConv, strategy=strategy, edge_importance=edge_importance)
        super().__init__(skeleton, num_classes, in_channels, conv=conv, **kwargs)
        for module in self.modules():  # the authors' initialization of all weights
            if isinstance(module, torch.nn.Conv1d):
                torch.nn.init.normal_(module.weight, 0.0, 0.02)
                torch.nn.init.zeros_(module.bias)  # type: ignore[arg-type]
            elif isinstance(module, torch.nn.BatchNorm1d):
                torch.nn.init.normal_(module.weight, 1.0, 0.02)
        std = 0.02 if classifier_std is None else classifier_std
        torch.nn.init.normal_(self.classifier.weight, 0.0, std)
        torch.nn.init.zeros_(self.classifier.bias)

    def make_input(self) -> int:
        """Creates the norm, the same for all persons."""
        self.norm = JointBatchNorm(self.skeleton.num_joints, self.in_channels)
        return self.in_channels

    def make_block(
        self, in_channels: int, out_channels: int, stride: int, first: bool
    ) -> torch.nn.Module:
        """Returns a block; the first one has neither residual nor dropout."""
        conv = self.make_conv(in_channels, out_channels)
        dropout = 0.0 if first else self.dropout
        return STGCNBlock(
            conv, self.kernel_size, stride, dropout, residual=not first, valid=self.continual
        )

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Any], skeleton: SkeletonLike = "ntu25", **kwargs: Any
    ) -> "STGCN":
        """Builds the network from weights of the authors (github.com/yysijie/st-gcn), or of CoDT's
        encoder (github.com/canbaoburen/CoDT), whose classifier is then zero.

        Args:
            state_dict (dict): The weights under the authors' names.
            skeleton (Skeleton or str, optional): The layout that they were trained with.
                (default: :obj:`"ntu25"`)
            **kwargs (optional): Further arguments, for example :obj:`pad_persons`, and
                :obj:`num_classes` for weights without a classifier.

        Raises:
            ValueError: If weights are missing, unknown, or of another layout.
        """
        return official.build(cls, official.st_gcn, state_dict, skeleton, kwargs)
