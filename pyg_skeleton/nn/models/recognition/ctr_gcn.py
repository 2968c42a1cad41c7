import re
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.st_block import STBlock, kaiming_fan_out
from pyg_skeleton.nn.conv.ctrg_conv import CTRGConv
from pyg_skeleton.nn.models.recognition.agcn import numbered_blocks, rename_blocks
from pyg_skeleton.nn.models.recognition.model import (
    TEN_CHANNELS,
    TEN_STRIDES,
    Bodies,
    RecognitionModel,
    load_renamed,
)
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.norm import JointBatchNorm
from pyg_skeleton.nn.temporal import MultiScaleTemporalConv
from pyg_skeleton.skeleton import Skeleton


@register_model("ctr_gcn")
class CTRGCN(RecognitionModel):
    r"""The channel-wise topology refinement network, from the `"Channel-wise Topology Refinement
    Graph Convolution for Skeleton-Based Action Recognition" <https://arxiv.org/abs/2107.12213>`_
    paper.

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`, :obj:`"nw-ucla"`, and :obj:`"nw-ucla-small"` for two
    cores.

    Args:
        skeleton (Skeleton): The layout.
        num_classes (int): The number of classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block, multiples of 4 and, but for the
            last, at least 8. (default: those of the paper)
        strides (tuple[int], optional): The step in time of each block.
            (default: those of the paper)
        num_persons (int, optional): How many persons a clip may have. (default: :obj:`2`)
        dropout (float, optional): Dropout probability before the classifier.
            (default: :obj:`0.0`)
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
        "nw-ucla-small": {
            "skeleton": "kinect20",
            "num_classes": 10,
            "num_persons": 1,
            "channels": (32, 32, 64, 64, 128, 128),
            "strides": (1, 1, 2, 1, 2, 1),
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
        dropout: float = 0.0,
        pad_persons: bool = False,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        super().__init__(
            skeleton, config, num_classes, in_channels, num_persons, pad_persons, channels[-1]
        )
        self.norm = JointBatchNorm(skeleton.num_joints, in_channels, num_persons)
        self.dropout = torch.nn.Dropout(dropout)
        self.blocks = torch.nn.Sequential()
        width = in_channels
        for i, (out, stride) in enumerate(zip(channels, strides, strict=True)):
            temporal = MultiScaleTemporalConv(out, out, stride=stride)
            block = STBlock(CTRGConv(width, out, skeleton), temporal, stride, residual=i > 0)
            for part in (block.temporal, block.down, block.residual):
                if part is not None:
                    kaiming_fan_out(part)
            for module in temporal.modules():
                if isinstance(module, torch.nn.BatchNorm1d):
                    torch.nn.init.normal_(module.weight, 1.0, 0.02)
            self.blocks.append(block)
            width = out

    def features(self, x: Tensor, bodies: Bodies) -> Tensor:
        """Returns the features of each joint."""
        return self.blocks(self.norm(x, bodies.person))

    def classify(self, h: Tensor) -> Tensor:
        """Returns the logits."""
        return self.classifier(self.dropout(h))

    def graph_layers(self) -> list[torch.nn.Module]:
        """Returns the refinements, block by block, without the shared graph."""
        return [block.conv.refinement for block in self.blocks]  # type: ignore[misc, union-attr]

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Tensor], skeleton: Skeleton | str = "ntu25", **kwargs: Any
    ) -> "CTRGCN":
        """Builds the network from weights of its authors' one (github.com/Uason-Chen/CTR-GCN).

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
                    weights.pop(f"{block}.gcn1.convs.{k}.conv{j}.{part}").flatten(1)
                    if part == "weight"
                    else weights.pop(f"{block}.gcn1.convs.{k}.conv{j}.{part}")
                    for j in (1, 2, 3, 4)
                    for k in range(3)
                ]
                gathered[f"{block}.conv.refinement.embed.{part}"] = torch.cat(pick[:6])
                gathered[f"{block}.conv.{part}"] = torch.stack(pick[6:9])
                gathered[f"{block}.conv.refinement.{part}"] = torch.stack(pick[9:])
            gathered[f"{block}.conv.shared"] = weights.pop(f"{block}.gcn1.PA")
            gathered |= gather_branches(weights, f"{block}.tcn1", f"{block}.temporal")
        for name, value in weights.items():
            for pattern, replacement in _NAMES:
                name = re.sub(pattern, replacement, name)
            gathered[name] = value.squeeze(-1) if value.dim() == 4 else value
        width = gathered["norm.weight"].numel() // skeleton.num_joints
        channels = gathered["blocks.0.conv.weight"].size(2)
        model = cls(
            skeleton, in_channels=channels, num_persons=width // channels, **shape, **kwargs
        )
        load_renamed(model, gathered)
        return model.eval()


_NAMES = (
    (r"^data_bn", "norm"),
    (r"^fc\.", "classifier."),
    (r"\.gcn1\.alpha", ".conv.alpha"),
    (r"\.gcn1\.bn", ".norm"),
    (r"\.gcn1\.down", ".down"),
    (r"\.residual\.conv", ".residual.0"),
    (r"\.residual\.bn", ".residual.1"),
)


def gather_branches(weights: dict[str, Tensor], source: str, target: str) -> dict[str, Tensor]:
    """Takes the four branches of a multi-scale temporal convolution out of the authors' weights."""
    out: dict[str, Tensor] = {}

    def take(name: str) -> Tensor:
        value = weights.pop(f"{source}.branches.{name}")
        return value.squeeze(-1) if value.dim() == 4 else value

    for part in ("weight", "bias"):
        out[f"{target}.squeeze.{part}"] = torch.cat([take(f"{b}.0.{part}") for b in range(3)])
        out[f"{target}.point.{part}"] = take(f"3.0.{part}")
        for b in range(2):
            out[f"{target}.convs.{b}.{part}"] = take(f"{b}.3.conv.{part}")
    for name in ("squeeze", "point"):
        out[f"{target}.{name}.weight"] = out[f"{target}.{name}.weight"].flatten(1)
    for part in ("weight", "bias", "running_mean", "running_var"):
        out[f"{target}.squeeze_norm.{part}"] = torch.cat([take(f"{b}.1.{part}") for b in range(3)])
        last = ("0.3.bn", "1.3.bn", "2.4", "3.1")
        out[f"{target}.norm.{part}"] = torch.cat([take(f"{name}.{part}") for name in last])
    for name in [n for n in weights if n.startswith(f"{source}.") and "num_batches" in n]:
        weights.pop(name)
    return out
