"""Batched synthesis of clips, from people and random numbers to positions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from pyg_skeleton.datasets.actor.body import Body
from pyg_skeleton.datasets.actor.manner import perform
from pyg_skeleton.datasets.actor.movements import MOVEMENTS
from pyg_skeleton.datasets.actor.people import NUM_HABITS, Person, Style
from pyg_skeleton.datasets.actor.take import PIVOTS, Take

_PIVOTS = list(PIVOTS)
_NUM_STARTS = 12
_MARGIN = 8
_LOOSE = [_PIVOTS.index(p) for p in PIVOTS if not p.endswith(("ground", "hip", "knee", "ankle"))]


def film(
    body: Body,
    movements: Sequence[str],
    people: Sequence[Person],
    draws: Sequence[np.random.Generator],
    num_frames: int,
    fps: float,
    style: Style,
    noise: float,
    spots: Tensor,
) -> Tensor:
    """Synthesizes one clip per row of movements, people, random numbers and places.

    Returns:
        Tensor: ``[rows, T, V, 3]`` in meters.
    """

    def column(values: Sequence[object]) -> Tensor:
        return torch.from_numpy(np.asarray(values)).float()

    kinds = [list(MOVEMENTS).index(name) for name in movements]
    uniform = column([draw.random(NUM_HABITS + _NUM_STARTS + 2) for draw in draws])
    own, starts, view = uniform[:, :NUM_HABITS], uniform[:, NUM_HABITS:-2], uniform[:, -2:]
    usual = column([person.habits[kind] for person, kind in zip(people, kinds, strict=True)])
    habits = (own + usual) / 2
    normal = column([draw.standard_normal(4) for draw in draws])
    sway = column([draw.standard_normal((4, len(_LOOSE), 3)) for draw in draws])
    shake = column(
        [draw.standard_normal((num_frames, len(body.read), 3), np.float32) for draw in draws]
    )

    tempo = column([[p.tempo] for p in people]) * style.tempo * (0.05 * normal[:, :1]).exp()
    size = column([[p.amplitude] for p in people]) * style.amplitude
    size = size * (0.06 * normal[:, 1:2]).exp()
    seconds = (torch.arange(num_frames + 2 * _MARGIN) / fps).repeat(len(movements), 1)
    angles = seconds.new_zeros(*seconds.shape, len(PIVOTS), 3)
    lift, swing = torch.zeros_like(seconds), torch.zeros_like(seconds)
    for name in dict.fromkeys(movements):
        rows = torch.tensor([row for row, other in enumerate(movements) if other == name])
        take = Take(seconds[rows], habits[rows], tempo[rows], size[rows], starts[rows])
        perform(name, take)
        angles[rows], lift[rows], swing[rows] = take.angles, take.lift, take.main_phase

    # People never stand perfectly still: the upper body sways slowly.
    slow = (
        2 * math.pi * (0.3 + 0.06 * sway[:, 2].clamp(-3, 3)).unsqueeze(1) * seconds[..., None, None]
    )
    sway = sway.unsqueeze(1)
    angles[:, :, _LOOSE] += 0.9 * (sway[:, :, 0] * slow.sin() + sway[:, :, 1] * slow.cos())
    for joint, share in (("spine", 0.5), ("chest", 0.5), ("neck", 0.4)):
        angles[:, :, _PIVOTS.index(joint), 1] += share * style.stoop
    left = view[:, 0] < column([person.left_handed for person in people])
    angles[left] = body.mirror(angles[left])
    angles[:, :, 0, 2] += 120 * (view[:, 1:] - 0.5)

    people_size = column([person.size for person in people])
    x = body.play(angles, lift, people_size, swing, _MARGIN)
    floor = torch.stack([0.1 * normal[:, 2], torch.zeros(len(normal)), 0.1 * normal[:, 3]], dim=-1)
    return x + (floor + spots)[:, None, None] + noise * style.noise * shake
