"""Hides body parts at random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import as_graph, by_body, need_frames

_LIMBS = ("left_arm", "right_arm", "left_leg", "right_leg")
# In the order of these limbs and then the trunk, as in the authors' code: neck and pelvis are in
# several parts, and no part has the feet of body25.
_CODT = {
    "ntu25": "4 5 6 7 21 22, 8 9 10 11 23 24, 12 13 14 15, 16 17 18 19, 2 3 0 1 20",
    "shared15": "5 6 7, 2 3 4, 12 13 14, 9 10 11, 0 1 8",
    "openpose18": "5 6 7 1, 2 3 4 1, 11 12 13 1, 8 9 10 1, 0 14 15 16 17",
    "body25": "5 6 7 1, 2 3 4 1, 8 12 13 14, 8 9 10 11, 0 15 16 17 18",
}


@functional_transform("part_mask")
class PartMask(SkeletonTransform):
    r"""Hides each part of the body in each frame with some probability, as the `"Collaborating
    Domain-shared and Target-specific Feature Clustering for Cross-domain 3D Action Recognition"
    <https://arxiv.org/abs/2207.09767>`_ paper does (functional name: :obj:`part_mask`).

    Persons, frames and parts are independent. All channels of a hidden joint are zero; it is not
    marked in `visible`. A joint of several parts is hidden if one of them is, a joint of no part
    never.

    Args:
        skeleton (Skeleton or str): The layout of the clips, or its name.
        probability (float, optional): The probability that a part is hidden: 0.3 in the paper, 0.1
            in the authors' code. (default: :obj:`0.3`)
        parts (dict, optional): The joints of each part by its name, as names or positions; by
            default the parts of the layout. Those of the paper are :func:`codt_parts`.
            (default: :obj:`None`)

    Raises:
        ValueError: If the probability is not between 0 and 1, there are no parts, or a joint does
            not exist.
    """

    def __init__(
        self,
        skeleton: Skeleton | str,
        probability: float = 0.3,
        parts: Mapping[str, Iterable[int | str]] | None = None,
    ) -> None:
        if not 0 <= probability <= 1:
            raise ValueError(f"probability must be from 0 to 1, got {probability}")
        self.skeleton: Skeleton = as_graph(skeleton)
        self.probability = probability
        self.parts = _read_parts(self.skeleton, self.skeleton.parts if parts is None else parts)
        # [V, P]: 1 where a joint belongs to a part.
        self._member = torch.zeros(self.skeleton.num_joints, len(self.parts))
        for part, joints in enumerate(self.parts.values()):
            self._member[list(joints), part] = 1.0

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Hides parts in the frames of a clip."""
        frames = need_frames(data, "PartMask")
        bodies = by_body(data.x, self.skeleton.num_joints, "PartMask")
        size = (bodies.size(0), len(self.parts), frames)
        hidden = torch.rand(size).to(data.x.device) < self.probability
        gone = mask_joints(hidden, self._member.to(data.x.device))
        data.x = bodies.masked_fill(gone.unsqueeze(-1), 0.0).view_as(data.x)
        return data


def mask_joints(hidden: Tensor, member: Tensor) -> Tensor:
    r"""Returns the joints of which a part is hidden.

    Shapes:
        - **hidden:** :math:`(M, P, T)`, true where a part is hidden
        - **member:** :math:`(V, P)`, 1 where a joint is in a part
        - **output:** :math:`(M, V, T)`
    """
    return member @ hidden.to(member.dtype) > 0


def codt_parts(skeleton: Skeleton | str) -> dict[str, tuple[int, ...]]:
    """Returns the two arms, two legs and the trunk of a layout, for :class:`PartMask`.

    For :obj:`"ntu25"`, :obj:`"shared15"`, :obj:`"openpose18"` and :obj:`"body25"` these are the
    lists of CoDT's code, in which parts overlap and the feet of :obj:`"body25"` are in none. For
    any other layout with the ten parts of Sym-GNN, upper arm and forearm are an arm, thigh and crus
    a leg, and the rest is the trunk.

    Args:
        skeleton (Skeleton or str): The layout, or its name.

    Raises:
        ValueError: If the layout is another one and has no such parts.
    """
    skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
    names = (*_LIMBS, "trunk")
    if skeleton.name in _CODT and skeleton == Skeleton.get(skeleton.name):
        lists = _CODT[skeleton.name].split(", ")
        return {n: tuple(map(int, ids.split())) for n, ids in zip(names, lists, strict=True)}
    out: dict[str, tuple[int, ...]] = dict.fromkeys(names, ())
    for part, joints in skeleton.parts.items():
        limb = part.replace("upper_arm", "arm").replace("forearm", "arm")
        limb = limb.replace("thigh", "leg").replace("crus", "leg")
        name = limb if limb in _LIMBS else "trunk"
        out[name] = (*out[name], *joints)
    out = {name: tuple(sorted(joints)) for name, joints in out.items() if joints}
    if len(out) < 2:
        raise ValueError(
            f"{skeleton.name!r} has no arms or legs among its parts: "
            f"{', '.join(skeleton.parts) or 'none'}"
        )
    return out


def _read_parts(
    skeleton: Skeleton, parts: Mapping[str, Iterable[int | str]]
) -> dict[str, tuple[int, ...]]:
    if not parts:
        raise ValueError(f"PartMask needs parts, {skeleton.name!r} has none")
    out = {}
    for part, joints in parts.items():
        ids = [skeleton.joint_id(j) if isinstance(j, str) else int(j) for j in joints]
        if any(not 0 <= j < skeleton.num_joints for j in ids):
            raise ValueError(
                f"part {part!r} has joints {ids}, {skeleton.name!r} has {skeleton.num_joints}"
            )
        out[part] = tuple(ids)
    return out
