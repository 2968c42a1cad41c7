import pytest
import torch

from pyg_skeleton.datasets.actor.manner import perform
from pyg_skeleton.datasets.actor.movements import MOVEMENTS
from pyg_skeleton.datasets.actor.people import NUM_HABITS
from pyg_skeleton.datasets.actor.take import PIVOTS, Take

NAMES = list(PIVOTS)


def make(movement: str, bare: bool = False, clips: int = 64) -> Take:
    draw = torch.Generator().manual_seed(1)
    seconds = (torch.arange(75) / 25.0).repeat(clips, 1)
    habits = torch.rand(clips, NUM_HABITS, generator=draw)
    starts = torch.rand(clips, 12, generator=draw)
    tempo, size = (0.85 + 0.3 * torch.rand(clips, 1, generator=draw) for _ in range(2))
    take = Take(seconds, habits, tempo, size, starts)
    if bare:
        MOVEMENTS[movement](take)
    else:
        perform(movement, take)
    return take


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_joints_bend_as_far_as_bodies_can_and_never_jerk(movement):
    take = make(movement)
    angles = take.angles
    assert torch.isfinite(angles).all()
    for joint, axis, sign, low, high in (
        ("elbow", 1, -1, -20, 165),
        ("knee", 1, 1, -10, 160),
        ("hip", 1, -1, -60, 170),
    ):
        for side in ("left", "right"):
            bend = sign * angles[:, :, NAMES.index(f"{side}_{joint}"), axis]
            assert bend.min() > low
            assert bend.max() < high
    # Degrees per frame of 40 ms.
    assert angles.diff(dim=1).abs().max() < 60
    assert take.lift.min() >= 0
    assert take.lift.max() < 0.45


@pytest.mark.parametrize("movement", MOVEMENTS)
def test_every_movement_moves_by_itself(movement):
    angles = make(movement, bare=True).angles
    assert (angles.std(1).amax((1, 2)) > 1).float().mean() > 0.9


def test_only_jumping_and_running_leave_the_ground():
    lifted = [name for name in MOVEMENTS if make(name).lift.any()]
    assert lifted == ["running", "jumping"]


def test_the_leading_arm_waves_and_punches_and_both_box_and_clap():
    def busy(movement: str) -> list[bool]:
        angles = make(movement, bare=True).angles
        elbows = [NAMES.index(f"{side}_elbow") for side in ("left", "right")]
        shoulders = [NAMES.index(f"{side}_shoulder") for side in ("left", "right")]
        speed = angles.diff(dim=1).abs().mean((0, 1, 3))
        return [bool(speed[a] + speed[b] > 0.5) for a, b in zip(elbows, shoulders, strict=True)]

    assert busy("waving") == [False, True]
    assert busy("punching")[1]
    assert busy("boxing") == [True, True]
    assert busy("clapping") == [True, True]
