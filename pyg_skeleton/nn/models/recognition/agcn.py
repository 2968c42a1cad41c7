import re
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.st_block import STBlock, kaiming_fan_out
from pyg_skeleton.nn.conv.adaptive_graph_conv import AdaptiveGraphConv
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


class STCAttention(torch.nn.Module):
    r"""Attention over joints, then frames, then channels, of the `"Skeleton-Based Action
    Recognition with Multi-Stream Adaptive Graph Convolutional Networks"
    <https://arxiv.org/abs/1912.06971>`_ paper (equations 5 to 7).

    .. math::
        \mathbf{X} \leftarrow \mathbf{X} + \mathbf{X} \odot \sigma(g(\mathrm{mean}(\mathbf{X})))

    with a convolution :math:`g` over joints of the mean over frames; one over frames of the mean
    over joints; and two linear maps of the mean over both.

    Args:
        channels (int): Size of each feature.
        num_nodes (int): The number of joints.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C)`
        - **output:** :math:`(B \cdot V, T, C)`
    """

    def __init__(self, channels: int, num_nodes: int) -> None:
        super().__init__()
        self.num_nodes = num_nodes
        odd = num_nodes if num_nodes % 2 else num_nodes - 1
        self.joint = torch.nn.Conv1d(channels, 1, odd, padding=(odd - 1) // 2)
        self.frame = torch.nn.Conv1d(channels, 1, 9, padding=4)
        self.squeeze = torch.nn.Linear(channels, channels // 2)
        self.channel = torch.nn.Linear(channels // 2, channels)
        torch.nn.init.xavier_normal_(self.joint.weight)
        torch.nn.init.kaiming_normal_(self.squeeze.weight)
        for layer in (self.frame, self.channel):
            torch.nn.init.zeros_(layer.weight)
        for layer in (self.joint, self.frame, self.squeeze, self.channel):
            torch.nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        h = x.view(-1, self.num_nodes, *x.shape[1:])  # [B, V, T, C]
        gate = self.joint(h.mean(2).transpose(1, 2)).sigmoid().view(*h.shape[:2], 1, 1)
        h = h + h * gate
        gate = self.frame(h.mean(1).transpose(1, 2)).sigmoid().view(h.size(0), 1, -1, 1)
        h = h + h * gate
        gate = self.channel(self.squeeze(h.mean((1, 2))).relu()).sigmoid()
        h = h + h * gate.view(h.size(0), 1, 1, -1)
        return h.view(x.shape)


@register_model("agcn")
class AGCN(RecognitionModel):
    r"""Adaptive graph convolutional networks: one stream of 2s-AGCN, from the `"Two-Stream Adaptive
    Graph Convolutional Networks for Skeleton-Based Action Recognition"
    <https://arxiv.org/abs/1805.07694>`_ paper, or of its successor with attention
    (:obj:`attention=True`, AAGCN).

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`, :obj:`"nw-ucla"`, and the same with
    :obj:`"aagcn-"` before it.

    Args:
        skeleton (Skeleton): The layout.
        num_classes (int): The number of classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block. (default: those of the paper)
        strides (tuple[int], optional): The step in time of each block.
            (default: those of the paper)
        num_persons (int, optional): How many persons a clip may have. (default: :obj:`2`)
        attention (bool, optional): The graphs and the attention of AAGCN.
            (default: :obj:`False`)
        kernel_size (int, optional): Frames that a convolution over time sees.
            (default: :obj:`9`)
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
        "aagcn-ntu60": {"skeleton": "ntu25", "num_classes": 60, "attention": True},
        "aagcn-ntu120": {"skeleton": "ntu25", "num_classes": 120, "attention": True},
        "aagcn-nw-ucla": {
            "skeleton": "kinect20",
            "num_classes": 10,
            "num_persons": 1,
            "attention": True,
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
        attention: bool = False,
        kernel_size: int = 9,
        pad_persons: bool = False,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        super().__init__(
            skeleton, config, num_classes, in_channels, num_persons, pad_persons, channels[-1]
        )
        V = skeleton.num_joints
        self.norm = JointBatchNorm(V, in_channels, num_persons)
        self.blocks = torch.nn.Sequential()
        width = in_channels
        for i, (out, stride) in enumerate(zip(channels, strides, strict=True)):
            conv = AdaptiveGraphConv(width, out, skeleton, "tanh" if attention else "softmax")
            temporal = torch.nn.Sequential(
                TemporalConv(out, out, kernel_size, stride), ChannelBatchNorm(out)
            )
            extra = STCAttention(out, V) if attention else None
            block = STBlock(conv, temporal, stride, residual=i > 0, attention=extra)
            for part in (block.temporal, block.down, block.residual):
                if part is not None:
                    kaiming_fan_out(part)
            self.blocks.append(block)
            width = out

    def features(self, x: Tensor, bodies: Bodies) -> Tensor:
        """Returns the features of each joint."""
        return self.blocks(self.norm(x, bodies.person))

    def graph_layers(self) -> list[torch.nn.Module]:
        """Returns the products of joints, block by block: logits, without the physical graph."""
        return [block.conv.similarity for block in self.blocks]  # type: ignore[misc, union-attr]

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Tensor], skeleton: Skeleton | str = "ntu25", **kwargs: Any
    ) -> "AGCN":
        """Builds the network from weights of its authors' one (github.com/lshiwjx/2s-AGCN), with
        or without attention.

        Args:
            state_dict (dict): The weights under the authors' names.
            skeleton (Skeleton or str, optional): The layout that they were trained with.
                (default: :obj:`"ntu25"`)
            **kwargs (optional): Further arguments, :obj:`pad_persons` say.

        Raises:
            ValueError: If weights are missing, unknown, or of another layout.
        """
        skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        shape = numbered_blocks(state_dict, "gcn1.bn.weight", "data_bn.weight", skeleton)
        weights = rename_blocks(state_dict)
        gathered: dict[str, Tensor] = {}
        for i in range(len(shape["channels"])):
            block = f"blocks.{i}"
            for part in ("weight", "bias"):
                pick = [
                    weights.pop(f"{block}.gcn1.conv_{x}.{k}.{part}").flatten(1)
                    if part == "weight"
                    else weights.pop(f"{block}.gcn1.conv_{x}.{k}.{part}")
                    for x in "abd"
                    for k in range(3)
                ]
                gathered[f"{block}.conv.similarity.embed.{part}"] = torch.cat(pick[:6])
                gathered[f"{block}.conv.{part}"] = torch.stack(pick[6:])
            gathered[f"{block}.conv.learned"] = weights.pop(f"{block}.gcn1.PA").transpose(1, 2)
        for name, value in weights.items():
            for pattern, replacement in _NAMES:
                name = re.sub(pattern, replacement, name)
            gathered[name] = value.squeeze(-1) if value.dim() == 4 else value
        attention = "blocks.0.conv.alpha" in gathered
        model = cls(skeleton, attention=attention, **shape, **kwargs)
        load_renamed(model, gathered)
        return model.eval()


_NAMES = (
    (r"^data_bn", "norm"),
    (r"^fc\.", "classifier."),
    (r"\.gcn1\.alpha", ".conv.alpha"),
    (r"\.gcn1\.bn", ".norm"),
    (r"\.gcn1\.down", ".down"),
    (r"\.gcn1\.conv_sa", ".attention.joint"),
    (r"\.gcn1\.conv_ta", ".attention.frame"),
    (r"\.gcn1\.fc1c", ".attention.squeeze"),
    (r"\.gcn1\.fc2c", ".attention.channel"),
    (r"\.tcn1\.conv", ".temporal.0"),
    (r"\.tcn1\.bn", ".temporal.1"),
    (r"\.residual\.conv", ".residual.0"),
    (r"\.residual\.bn", ".residual.1"),
)


def rename_blocks(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Numbers blocks from zero: ``l1.`` becomes ``blocks.0.``."""
    return {
        re.sub(r"^l(\d+)\.", lambda m: f"blocks.{int(m[1]) - 1}.", name): value
        for name, value in state_dict.items()
    }


def numbered_blocks(
    state_dict: Mapping[str, Tensor], width: str, data_norm: str, skeleton: Skeleton
) -> dict[str, Any]:
    """Tells the arguments of a network of blocks ``l1``, ``l2``, … from its weights.

    Raises:
        ValueError: If these are no such weights, or they are of another layout.
    """
    channels: list[int] = []
    while f"l{len(channels) + 1}.{width}" in state_dict:
        channels.append(state_dict[f"l{len(channels) + 1}.{width}"].numel())
    if not channels or data_norm not in state_dict:
        some = ", ".join(sorted(state_dict)[:3])
        raise ValueError(f"expected weights 'l1.{width}', '{data_norm}' and so on, got {some}, …")
    graph = next(v for n, v in state_dict.items() if re.match(r"l1\..*(PA|shared_topology)$", n))
    if graph.size(-1) != skeleton.num_joints:
        raise ValueError(
            f"expected weights for the {skeleton.num_joints} joints of {skeleton.name!r}, got "
            f"{graph.size(-1)}"
        )
    classifier = state_dict.get("decoder.weight", state_dict.get("fc.weight"))
    assert classifier is not None
    return {
        "num_classes": classifier.size(0),
        "channels": tuple(channels),
        "strides": tuple(
            2 if i and channels[i] != channels[i - 1] else 1 for i in range(len(channels))
        ),
    }
