import torch

from pyg_skeleton.datasets.actor.manner import carry, perform, posture, step
from pyg_skeleton.datasets.actor.take import PIVOTS, Take

NAMES = list(PIVOTS)
MIDDLE = torch.full((1, 40), 0.5)


def make_take(habits=MIDDLE):
    one = torch.ones(len(habits), 1)
    seconds = (torch.arange(50) / 25.0).repeat(len(habits), 1)
    return Take(seconds, habits, one, one, torch.zeros(len(habits), 8))


def angles(take, joint, axis=1):
    return take.angles[..., NAMES.index(joint), axis]


def test_posture_by_hand():
    take = make_take()
    posture(take)
    # Every draw is in the middle of its range.
    for joint, degrees in (("spine", 1.0), ("left_knee", 5.0), ("right_knee", 5.0)):
        torch.testing.assert_close(angles(take, joint), torch.full((1, 50), degrees))
    torch.testing.assert_close(angles(take, "left_hip", 0), torch.full((1, 50), 2.5))
    torch.testing.assert_close(angles(take, "right_elbow"), torch.full((1, 50), -18.0))


def test_arms_are_held_both_or_one_or_swing():
    habits = torch.full((3, 5), 0.5)
    habits[:, 0] = torch.tensor([0.2, 0.4, 0.9])
    take = make_take(habits)
    for side in ("left", "right"):
        take.bend(f"{side}_elbow", flex=33.0)
    carry(take)
    assert angles(take, "right_elbow")[:, 0].tolist() == [-67.5, -67.5, -33]
    assert angles(take, "left_elbow")[:, 0].tolist() == [-67.5, -33, -33]


def test_small_steps_of_one_foot_after_the_other():
    habits = torch.full((2, 3), 0.5)
    habits[:, 1] = torch.tensor([0.3, 0.6])
    take = make_take(habits)
    step(take)
    assert not take.angles[1].any()
    left, right = (angles(take, f"{side}_knee")[0] for side in ("left", "right"))
    assert left.max() > 20
    assert right.max() > 20
    assert (left * right).max() < 0.05 * left.max() * right.max()
    torch.testing.assert_close(left, -1.9 * angles(take, "left_hip")[0])


def test_who_uses_the_arms_does_not_carry_them():
    held = MIDDLE.clone()
    walking, waving = make_take(held), make_take(held)
    perform("walking", walking)
    perform("waving", waving)
    assert walking.angles.any()
    assert not torch.allclose(walking.angles, waving.angles)
    assert angles(waving, "right_elbow").std() > 5  # the arm that waves keeps its movement
