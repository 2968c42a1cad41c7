"""An articulated body that provides the joints of any layout."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pyg_skeleton.datasets.actor.take import PIVOTS
from pyg_skeleton.skeleton.kinematics import forward_kinematics
from pyg_skeleton.skeleton.rest_pose import anatomical_point, rest_pose, unknown_joints

if TYPE_CHECKING:
    from pyg_skeleton.skeleton.skeleton import Skeleton

_SOLES = [f"{side}_{point}" for side in ("left", "right") for point in ("heel", "big_toe")]
_GROUPS = {"arm": ("shoulder", "elbow", "wrist"), "leg": ("hip", "knee", "ankle")}


class Body:
    """Computes the joints of a layout from joint angles.

    The body has the joints of :obj:`PIVOTS`. Every joint of the layout with an anatomical name is a
    point on the body, regardless of the bones of the layout. A joint with an unknown name is added
    to the body on the limb of its parent, and swings in its own way.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        rest = rest_pose(skeleton)
        names, parents, places = list(PIVOTS), [], []
        for pivot, parent in PIVOTS.items():
            point = anatomical_point("pelvis" if pivot == "ground" else pivot)
            assert point is not None
            parents.append(names.index(parent) if parent else -1)
            places.append(point[1])
        node: dict[int, int] = {}

        def add(parent: int, place: list[float]) -> int:
            parents.append(parent)
            places.append((place[0], place[1], place[2]))
            return len(parents) - 1

        for joint, name in enumerate(skeleton.joints):
            if (point := anatomical_point(name)) is not None:
                on_pivot = name in PIVOTS and places[names.index(name)] == point[1]
                node[joint] = (
                    names.index(name) if on_pivot else add(names.index(point[0]), list(point[1]))
                )
        self.loose: list[tuple[int, str]] = []
        for joint, (base, _, _) in unknown_joints(skeleton).items():
            up = names.index("pelvis") if base is None else node[base]
            node[joint] = add(up, rest[joint].tolist())
            self.loose.append((node[joint], skeleton.joints[joint]))
        self.soles = []
        for name in _SOLES:
            point = anatomical_point(name)
            assert point is not None
            self.soles.append(add(names.index(point[0]), list(point[1])))

        self.parents = tuple(parents)
        self.read = [node[joint] for joint in range(skeleton.num_joints)]
        where = torch.tensor(places)
        self.offsets = where - where[[max(parent, 0) for parent in parents]]
        carrier = [names[p] if 0 <= p < len(names) else "" for p in parents]
        self.group = torch.tensor(
            [
                next((i for i, limb in enumerate(_GROUPS.values(), 1) if pivot.endswith(limb)), 0)
                for pivot in carrier
            ]
        )

    def mirror(self, angles: Tensor) -> Tensor:
        """Mirrors a movement, as performed by a left-handed person."""
        names = list(PIVOTS)
        other = [names.index(_other_side(name)) for name in names]
        return angles[:, :, other] * angles.new_tensor([-1.0, 1.0, -1.0])

    def play(
        self, angles: Tensor, lift: Tensor, size: Tensor, swing: Tensor, margin: int = 0
    ) -> Tensor:
        """Computes positions above the ground from angles.

        Args:
            angles (Tensor): The rotations about z, x and y of each pivot, in degrees,
                ``[B, T, P, 3]``.
            lift (Tensor): The height of the soles above the ground in meters, ``[B, T]``.
            size (Tensor): The scales of trunk, arms and legs, ``[B, 3]``.
            swing (Tensor): The phase of the joints with unknown names, ``[B, T]``.
            margin (int): The number of frames to cut at both ends.

        Returns:
            Tensor: ``[B, T - 2 * margin, V, 3]`` in meters; in the first frame, the pelvis is above
            the origin.
        """
        turns = _zxy_to_matrix(torch.deg2rad(angles))
        extra = len(self.parents) - len(PIVOTS)
        turns = torch.cat([turns, torch.eye(3).expand(*lift.shape, extra, 3, 3)], dim=2)
        for node, name in self.loose:
            turns[:, :, node] = _own_swing(name, swing)
        offsets = (self.offsets * size[:, self.group].unsqueeze(-1)).unsqueeze(1)
        x = forward_kinematics(turns, offsets, self.parents, turns.new_zeros(3))
        root = self._root(x[:, :, self.soles], lift)
        keep = slice(margin, root.size(1) - margin)
        start = root[:, keep][:, :1] * root.new_tensor([1.0, 0.0, 1.0])
        return x[:, keep, self.read] + (root[:, keep] - start).unsqueeze(2)

    def _root(self, soles: Tensor, lift: Tensor) -> Tensor:
        """Computes the path of the root that keeps the lowest sole at rest on the ground."""
        height = -0.01 * torch.logsumexp(-soles[..., 1] / 0.01, dim=-1)
        held = torch.softmax(-soles[..., 1] / 0.02, dim=-1).unsqueeze(-1)
        step = (held[:, 1:] * soles.diff(dim=1)).sum(2)[..., [0, 2]]
        # A short low-pass filter models inertia in the air and during weight shifts.
        kernel = torch.exp(-0.5 * (torch.arange(-6.0, 7.0) / 2.5).square())
        ends = step[:, :1].expand(-1, 6, -1), step[:, -1:].expand(-1, 6, -1)
        step = torch.cat([ends[0], step, ends[1]], dim=1).unfold(1, 13, 1) @ (kernel / kernel.sum())
        path = torch.cat([torch.zeros_like(step[:, :1]), -step.cumsum(1)], dim=1)
        return torch.stack([path[..., 0], lift - height, path[..., 1]], dim=-1)


def _other_side(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    return "left_" + name.removeprefix("right_") if name.startswith("right_") else name


def _own_swing(name: str, phase: Tensor) -> Tensor:
    """Computes rotations whose axis, angle and delay are derived from the name."""
    draw = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    a, b, c, d = torch.rand(4, generator=draw).tolist()
    angle = math.radians(15 + 25 * a) * torch.sin((1 + (b > 0.6)) * phase + 2 * math.pi * c)
    axis = angle.new_zeros(3)
    axis[int(3 * d)] = 1.0
    return _zxy_to_matrix(angle.unsqueeze(-1) * axis)


def _zxy_to_matrix(angles: Tensor) -> Tensor:
    """Computes ``R_z R_x R_y``: a limb is first rotated about its own length."""
    (cz, cx, cy), (sz, sx, sy) = angles.cos().unbind(-1), angles.sin().unbind(-1)
    rows = [
        cz * cy - sz * sx * sy, -sz * cx, cz * sy + sz * sx * cy,
        sz * cy + cz * sx * sy, cz * cx, sz * sy - cz * sx * cy,
        -cx * sy, sx, cx * cy,
    ]  # fmt: skip
    return torch.stack(rows, dim=-1).view(*angles.shape[:-1], 3, 3)
