import re
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.st_block import projection
from pyg_skeleton.nn.conv.spatial_graph_conv import SpatialGraphConv
from pyg_skeleton.nn.models.recognition.model import (
    TEN_CHANNELS,
    TEN_STRIDES,
    Bodies,
    RecognitionModel,
    load_renamed,
)
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.norm import ChannelBatchNorm, JointBatchNorm
from pyg_skeleton.nn.temporal import TemporalConv
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.partition import partition_neighbors


class STGCNBlock(torch.nn.Module):
    r"""A block of :class:`STGCN`.

    .. math::
        \mathbf{X}_{out} = \rho(\mathrm{dropout}(\mathrm{BN}(\mathrm{T}(\rho(\mathrm{BN}(
        \mathrm{G}(\mathbf{X})))))) + \mathrm{res}(\mathbf{X}))

    Args:
        conv (SpatialGraphConv): The graph convolution.
        kernel_size (int): Frames that the convolution over time sees.
        stride (int): Its step.
        dropout (float): Dropout probability.
        residual (bool): Whether the input is added.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`
        - **output:** :math:`(B \cdot V, \lceil T / s \rceil, C_{out})`
    """

    def __init__(
        self, conv: SpatialGraphConv, kernel_size: int, stride: int, dropout: float, residual: bool
    ) -> None:
        super().__init__()
        D = conv.out_channels
        self.conv = conv
        self.norm = ChannelBatchNorm(D)
        self.temporal = TemporalConv(D, D, kernel_size, stride)
        self.temporal_norm = ChannelBatchNorm(D)
        self.dropout = torch.nn.Dropout(dropout)
        self.residual = projection(conv.in_channels, D, stride) if residual else None

    def forward(self, x: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        # Norms keep their input, not their output: what follows them may overwrite it.
        h = self.temporal(self.norm(self.conv(x)).relu_())
        h = self.dropout(self.temporal_norm(h))
        return (h if self.residual is None else h.add_(self.residual(x))).relu_()


@register_model("st_gcn")
class STGCN(RecognitionModel):
    r"""Spatial temporal graph convolutional networks, from the `"Spatial Temporal Graph
    Convolutional Networks for Skeleton-Based Action Recognition"
    <https://arxiv.org/abs/1801.07455>`_ paper.

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`, :obj:`"nw-ucla"`, :obj:`"kinetics"`, and
    :obj:`"quarter"`, a quarter of the width but in the last block (the encoder of CoDT).

    Args:
        skeleton (Skeleton): The layout.
        num_classes (int): The number of classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block. (default: those of the paper)
        strides (tuple[int], optional): The step in time of each block.
            (default: those of the paper)
        num_persons (int, optional): How many persons a clip may have. (default: :obj:`2`)
        strategy (str, optional): How neighbors are partitioned, see
            :func:`~pyg_skeleton.skeleton.partition_neighbors`. (default: :obj:`"spatial"`)
        edge_importance (bool, optional): Whether edges have trained weights.
            (default: :obj:`True`)
        kernel_size (int, optional): Frames that a convolution over time sees.
            (default: :obj:`9`)
        dropout (float, optional): Dropout probability, but in the first block.
            (default: :obj:`0.5`)
        pad_persons (bool, optional): See :class:`RecognitionModel`. (default: :obj:`False`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** logits :math:`(N, \text{classes})`
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
        skeleton: Skeleton,
        num_classes: int,
        in_channels: int = 3,
        channels: tuple[int, ...] = TEN_CHANNELS,
        strides: tuple[int, ...] = TEN_STRIDES,
        num_persons: int = 2,
        strategy: str = "spatial",
        edge_importance: bool = True,
        kernel_size: int = 9,
        dropout: float = 0.5,
        pad_persons: bool = False,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        super().__init__(
            skeleton, config, num_classes, in_channels, num_persons, pad_persons, channels[-1]
        )
        self.norm = JointBatchNorm(skeleton.num_joints, in_channels)
        self.blocks = torch.nn.Sequential()
        width = in_channels
        for i, (out, stride) in enumerate(zip(channels, strides, strict=True)):
            conv = SpatialGraphConv(width, out, skeleton, strategy, edge_importance)
            drop = dropout if i else 0.0
            self.blocks.append(STGCNBlock(conv, kernel_size, stride, drop, residual=i > 0))
            width = out
        for module in self.modules():  # as the authors draw all their weights
            if isinstance(module, torch.nn.Conv1d):
                torch.nn.init.normal_(module.weight, 0.0, 0.02)
                torch.nn.init.zeros_(module.bias)  # type: ignore[arg-type]
            elif isinstance(module, torch.nn.BatchNorm1d):
                torch.nn.init.normal_(module.weight, 1.0, 0.02)
        torch.nn.init.normal_(self.classifier.weight, 0.0, 0.02)
        torch.nn.init.zeros_(self.classifier.bias)

    def features(self, x: Tensor, bodies: Bodies) -> Tensor:
        """Returns the features of each joint."""
        return self.blocks(self.norm(x))

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Tensor], skeleton: Skeleton | str = "ntu25", **kwargs: Any
    ) -> "STGCN":
        """Builds the network from weights of its authors' one (github.com/yysijie/st-gcn), or of
        CoDT's encoder (github.com/canbaoburen/CoDT), with a classifier that starts at zero.

        Args:
            state_dict (dict): The weights under the authors' names.
            skeleton (Skeleton or str, optional): The layout that they were trained with.
                (default: :obj:`"ntu25"`)
            **kwargs (optional): Further arguments, :obj:`pad_persons` say, and :obj:`num_classes`
                for weights without a classifier.

        Raises:
            ValueError: If weights are missing, unknown, or of another layout.
        """
        skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        weights, K = {}, 0
        if "A" in state_dict and "st_gcn_networks.0.gcn.conv.weight" in state_dict:
            K = state_dict["A"].size(0)
        if K == 0:
            raise ValueError(
                "expected weights of ST-GCN, 'A', 'st_gcn_networks.0.gcn.conv.weight' and so on, "
                f"got {', '.join(sorted(state_dict)[:3])}, …"
            )
        adjacency = state_dict["A"].transpose(1, 2)
        strategies = ("spatial", "legacy", "distance", "uniform")
        partitions = {s: partition_neighbors(skeleton, s).to(adjacency) for s in strategies}
        fitting = [
            s
            for s, p in partitions.items()
            if p.shape == adjacency.shape and torch.allclose(p, adjacency, atol=1e-5)
        ]
        if not fitting:
            raise ValueError(
                f"these weights have a graph of shape {tuple(adjacency.shape)} that is none of "
                f"skeleton {skeleton.name!r} ({skeleton.num_joints} joints)"
            )
        for name, value in state_dict.items():
            if name == "A":
                continue
            ours = name
            for pattern, replacement in _NAMES:
                ours = re.sub(pattern, replacement, ours)
            if ours.endswith("conv.weight") and "gcn" in name:
                value = value.reshape(K, -1, value.size(1))
            elif ours.endswith("conv.bias"):
                value = value.reshape(K, -1)
            elif "edge_importance" in name:
                value = value.transpose(1, 2)
            elif value.dim() == 4:
                value = value.squeeze(-1)
            weights[ours] = value
        blocks = len({n.split(".")[1] for n in weights if n.startswith("blocks.")})
        widths = [weights[f"blocks.{i}.norm.weight"].numel() for i in range(blocks)]
        if "classifier.weight" not in weights:
            weights["classifier.weight"] = torch.zeros(kwargs.pop("num_classes", 1), widths[-1], 1)
            weights["classifier.bias"] = torch.zeros(len(weights["classifier.weight"]))
        weights["classifier.weight"] = weights["classifier.weight"].squeeze(-1)
        before = [weights["blocks.0.conv.weight"].size(2), *widths]
        strides = [1 if i == 0 or widths[i] == before[i] else 2 for i in range(blocks)]
        if blocks == len(TEN_STRIDES):
            strides = list(TEN_STRIDES)
        model = cls(
            skeleton,
            num_classes=weights["classifier.weight"].size(0),
            in_channels=before[0],
            channels=tuple(widths),
            strides=tuple(strides),
            strategy=fitting[0],
            edge_importance="blocks.0.conv.importance" in weights,
            **kwargs,
        )
        load_renamed(model, weights)
        return model.eval()


_NAMES = (
    (r"^data_bn", "norm"),
    (r"^fcn", "classifier"),
    (r"^edge_importance\.(\d+)", r"blocks.\1.conv.importance"),
    (r"^(st_gcn_networks\.\d+)\.edge_importance", r"\1.conv.importance"),
    (r"^st_gcn_networks", "blocks"),
    (r"\.gcn\.conv", ".conv"),
    (r"\.tcn\.0", ".norm"),
    (r"\.tcn\.2", ".temporal"),
    (r"\.tcn\.3", ".temporal_norm"),
)
