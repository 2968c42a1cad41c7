"""The manner of a movement: differences between clips that all movements share.

Without it a single frame would give most movements away by the way the idle limbs are held.
"""

from __future__ import annotations

import math

from pyg_skeleton.datasets.actor.movements import MOVEMENTS
from pyg_skeleton.datasets.actor.take import SIDES, Take, bump

_WITH_ARMS = ("waving", "punching", "boxing", "clapping")


def perform(movement: str, take: Take) -> None:
    """Does a movement in the manner that the draws of the clip decide."""
    MOVEMENTS[movement](take)
    if movement in _WITH_ARMS:
        step(take)
    else:
        carry(take)
    posture(take)


def posture(t: Take) -> None:
    """The pose that everything else is added to."""
    for joint in ("spine", "chest", "neck"):
        t.bend(joint, flex=t.draw(-4, 6), side=t.draw(-2, 2))
    bent, apart = t.draw(1, 9), t.draw(-1, 6)
    t.stand(0.5 * bent, bent)
    for side in SIDES:
        t.bend(f"{side}_hip", side=apart)
        t.arm(side, t.draw(-6, 14), t.draw(1, 16), t.draw(4, 32), t.draw(-20, 10))


def carry(t: Take) -> None:
    """One or both arms are held in some pose instead of swinging along, in some clips."""
    kind = t.draw(0, 1)
    both, one = (kind < 0.35).float(), ((kind > 0.35) & (kind < 0.5)).float()
    flex, out, elbow, twist = t.draw(0, 80), t.draw(0, 55), t.draw(10, 125), t.draw(-45, 35)
    for side, held in (("right", both + one), ("left", both)):
        t.scale(f"{side}_shoulder", 1 - held)
        t.scale(f"{side}_elbow", 1 - held)
        t.arm(side, held * flex, held * out, held * elbow, held * twist)


def step(t: Take) -> None:
    """The weight shifts from foot to foot, up to small steps on the spot, in some clips."""
    phase, kind = t.cycle(0.45, 0.9), t.draw(0, 1)
    height = t.draw(8, 26) * (kind < 0.45)
    for side, own in (("right", phase), ("left", phase + math.pi)):
        lifted = height * bump(own, 0.5, 0.12)
        t.bend(f"{side}_hip", flex=lifted, side=0.2 * lifted)
        t.bend(f"{side}_knee", flex=1.9 * lifted)
        t.bend(f"{side}_ankle", flex=0.6 * lifted)
