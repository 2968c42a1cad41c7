import math

import pytest
import torch

from pyg_skeleton.datasets.actor.take import PIVOTS, Take, bump, ease, pulse

NAMES = list(PIVOTS)


def make_take(clips: int = 3, frames: int = 50) -> Take:
    draw = torch.Generator().manual_seed(0)
    seconds = (torch.arange(frames) / 25.0).repeat(clips, 1)
    habits, starts = (torch.rand(clips, 8, generator=draw) for _ in range(2))
    return Take(seconds, habits, torch.ones(clips, 1), torch.ones(clips, 1), starts)


def test_pulse_rises_holds_falls_and_rests():
    phase = 2 * math.pi * torch.tensor([0.0, 0.1, 0.2, 0.35, 0.5, 0.6, 0.7, 0.9, 1.1])
    expected = torch.tensor([0, 0.5, 1, 1, 1, 0.5, 0, 0, 0.5])
    torch.testing.assert_close(pulse(phase, 0.2, 0.3, 0.2), expected, atol=1e-5, rtol=0)


def test_ease_and_bump_are_smooth_and_bounded():
    x = torch.linspace(-1, 2, 301)
    assert ease(x).min() == 0
    assert ease(x).max() == 1
    assert (ease(x).diff() >= -1e-6).all()
    phase = torch.linspace(0, 4 * math.pi, 401)
    peak = bump(phase, 0.25, 0.1)
    torch.testing.assert_close(peak[:200], peak[200:400], atol=1e-4, rtol=0)
    assert peak.argmax().item() in (50, 250)
    assert peak.max() == pytest.approx(1.0)


def test_draws_are_used_once_and_cycles_have_the_frequency_that_was_asked_for():
    take = make_take()
    first, second = take.draw(2, 3), take.draw(2, 3)
    assert first.shape == (3, 1)
    assert ((first >= 2) & (first <= 3)).all()
    assert not torch.equal(first, second)
    phase = take.cycle(1.0, 1.0)
    hertz = (phase[:, -1] - phase[:, 0]) / (2 * math.pi * 49 / 25)
    assert (hertz - 1).abs().max() < 0.06
    assert take.main_phase is phase
    assert take.cycle(3.0, 3.0) is not take.main_phase


def test_burst_lasts_at_least_as_long_as_asked_for():
    take = make_take(clips=64, frames=1000)
    on = take.burst(0.5, 1.0)
    assert on.min() >= -1e-6
    assert on.max() <= 1 + 1e-6
    share = (on > 0.5).float().mean(1)
    assert share.min() > 0.45
    assert share.max() > 0.95


def test_bend_is_symmetric_for_limbs_and_turns_them_the_way_it_says():
    take = make_take()
    for side in ("left", "right"):
        take.bend(f"{side}_shoulder", flex=10.0, side=20.0, twist=30.0)
        take.bend(f"{side}_knee", flex=40.0)
    take.bend("chest", flex=5.0)
    left, right = (take.angles[0, 0, NAMES.index(f"{s}_shoulder")] for s in ("left", "right"))
    assert left.tolist() == [20, -10, 30]
    assert right.tolist() == [-20, -10, -30]
    assert take.angles[0, 0, NAMES.index("left_knee"), 1] == 40
    assert take.angles[0, 0, NAMES.index("chest"), 1] == 5
    take.scale("left_knee", torch.tensor([[0.5], [0.0], [1.0]]))
    assert take.angles[:, 0, NAMES.index("left_knee"), 1].tolist() == [20, 0, 40]
