from collections.abc import Sequence
from itertools import chain
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.units import ResidualBlock
from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import BodyGraph, GraphLike, Skeleton

#: The parts of the named layouts that form a group; any other part is one by itself.
_GROUPS = {
    "trunk": ("torso", "head"),
    **{f"{side}_arm": (f"{side}_upper_arm", f"{side}_forearm") for side in ("left", "right")},
    **{f"{side}_leg": (f"{side}_thigh", f"{side}_crus") for side in ("left", "right")},
}


class SplitRecombine(torch.nn.Module):
    r"""The layer of :class:`SRNet`: each group of features is scaled by one number that the others
    give, and passes a linear layer of its own.

    .. math::
        \mathbf{h}_g = \mathbf{W}_g \left( \sigma \left( \mathrm{BN} \left(
        \mathbf{u}_g^{\top} \mathbf{x}_{\setminus g} + b_g \right) \right) \mathbf{x}_g \right)

    Args:
        sizes (sequence of int): The number of input features of each group.
        widths (sequence of int): The number of output features of each group.
        of_joints (bool, optional): Whether its input or output are joints, so that its weights only
            make sense on one layout. (default: :obj:`False`)

    Shapes:
        - **input:** :math:`(B, \sum_g C_g)`, the groups one after the other
        - **output:** :math:`(B, \sum_g D_g)`
    """

    def __init__(
        self, sizes: Sequence[int], widths: Sequence[int], of_joints: bool = False
    ) -> None:
        super().__init__()
        self.sizes = list(sizes)
        self.gates = torch.nn.ModuleList(
            torch.nn.Sequential(torch.nn.Linear(sum(sizes) - size, 1), torch.nn.BatchNorm1d(1))
            for size in sizes
        )
        self.groups = torch.nn.ModuleList(
            torch.nn.Linear(size, width, bias=False)
            for size, width in zip(sizes, widths, strict=True)
        )
        for name, weight in self.gates.named_parameters():
            if name.endswith("0.weight"):
                torch.nn.init.zeros_(weight)
        layers = (*self.gates.named_parameters("gates"), *self.groups.named_parameters("groups"))
        names = [name for name, weight in layers if of_joints and weight.dim() > 1]
        self.per_joint: dict[str, int | None] = dict.fromkeys(names)

    def forward(self, x: Tensor) -> Tensor:
        """Scales the groups by what the others say, and maps them."""
        parts = torch.split(x, self.sizes, dim=1)
        out = []
        for g, (gate, group) in enumerate(zip(self.gates, self.groups, strict=True)):
            others = torch.cat([*parts[:g], *parts[g + 1 :]], dim=1)
            out.append(group(gate(others).sigmoid() * parts[g]))
        return torch.cat(out, dim=1)


@register_model("sr_net")
class SRNet(LiftingModel):
    r"""The network of the `"SRNet: Improving Generalization in 3D Human Pose Estimation with a
    Split-and-Recombine Approach" <https://arxiv.org/abs/2007.09389>`_ paper, which Skeletal-GNN is
    compared with.

    A fully connected network like :class:`MartinezMLP` whose layers are :class:`SplitRecombine`:
    the trunk with the head, each arm and each leg are groups, and the root belongs to all of them.
    Channels are shared out by the number of joints. As in the authors' code, a gate is a scalar
    that multiplies (the paper also adds and concatenates), the first gates are one half, and the
    LeakyReLU has slope 0.01. There, each group predicts the root, too, and one answer is used; here
    only the trunk does.

    Args:
        skeleton (BodyGraph or str): The layout, or a graph with parts.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width of all groups together. (default: :obj:`1024`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`2`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`

    Raises:
        ValueError: If the graph has fewer than two groups, or a group would have no channel.

    Example:
        >>> model = SRNet("h36m17").eval()
        >>> model(model.skeleton.to_data(torch.randn(17, 2))).shape  # joints, channels
        torch.Size([17, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {"paper": {"skeleton": "h36m17"}}
    reads: Tensor  #: The joints that the groups read, one after the other.
    answers: Tensor  #: Where each joint's answer is.

    def __init__(
        self,
        skeleton: GraphLike,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 1024,
        num_blocks: int = 2,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(skeleton, in_channels)
        self.out_channels = out_channels
        own = body_groups(self.skeleton)
        if len(own) < 2:
            raise ValueError(f"SRNet needs a graph with parts, got {self.skeleton!r}")
        root = self.skeleton.root if isinstance(self.skeleton, Skeleton) else None
        seen = [g if root is None or root in g else [root, *g] for g in own]
        sizes = [len(group) for group in seen]
        widths = [hidden_channels * size // sum(sizes) for size in sizes]
        widths[-1] += hidden_channels - sum(widths)
        if min(widths) < 1:
            raise ValueError(
                f"expected hidden_channels that {len(own)} groups of {sizes} joints can share, "
                f"got {hidden_channels}"
            )
        reads, writes = (torch.tensor(list(chain(*groups))) for groups in (seen, own))
        self.register_buffer("reads", reads, persistent=False)
        self.register_buffer("answers", writes.argsort(), persistent=False)
        C, D, H = in_channels, out_channels, hidden_channels

        def unit(channels: Sequence[int], of_joints: bool = False) -> torch.nn.Sequential:
            return torch.nn.Sequential(
                SplitRecombine(channels, widths, of_joints),
                torch.nn.BatchNorm1d(H),
                torch.nn.LeakyReLU(0.01),
                torch.nn.Dropout(dropout),
            )

        self.input = unit([C * size for size in sizes], of_joints=True)
        self.blocks = torch.nn.ModuleList(
            ResidualBlock(unit(widths), unit(widths)) for _ in range(num_blocks)
        )
        self.output = SplitRecombine(widths, [D * len(group) for group in own], of_joints=True)

    def forward_poses(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        r"""The forward pass on a plain tensor :math:`(B \cdot V, C)`, for export."""
        poses = x.reshape(-1, self.skeleton.num_joints, x.size(-1))
        h = self.input(poses[:, self.reads].flatten(1))
        for block in self.blocks:
            h = block(h)
        out = self.output(h).view(h.size(0), -1, self.out_channels)
        return out[:, self.answers].flatten(0, 1)


def body_groups(skeleton: BodyGraph) -> list[list[int]]:
    """Returns the joints of each group: the trunk with the head, arms, legs, and other parts."""
    parts = {name: list(joints) for name, joints in skeleton.parts.items()}
    groups = [list(chain(*(parts.pop(name, []) for name in names))) for names in _GROUPS.values()]
    return [group for group in (*groups, *parts.values()) if group]
