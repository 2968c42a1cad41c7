"""Joint angles over time, set by the movements."""

from __future__ import annotations

import math

import torch
from torch import Tensor

SIDES = ("left", "right")
PIVOTS: dict[str, str] = {
    "ground": "",
    "pelvis": "ground",
    "spine": "pelvis",
    "chest": "spine",
    "neck": "chest",
    "head": "neck",
    **{f"{side}_shoulder": "chest" for side in SIDES},
    **{f"{side}_elbow": f"{side}_shoulder" for side in SIDES},
    **{f"{side}_wrist": f"{side}_elbow" for side in SIDES},
    **{f"{side}_hip": "pelvis" for side in SIDES},
    **{f"{side}_knee": f"{side}_hip" for side in SIDES},
    **{f"{side}_ankle": f"{side}_knee" for side in SIDES},
}
"""The joints of the actor that turn, each with its parent."""

_PIVOT_ID = {name: i for i, name in enumerate(PIVOTS)}


class Take:
    """Clips of one movement during their synthesis.

    Args:
        seconds (Tensor): The time of each frame, ``[B, T]``.
        habits (Tensor): Uniform numbers that :meth:`draw` returns one by one, ``[B, K]``.
        tempo (Tensor): The factor on all frequencies, ``[B, 1]``.
        amplitude (Tensor): The factor on the size of the movement, ``[B, 1]``.
        starts (Tensor): Uniform numbers for the start of each cycle, ``[B, K]``.
    """

    def __init__(
        self, seconds: Tensor, habits: Tensor, tempo: Tensor, amplitude: Tensor, starts: Tensor
    ) -> None:
        self.seconds, self.tempo, self.amplitude = seconds, tempo, amplitude
        self.angles = seconds.new_zeros(*seconds.shape, len(PIVOTS), 3)
        self.lift = torch.zeros_like(seconds)
        self.main_phase = torch.zeros_like(seconds)
        self._habits, self._starts = iter(habits.T), iter(starts.T)

    def draw(self, low: float, high: float) -> Tensor:
        """Draws one number per clip, ``[B, 1]``."""
        return low + (high - low) * next(self._habits).unsqueeze(1)

    def cycle(self, low: float, high: float) -> Tensor:
        """Returns the phase ``[B, T]`` of a cycle of low to high hertz with a random start."""
        hertz = self.draw(low, high) * self.tempo
        start, own = (next(self._starts).unsqueeze(1) for _ in range(2))
        wobble = 0.05 * hertz.sqrt() * torch.sin(2.0 * self.seconds + 2 * math.pi * own)
        phase = 2 * math.pi * (hertz * self.seconds + start + wobble)
        if not self.main_phase.any():
            self.main_phase = phase
        return phase

    def burst(self, low: float = 0.5, high: float = 1.0) -> Tensor:
        """Returns 1 during the movement and 0 during its pauses, ``[B, T]``."""
        rest = 1 - self.draw(low, high)
        return 1 - pulse(self.cycle(0.12, 0.25), 0.1, (rest - 0.15).clamp(min=0), 0.1) * (
            rest > 0.1
        )

    def bend(
        self,
        joint: str,
        flex: Tensor | float = 0.0,
        side: Tensor | float = 0.0,
        twist: Tensor | float = 0.0,
    ) -> None:
        """Adds degrees to a joint.

        ``flex`` bends forward (a knee: backward), ``side`` away from the body (the trunk: to the
        left), ``twist`` outward (the trunk: to the left).
        """
        limb = joint.startswith(SIDES)
        out = -1.0 if joint.startswith("right") or not limb else 1.0
        front = -1.0 if limb and not joint.endswith("knee") else 1.0
        turn = self.angles[:, :, _PIVOT_ID[joint]]
        for axis, angle in (
            (0, out * side),
            (1, front * flex),
            (2, out * twist if limb else twist),
        ):
            turn[..., axis] += angle

    def scale(self, joint: str, factor: Tensor) -> None:
        """Multiplies the angles of a joint, ``[B, 1]``."""
        self.angles[:, :, _PIVOT_ID[joint]] *= factor.unsqueeze(-1)

    def stand(self, thigh: Tensor | float, knee: Tensor | float, pitch: Tensor | float = 0) -> None:
        """Bends both legs with flat soles, given the angles of thigh and trunk to the vertical."""
        self.bend("pelvis", flex=pitch)
        for side in SIDES:
            self.bend(f"{side}_hip", flex=thigh + pitch)
            self.bend(f"{side}_knee", flex=knee)
            self.bend(f"{side}_ankle", flex=knee - thigh)

    def arm(
        self,
        side: str,
        flex: Tensor | float = 0,
        out: Tensor | float = 0,
        elbow: Tensor | float = 0,
        twist: Tensor | float = 0,
    ) -> None:
        """Bends one arm."""
        self.bend(f"{side}_shoulder", flex=flex, side=out, twist=twist)
        self.bend(f"{side}_elbow", flex=elbow)


def bump(phase: Tensor, center: float, width: float) -> Tensor:
    """Returns a smooth periodic peak of height 1; center and width are fractions of the cycle."""
    return ((torch.cos(phase - 2 * math.pi * center) - 1) / (2 * math.pi * width) ** 2).exp()


def ease(x: Tensor) -> Tensor:
    """Interpolates from 0 to 1 with zero speed and acceleration at both ends."""
    x = x.clamp(0, 1)
    return x * x * x * (x * (6 * x - 15) + 10)


def pulse(
    phase: Tensor, rise: Tensor | float, hold: Tensor | float, fall: Tensor | float
) -> Tensor:
    """Eases from 0 to 1, holds, eases back and rests; durations are fractions of the cycle."""
    u = (phase / (2 * math.pi)) % 1
    return ease(u / rise) - ease((u - rise - hold) / fall)
