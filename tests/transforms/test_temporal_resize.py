import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import TemporalResize

PAIR = Skeleton("pair", ["a", "b"], [("b", "a")], "a")


def test_temporal_resize():
    assert str(TemporalResize(4)) == "TemporalResize(length=4)"
    x = torch.randn(2, 5, 3)
    data = to_data(PAIR, x, target=torch.randn(2, 3, 3))
    assert TemporalResize(5)(data).x is x
    out = TemporalResize(9)(data)
    assert torch.equal(out.x[:, ::2], x)
    torch.testing.assert_close(out.x[:, 1::2], (x[:, 1:] + x[:, :-1]) / 2)
    assert out.target is data.target
    assert torch.equal(TemporalResize(1)(data).x, x[:, :1])
    single = to_data(PAIR, x[:, :1])
    assert torch.equal(TemporalResize(3)(single).x, x[:, :1].expand(-1, 3, -1))


@settings(max_examples=50)
@given(st.integers(1, 40), st.integers(2, 40))
def test_agrees_with_pytorch_and_keeps_the_ends(frames, length):
    x = torch.randn(2, frames, 3, dtype=torch.double)
    out = TemporalResize(length)(to_data(PAIR, x)).x
    assert torch.equal(out[:, 0], x[:, 0])
    assert torch.equal(out[:, -1], x[:, -1])
    expected = F.interpolate(x.transpose(1, 2), length, mode="linear", align_corners=True)
    torch.testing.assert_close(out, expected.transpose(1, 2))
    assert out.min() >= x.min() - 1e-12
    assert out.max() <= x.max() + 1e-12


@settings(max_examples=30)
@given(st.integers(2, 20), st.integers(2, 20))
def test_straight_lines_stay_straight(frames, length):
    time = torch.linspace(0, 1, frames, dtype=torch.double).view(1, -1, 1)
    out = TemporalResize(length)(to_data(PAIR, time.expand(2, -1, 3))).x
    expected = torch.linspace(0, 1, length, dtype=torch.double).view(1, -1, 1)
    torch.testing.assert_close(out, expected.expand(2, -1, 3))


def test_missing_joints():
    x = torch.ones(2, 4, 3)
    x[1, 2] = float("nan")
    out = TemporalResize(7)(to_data(PAIR, x, missing="mask"))
    assert out.visible[1].tolist() == [True, True, True, False, False, False, True]
    assert out.visible[0].all()
    assert torch.equal(out.x[..., 0], out.visible.float())


def test_errors():
    with pytest.raises(ValueError, match="length must be at least 1, got 0"):
        TemporalResize(0)
    with pytest.raises(ValueError, match="TemporalResize needs clips"):
        TemporalResize(2)(to_data(PAIR, torch.zeros(2, 3)))
