"""Variations of posture, arms and steps between clips, shared by all movements.

Without them, the pose of the idle limbs in a single frame would reveal most movements.
"""

from __future__ import annotations

import math

from pyg_skeleton.datasets.actor.movements import MOVEMENTS
from pyg_skeleton.datasets.actor.take import SIDES, Take, bump

#: The movements of the arms, whose arms are not held still.
WITH_ARMS = {"waving", "punching", "boxing", "clapping"}


def perform(movement: str, take: Take) -> None:
    """Performs a movement with the random variations of each clip."""
    MOVEMENTS[movement](take)
    if movement in WITH_ARMS:
        step(take)
    else:
        carry(take)
    posture(take)


def posture(t: Take) -> None:
    """Sets the basic posture, to which all else is added."""
    for joint in ("spine", "chest", "neck"):
        t.bend(joint, flex=t.draw(-4, 6), side=t.draw(-2, 2))
    bent, apart = t.draw(1, 9), t.draw(-1, 6)
    t.stand(0.5 * bent, bent)
    for side in SIDES:
        t.bend(f"{side}_hip", side=apart)
        t.arm(side, t.draw(-6, 14), t.draw(1, 16), t.draw(4, 32), t.draw(-20, 10))


def carry(t: Take) -> None:
    """Holds one or both arms still in some clips."""
    kind = t.draw(0, 1)
    both, one = (kind < 0.35).float(), ((kind > 0.35) & (kind < 0.5)).float()
    flex, out, elbow, twist = t.draw(0, 80), t.draw(0, 55), t.draw(10, 125), t.draw(-45, 35)
    for side, held in (("right", both + one), ("left", both)):
        t.scale(f"{side}_shoulder", 1 - held)
        t.scale(f"{side}_elbow", 1 - held)
        t.arm(side, held * flex, held * out, held * elbow, held * twist)


def step(t: Take) -> None:
    """Shifts the weight from foot to foot, up to small steps in place, in some clips."""
    phase, kind = t.cycle(0.45, 0.9), t.draw(0, 1)
    height = t.draw(8, 26) * (kind < 0.45)
    for side, own in (("right", phase), ("left", phase + math.pi)):
        lifted = height * bump(own, 0.5, 0.12)
        t.bend(f"{side}_hip", flex=lifted, side=0.2 * lifted)
        t.bend(f"{side}_knee", flex=1.9 * lifted)
        t.bend(f"{side}_ankle", flex=0.6 * lifted)
