"""A long recording of one of the embedded people, who does one thing after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from pyg_skeleton.data import Clip
from pyg_skeleton.datasets.actor.synthetic_motion import SyntheticMotion
from pyg_skeleton.skeleton import Skeleton

#: The seconds in which one movement passes into the next.
_FADE = 0.4


def synthetic_recording(
    movements: Sequence[str] = ("walking", "squatting", "waving", "kicking"),
    seconds: float = 4.0,
    skeleton: str | Skeleton = "ntu25",
) -> Clip:
    """Returns a recording of one of the people of the test split of
    :class:`~pyg_skeleton.datasets.SyntheticMotion`, at 25 frames per second in meters, y up.

    Each movement begins where the last one ended, in the same direction; they pass into each other
    within 0.4 seconds.

    Args:
        movements (sequence of str, optional): The movements, in their order.
            (default: :obj:`("walking", "squatting", "waving", "kicking")`)
        seconds (float, optional): The length of each movement, one second or more.
            (default: :obj:`4.0`)
        skeleton (str or Skeleton, optional): The layout. (default: :obj:`"ntu25"`)

    Raises:
        ValueError: If a movement is unknown or too short.
    """
    if not 1 <= seconds < math.inf:
        raise ValueError(f"expected seconds >= 1, got {seconds}")
    fade = round(_FADE * SyntheticMotion.fps)
    frames = round(seconds * SyntheticMotion.fps) + fade
    people = SyntheticMotion(skeleton, "test", frames, 0, clips_per_class=1, noise=0.005)
    layout = people.skeleton
    parts: list[Tensor] = []
    for movement in movements:
        if movement not in people.classes:
            known = ", ".join(people.classes)
            raise ValueError(f"unknown movement {movement!r}, expected one of {known}")
        part = people.clip(people.classes.index(movement))[0].transpose(0, 1)  # [T, V, 3]
        if parts:
            before = parts[-1]
            part = _follow(part, before[-fade], layout)
            share = torch.linspace(0, 1, fade).view(-1, 1, 1)
            parts[-1] = before[:-fade]
            part = torch.cat([before[-fade:].lerp(part[:fade], share), part[fade:]])
        parts.append(part)
    joints = torch.cat(parts)[: -fade or None]
    return Clip(joints[None], layout, people.fps, unit="m", up="y", name="-".join(movements))


def _follow(part: Tensor, pose: Tensor, layout: Skeleton) -> Tensor:
    """Turns and moves a movement such that it begins where a pose is."""
    hips = [layout.joint_id(f"{side}_hip") for side in ("left", "right")]
    (x, _, z), (u, _, w) = (p[hips[0]] - p[hips[1]] for p in (part[0], pose))
    angle = math.atan2(x, z) - math.atan2(u, w)
    cos, sin = math.cos(angle), math.sin(angle)
    turn = part.new_tensor([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    part = part @ turn
    step = (pose[hips] - part[0, hips]).mean(dim=0)
    step[1] = 0  # the floor stays where it is
    return part + step
