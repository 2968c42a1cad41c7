"""Forward kinematics: from joint rotations to joint positions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from pyg_skeleton.skeleton.skeleton import Skeleton


def forward_kinematics(
    rotations: Tensor,
    offsets: Tensor,
    parents: Sequence[int] | Skeleton,
    root_position: Tensor | None = None,
) -> Tensor:
    r"""Places the joints of a kinematic tree from the rotation of each joint.

    .. math::
        \mathbf{G}_v = \mathbf{G}_{\mathrm{pa}(v)} \mathbf{R}_v, \qquad
        \mathbf{x}_v = \mathbf{x}_{\mathrm{pa}(v)} + \mathbf{G}_{\mathrm{pa}(v)} \mathbf{o}_v

    The rotation :math:`\mathbf{R}_v` of joint :math:`v` is relative to its parent and multiplies
    column vectors; it rotates all descendants of :math:`v` but does not move :math:`v` itself. The
    root has :math:`\mathbf{G} = \mathbf{R}`. Joints of equal depth are computed together, so the
    number of steps is the depth of the tree. Differentiable in all tensors.

    Args:
        rotations (Tensor): The local rotation matrices.
        offsets (Tensor): The vector from the parent to each joint in the rest pose. Its unit is the
            unit of the output.
        parents (Sequence[int] or Skeleton): The parent of each joint in any order, ``-1`` for the
            only root, or a skeleton.
        root_position (Tensor, optional): The position of the root. If :obj:`None`, its offset.
            (default: :obj:`None`)

    Shapes:
        - **rotations:** :math:`(*, V, 3, 3)`
        - **offsets:** :math:`(V, 3)` or :math:`(*, V, 3)`, broadcast against **rotations**
        - **root_position:** :math:`(*, 3)`
        - **output:** :math:`(*, V, 3)`

    Raises:
        ValueError: If a shape does not fit, or **parents** is not a tree with one root.
    """
    listed: Any = getattr(parents, "parents", parents)
    pa = tuple(int(parent) for parent in listed)
    size = len(pa)
    if rotations.dim() < 3 or tuple(rotations.shape[-3:]) != (size, 3, 3):
        raise ValueError(
            f"rotations must be [..., {size}, 3, 3] for {size} parents, got {list(rotations.shape)}"
        )
    if offsets.dim() < 2 or tuple(offsets.shape[-2:]) != (size, 3):
        raise ValueError(
            f"offsets must be [..., {size}, 3] for {size} parents, got {list(offsets.shape)}"
        )
    if root_position is not None and (root_position.dim() < 1 or root_position.size(-1) != 3):
        raise ValueError(f"root_position must be [..., 3], got {list(root_position.shape)}")

    levels = _levels(pa)
    device = rotations.device
    at = torch.tensor(levels[0], device=device)
    turn = rotations.index_select(-3, at)
    place = offsets.index_select(-2, at) if root_position is None else root_position.unsqueeze(-2)
    places = [place + torch.zeros_like(turn[..., 0])]  # broadcasts
    for above, level in pairwise(levels):
        slot = {joint: i for i, joint in enumerate(above)}
        up = torch.tensor([slot[pa[joint]] for joint in level], device=device)
        at = torch.tensor(level, device=device)
        turn = turn.index_select(-3, up)
        bone = turn @ offsets.index_select(-2, at).unsqueeze(-1)
        places.append(places[-1].index_select(-2, up) + bone.squeeze(-1))
        if level is not levels[-1]:
            turn = turn @ rotations.index_select(-3, at)
    lead = places[-1].shape[:-2]
    out = torch.cat([place.expand(*lead, -1, -1) for place in places], dim=-2)
    back = {joint: i for i, joint in enumerate(joint for level in levels for joint in level)}
    return out.index_select(-2, torch.tensor([back[v] for v in range(size)], device=device))


def _levels(parents: tuple[int, ...]) -> list[list[int]]:
    """Returns the joints of each depth of the tree, starting with the root."""
    children: list[list[int]] = [[] for _ in parents]
    roots = []
    for joint, parent in enumerate(parents):
        if parent == -1:
            roots.append(joint)
        elif 0 <= parent < len(parents):
            children[parent].append(joint)
        else:
            raise ValueError(
                f"joint {joint} has parent {parent}, expected -1 or 0 to {len(parents) - 1}"
            )
    if len(roots) != 1:
        raise ValueError(f"parents must have exactly one root (-1), got roots {roots}")
    levels = [roots]
    while level := [child for joint in levels[-1] for child in children[joint]]:
        levels.append(level)
    reached = {joint for level in levels for joint in level}
    if cycle := [joint for joint in range(len(parents)) if joint not in reached]:
        raise ValueError(
            f"parents must be a tree, but the joints {cycle} are not connected to the root"
        )
    return levels
