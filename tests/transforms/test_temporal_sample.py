import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import TemporalSample

PAIR = Skeleton("pair", ["a", "b"], [("b", "a")], "a")


def make_clip(frames):
    return to_data(PAIR, torch.arange(float(frames)).view(1, -1, 1).expand(2, -1, 3))


def test_temporal_sample():
    assert str(TemporalSample(4)) == "TemporalSample(num_frames=4)"
    data = make_clip(10)
    assert TemporalSample(4)(data).x[0, :, 0].tolist() == [0, 3, 6, 9]
    assert TemporalSample(3)(data).x[1, :, 0].tolist() == [0, 5, 9]
    assert torch.equal(TemporalSample(10)(data).x, data.x)
    assert data.num_frames == 10


@settings(max_examples=60)
@given(st.integers(1, 60), st.integers(2, 60))
def test_ends_and_even_spacing(frames, num_frames):
    picked = TemporalSample(num_frames)(make_clip(frames)).x[0, :, 0]
    assert picked.size(0) == num_frames
    assert picked[0] == 0
    assert picked[-1] == frames - 1
    steps = picked.diff()
    assert steps.max() - steps.min() <= 1
    if num_frames <= frames:
        assert steps.min() >= 1


def test_missing_joints():
    x = torch.ones(2, 5, 3)
    x[1, 2] = float("nan")
    out = TemporalSample(3)(to_data(PAIR, x, missing="mask"))
    assert out.visible[1].tolist() == [True, False, True]


def test_errors():
    with pytest.raises(ValueError, match="num_frames must be at least 2, got 1"):
        TemporalSample(1)
