"""The position of each canonical joint on a standing person of average size."""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from pyg_skeleton.skeleton.face_and_hand import CENTER, LEFT, Point

if TYPE_CHECKING:
    from pyg_skeleton.skeleton.skeleton import Skeleton

# name: (the pivot that carries it, its place in meters). Paired joints are given for the left side.
_CENTER: dict[str, tuple[str, Point]] = {
    "pelvis": ("pelvis", (0.0, 0.93, 0.0)),
    "lower_back": ("pelvis", (0.0, 1.02, -0.01)),
    "lumbar": ("pelvis", (0.0, 1.07, -0.01)),
    "spine": ("spine", (0.0, 1.12, -0.02)),
    "chest": ("chest", (0.0, 1.26, -0.02)),
    "thorax": ("chest", (0.0, 1.40, -0.02)),
    "neck": ("neck", (0.0, 1.46, -0.01)),
    "upper_neck": ("neck", (0.0, 1.51, 0.0)),
    "jaw": ("head", (0.0, 1.51, 0.08)),
    "head": ("head", (0.0, 1.59, 0.02)),
    "nose": ("head", (0.0, 1.58, 0.11)),
    "head_top": ("head", (0.0, 1.73, 0.01)),
    **CENTER,
}
_LEFT: dict[str, tuple[str, Point]] = {
    **LEFT,
    "eye": ("head", (0.033, 1.62, 0.095)),
    "eye_inner": ("head", (0.02, 1.62, 0.097)),
    "eye_outer": ("head", (0.046, 1.62, 0.085)),
    "mouth": ("head", (0.025, 1.54, 0.095)),
    "ear": ("head", (0.075, 1.60, 0.01)),
    "collar": ("chest", (0.06, 1.39, -0.01)),
    "shoulder": ("shoulder", (0.18, 1.40, -0.02)),
    "elbow": ("elbow", (0.21, 1.11, -0.03)),
    "wrist": ("wrist", (0.22, 0.86, 0.0)),
    "hand": ("wrist", (0.225, 0.78, 0.02)),
    "index": ("wrist", (0.225, 0.74, 0.03)),
    "pinky": ("wrist", (0.225, 0.77, -0.03)),
    "hand_tip": ("wrist", (0.225, 0.69, 0.03)),
    "thumb": ("wrist", (0.21, 0.80, 0.05)),
    "thumb_tip": ("wrist", (0.20, 0.76, 0.08)),
    "hip_base": ("pelvis", (0.03, 0.92, 0.0)),
    "hip": ("hip", (0.09, 0.91, 0.0)),
    "knee": ("knee", (0.10, 0.50, 0.01)),
    "ankle": ("ankle", (0.10, 0.09, -0.03)),
    "heel": ("ankle", (0.10, 0.02, -0.08)),
    "foot": ("ankle", (0.105, 0.025, 0.10)),
    "big_toe": ("ankle", (0.10, 0.02, 0.17)),
    "small_toe": ("ankle", (0.14, 0.02, 0.12)),
}
_ALIASES = {
    "root": "pelvis",
    "hips": "pelvis",
    "mid_hip": "pelvis",
    "torso": "spine",
    "belly": "spine",
    "spine_shoulder": "thorax",
    "head_site": "head_top",
    "toe": "big_toe",
    "toe_tip": "big_toe",
    "toe_base": "foot",
    "clavicle": "collar",
    "hand_end": "hand_tip",
    "finger": "hand_tip",
}
# Suffixes of joints that a corpus holds more than once.
_SUFFIXES = ("_lsp", "_mpii", "_coco")
_ARM = ("shoulder", "elbow", "wrist")


def anatomical_point(joint: str) -> tuple[str, Point] | None:
    """Returns the pivot that moves a joint and its position, or None if it is unknown."""
    for suffix in _SUFFIXES:
        joint = joint.removesuffix(suffix)
    side, _, base = joint.partition("_")
    if side in ("left", "right"):
        point = _LEFT.get(_ALIASES.get(base, base))
        if point is None:
            return None
        pivot, (x, y, z) = point
        pivot = pivot if pivot in _CENTER else f"{side}_{pivot}"
        return pivot, (x if side == "left" else -x, y, z)
    return _CENTER.get(_ALIASES.get(joint, joint))


def rest_pose(skeleton: Skeleton, spread: float = 0.0) -> Tensor:
    r"""Returns the rest pose of a layout: a standing person of average size.

    Joints are placed by their names. A joint with an unknown name extends the limb of its parent,
    with siblings side by side and mirror pairs symmetric, so every layout has a rest pose.

    Args:
        skeleton (Skeleton): The layout.
        spread (float, optional): The angle by which the arms are raised sideways, in degrees.
            (default: :obj:`0.0`)

    Shapes:
        - **output:** :math:`(V, 3)` in meters: x to the person's left, y up, z to the front; the
          soles stand on :math:`y = 0` and the pelvis above the origin
    """
    places: dict[int, Point] = {}
    for joint, name in enumerate(skeleton.joints):
        if (point := anatomical_point(name)) is not None:
            places[joint] = _lift(point, spread)
    partner = {a: b for pair in skeleton.mirror for a, b in (pair, pair[::-1])}
    unknown = unknown_joints(skeleton)
    for joint, (base, before, rank) in unknown.items():
        if base is None:
            places[joint] = _CENTER["pelvis"][1]
            continue
        twin = partner.get(joint, joint)
        if twin in places and twin in unknown and unknown[twin][0] == partner.get(base, base):
            x, y, z = places[twin]
            places[joint] = (-x, y, z)
            continue
        start = places[base]
        along = (0.0, 1.0, 0.0)
        if before is not None and places[before] != start:
            end = places[before]
            along = (start[0] - end[0], start[1] - end[1], start[2] - end[2])
        length = math.hypot(*along)
        size = min(max(0.7 * length, 0.05), 0.25) if before is not None else 0.2
        fan = math.radians(35.0 * (-1) ** rank * ((rank + 1) // 2))
        x, y, z = (a / length for a in along)
        x, y = x * math.cos(fan) - y * math.sin(fan), x * math.sin(fan) + y * math.cos(fan)
        places[joint] = (start[0] + size * x, start[1] + size * y, start[2] + size * z)
    return torch.tensor([places[joint] for joint in range(skeleton.num_joints)])


def unknown_joints(skeleton: Skeleton) -> dict[int, tuple[int | None, int | None, int]]:
    """Returns the joints without an anatomical name, those closest to the known ones first.

    Each entry holds the joint it is attached to (None for the first joint of a layout without any
    known name), the joint before that one, and its rank among the unknown siblings.
    """
    near: dict[int, list[int]] = {joint: [] for joint in range(skeleton.num_joints)}
    for a, b in skeleton.bones:
        near[a].append(b)
        near[b].append(a)
    known = [j for j, name in enumerate(skeleton.joints) if anatomical_point(name) is not None]
    found: dict[int, tuple[int | None, int | None, int]] = {}
    before: dict[int, int | None] = dict.fromkeys(known)
    for joint in known:
        before[joint] = next((other for other in near[joint] if other in before), None)
    if not known:
        found[skeleton.root] = (None, None, 0)
        known, before = [skeleton.root], {skeleton.root: None}
    queue = deque(known)
    while queue:
        base = queue.popleft()
        for rank, joint in enumerate(j for j in near[base] if j not in before):
            before[joint] = base
            found[joint] = (base, before[base], rank)
            queue.append(joint)
    return found


def _lift(point: tuple[str, Point], degrees: float) -> Point:
    """Rotates the points of an arm about its shoulder, in the frontal plane."""
    pivot, (x, y, z) = point
    if degrees == 0 or not pivot.endswith(_ARM):
        return x, y, z
    _, (x0, y0, _) = _LEFT["shoulder"]
    side = math.copysign(1.0, x)
    angle = math.radians(degrees)
    dx, dy = side * x - x0, y - y0
    return (
        side * (x0 + dx * math.cos(angle) - dy * math.sin(angle)),
        y0 + dx * math.sin(angle) + dy * math.cos(angle),
        z,
    )
