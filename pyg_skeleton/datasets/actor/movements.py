"""The movements of the embedded data set, as joint angles over time.

Each movement is defined for a right-handed person, in degrees. Angles are low-order Fourier series
or repeated eased key poses, so they are smooth and all windows differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from pyg_skeleton.datasets.actor.take import SIDES, Take, bump, ease, pulse


def _gait(
    t: Take,
    phase: Tensor,
    hip: tuple[float, Tensor],
    knee: tuple[Tensor, Tensor],
    arm: Tensor,
    elbow: tuple[Tensor, Tensor],
) -> None:
    """Moves legs and arms for walking and running; phase 0 is the right heel strike."""
    for side, own in (("right", phase), ("left", phase + math.pi)):
        swing = torch.cos(own)
        t.bend(f"{side}_hip", flex=hip[0] + hip[1] * (swing + 0.12 * torch.cos(2 * own + 0.6)))
        stance, lift = knee
        bent = stance * bump(own, 0.13, 0.08) + lift * bump(own, 0.71, 0.11)
        t.bend(f"{side}_knee", flex=bent)
        toes = 9 * bump(own, 0.42, 0.1) - 20 * bump(own, 0.6, 0.07) + 4 * bump(own, 0.95, 0.08)
        t.bend(f"{side}_ankle", flex=toes)
        t.arm(side, flex=-arm * swing, elbow=elbow[0] - elbow[1] * swing)
    t.bend("pelvis", twist=0.18 * hip[1] * torch.cos(phase), side=2.5 * torch.sin(phase - 0.6))
    t.bend("chest", twist=-0.3 * arm * torch.cos(phase), side=-2 * torch.sin(phase - 0.6))


def walking(t: Take) -> None:
    """Walking, from a stroll to a brisk walk."""
    phase, size = t.cycle(0.75, 1.35), t.amplitude
    arm, elbow = t.draw(6, 32) * size, t.draw(0, 70)
    _gait(
        t,
        phase,
        (7, t.draw(17, 29) * size),
        (t.draw(8, 18), t.draw(48, 66) * size),
        arm,
        (elbow, arm / 2),
    )
    t.bend("ground", twist=t.draw(-15, 15) * t.seconds)
    t.bend("spine", flex=t.draw(0, 6))


def running(t: Take) -> None:
    """Running, from a jog to a fast run."""
    phase, size = t.cycle(1.0, 1.4), t.amplitude.clamp(max=1.2)
    arm, elbow = t.draw(10, 38) * size, t.draw(30, 90)
    hip, knee = (13, t.draw(20, 36) * size), (t.draw(14, 28), t.draw(54, 92) * size)
    _gait(t, phase, hip, knee, arm, (elbow, arm / 3))
    t.bend("ground", twist=t.draw(-20, 20) * t.seconds)
    t.bend("pelvis", flex=4.0)
    t.bend("spine", flex=t.draw(0, 8))
    t.lift += t.draw(0.015, 0.07) * size * torch.cos(phase).square()


def waving(t: Take) -> None:
    """Waving with one raised arm, the forearm moving from side to side."""
    phase, on, size = t.cycle(0.7, 1.8), t.burst(), t.amplitude
    out, flex = t.draw(40, 120), t.draw(0, 60)
    sway = t.draw(12, 32) * size * torch.cos(phase)
    t.arm("right", flex * on, out * on, on * (t.draw(65, 105) + sway), on * t.draw(50, 95))
    t.bend("right_wrist", side=on * 0.6 * sway)
    t.bend("chest", side=on * (t.draw(0, 5) + 0.08 * sway))


def _punch(t: Take, side: str, out: Tensor, reach: Tensor, guard: Tensor) -> None:
    """Moves one arm from the guard (out = 0) to its full reach (out = 1)."""
    t.arm(
        side,
        flex=guard * (30 + (reach - 30) * out),
        out=guard * (22 - 14 * out),
        elbow=guard * (118 - 108 * out),
        twist=guard * (-25 - 20 * out),
    )
    turn = 24 if side == "right" else -24
    t.bend("spine", twist=0.5 * turn * out, flex=3 * out)
    t.bend("chest", twist=0.7 * turn * out)


def _stagger(t: Take, on: Tensor) -> None:
    """Puts the left foot in front, the stance of a right-handed fighter."""
    step = t.draw(0, 18) * on
    for side, front in (("left", 1.0), ("right", -1.0)):
        t.bend(f"{side}_hip", flex=front * step + 8 * on, side=4 * on)
        t.bend(f"{side}_knee", flex=16 * on)
        t.bend(f"{side}_ankle", flex=8 * on - front * step)


def punching(t: Take) -> None:
    """Punching repeatedly with one fist."""
    phase, on, size = t.cycle(0.5, 1.05), t.burst(), t.amplitude
    out = pulse(phase, t.draw(0.2, 0.28), t.draw(0.02, 0.1), t.draw(0.24, 0.36)) * on
    _punch(t, "right", out * size.clamp(max=1.1), t.draw(70, 105), on)
    _punch(t, "left", torch.zeros_like(out), t.draw(70, 105), on * t.draw(0.2, 1.0))
    _stagger(t, on)


def boxing(t: Take) -> None:
    """Boxing with alternating fists on springy legs."""
    phase, on, size = t.cycle(0.6, 1.1), t.burst(), t.amplitude
    reach, lead = t.draw(70, 100), t.draw(0.4, 0.6)
    for side, own in (("right", phase), ("left", phase + 2 * math.pi * lead)):
        out = pulse(own, t.draw(0.2, 0.27), t.draw(0.02, 0.08), t.draw(0.22, 0.32)) * on
        _punch(t, side, out * size.clamp(max=1.1), reach, on)
    bounce = t.draw(0, 5) * on * (1 + torch.cos(2 * phase))
    t.stand(bounce, 2 * bounce)
    _stagger(t, on)


def clapping(t: Take) -> None:
    """Clapping the hands in front of the chest."""
    phase, on, size = t.cycle(1.1, 2.3), t.burst(), t.amplitude
    flex, elbow, open_ = t.draw(20, 60), t.draw(70, 100), t.draw(10, 22) * size
    twist = -30 + open_ * (1 + torch.cos(phase))
    for side in SIDES:
        t.arm(side, flex=on * flex, out=on * t.draw(2, 10), elbow=on * elbow, twist=on * twist)
    t.bend("neck", flex=t.draw(0, 10) * on)


def jumping(t: Take) -> None:
    """Jumping: crouch, leap, land, recover."""
    phase, size = t.cycle(0.42, 0.65), t.amplitude
    height = t.draw(0.06, 0.3) * size.clamp(max=1.2)
    hertz = (phase[:, -1:] - phase[:, :1]) / (t.seconds[:, -1:] - t.seconds[:, :1]) / (2 * math.pi)
    height = height.minimum(0.125 * 9.81 * (0.27 / hertz).square())  # leaves time to recover
    u = (phase / (2 * math.pi)) % 1
    leave, fly = 0.4, 2 * (2 * height / 9.81).sqrt() * hertz
    # The legs extend faster and faster until the take-off and bend at once on landing.
    push = ((u - 0.31) / (leave - 0.31)).clamp(0, 1)
    crouch = ease(u / 0.26) * (1 - push.square())
    after = ((u - leave - fly) / 0.1).clamp(0, 1)
    land = (1 - (1 - after).square()) * (1 - ease((u - leave - fly - 0.1) / 0.22))
    bent = t.draw(35, 72) * size * (crouch + 0.7 * land)
    t.stand(bent, 1.55 * bent, 0.5 * bent)
    air = ((u - leave) / fly).clamp(0, 1)
    t.lift += 4 * height * air * (1 - air)
    up = ease((u - 0.22) / 0.24) * (1 - ease((u - leave - 0.6 * fly) / 0.25))
    swing = t.draw(50, 125) * up - 35 * ease(u / 0.22) * (1 - ease((u - 0.2) / 0.2))
    for side in SIDES:
        t.arm(side, flex=swing, out=10 * up, elbow=25 * land + 10 * crouch)
        t.bend(f"{side}_ankle", flex=-100 * air * (1 - air))


def squatting(t: Take) -> None:
    """Squatting down and standing up again."""
    phase, size = t.cycle(0.22, 0.5), t.amplitude.clamp(max=1.15)
    down = pulse(phase, t.draw(0.2, 0.35), t.draw(0.02, 0.3), t.draw(0.2, 0.33))
    bent = t.draw(60, 100) * size * down
    t.stand(bent, t.draw(1.1, 1.35) * bent, t.draw(12, 42) * down)
    reach = t.draw(10, 85) * down
    for side in SIDES:
        t.arm(side, flex=reach, elbow=t.draw(0, 50) * down)
        t.bend(f"{side}_hip", side=t.draw(0, 12) * down)
    t.bend("neck", flex=t.draw(-18, 0) * down)


def sitting_down(t: Take) -> None:
    """Sitting down on an invisible chair for a while."""
    phase, size = t.cycle(0.18, 0.38), t.amplitude.clamp(0.85, 1.1)
    down = pulse(phase, t.draw(0.18, 0.28), t.draw(0.15, 0.42), t.draw(0.18, 0.28))
    bent = t.draw(66, 94) * size * down
    lean = t.draw(18, 38) * 4 * down * (1 - down)
    t.stand(bent, t.draw(0.96, 1.15) * bent, lean + t.draw(-8, 16) * down)
    reach, elbow = t.draw(10, 45) * down, t.draw(20, 75) * down
    for side in SIDES:
        t.arm(side, flex=reach, elbow=elbow, twist=-15 * down)
        t.bend(f"{side}_hip", side=t.draw(2, 8) * down)
    t.bend("neck", flex=-0.4 * lean)


def kicking(t: Take) -> None:
    """Kicking: one leg swings back, then forward and up."""
    phase, size = t.cycle(0.35, 0.62), t.amplitude.clamp(max=1.2)
    back = pulse(phase, 0.18, 0.0, 0.2)
    kick = pulse(phase - 2 * math.pi * 0.19, 0.19, t.draw(0.0, 0.05), t.draw(0.22, 0.34))
    high = t.draw(30, 90) * size
    t.bend("right_hip", flex=high * kick - 28 * size * back)
    t.bend("right_knee", flex=t.draw(40, 75) * back + t.draw(0, 12) * kick)
    t.bend("right_ankle", flex=-25 * kick - 20 * back)
    t.bend("left_knee", flex=8 * kick)
    t.bend("left_ankle", flex=8 * kick)
    t.bend("pelvis", flex=-8 * kick + 5 * back, twist=10 * kick - 8 * back)
    t.bend("chest", twist=-14 * kick + 10 * back, flex=8 * kick)
    arms = t.draw(10, 45)
    t.arm("left", flex=35 * kick - 15 * back, out=arms * kick, elbow=15 * back)
    t.arm("right", flex=25 * back - 25 * kick, out=arms * kick, elbow=10 * kick)


def bowing(t: Take) -> None:
    """Bowing from the hips, with straight legs."""
    phase, size = t.cycle(0.2, 0.45), t.amplitude
    down = pulse(phase, t.draw(0.2, 0.32), t.draw(0.05, 0.3), t.draw(0.2, 0.32))
    lean = t.draw(25, 75) * size * down
    t.stand(8 * down, 4 * down, 0.55 * lean)
    for joint, share in (("spine", 0.25), ("chest", 0.2), ("neck", t.draw(0.0, 0.35))):
        t.bend(joint, flex=share * lean)
    for side in SIDES:
        t.arm(side, flex=t.draw(0.2, 0.9) * lean)


def turning(t: Take) -> None:
    """Turning to one side and back with small steps in place."""
    steps, sweep = t.cycle(0.7, 1.1), t.cycle(0.12, 0.24)
    t.bend("ground", twist=t.draw(60, 150) * t.amplitude * torch.sin(sweep))
    turn = torch.cos(sweep)
    height = t.draw(8, 28) * (0.25 + 0.75 * turn.square())
    for side, own in (("right", steps), ("left", steps + math.pi)):
        lifted = height * bump(own, 0.5, 0.12)
        t.bend(f"{side}_hip", flex=lifted, side=0.25 * lifted)
        t.bend(f"{side}_knee", flex=1.9 * lifted)
        t.bend(f"{side}_ankle", flex=0.6 * lifted)
        t.arm(side, flex=6 * torch.cos(own), out=6 * turn.square())
    t.bend("spine", twist=5 * turn)
    t.bend("chest", twist=5 * turn)
    t.bend("neck", twist=t.draw(5, 20) * turn)


MOVEMENTS: dict[str, Callable[[Take], None]] = {
    movement.__name__: movement
    for movement in (
        walking,
        running,
        waving,
        punching,
        boxing,
        clapping,
        jumping,
        squatting,
        sitting_down,
        kicking,
        bowing,
        turning,
    )
}
"""The classes of the data set, in the order of their labels."""
