import math

import pytest
import torch

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import RandomRotation

NTU = Skeleton.get("ntu25")


def make_clip(**kwargs):
    x = torch.randn(2, 25, 4, 3, dtype=torch.double)
    return to_data(NTU, x, target=torch.randn(2, 25, 2, 3, dtype=torch.double), **kwargs)


def rotation_of(data, out):
    return torch.linalg.lstsq(data.x.flatten(0, 1), out.x.flatten(0, 1)).solution.T


def test_random_rotation():
    transform = RandomRotation(30)
    assert str(transform) == "RandomRotation(degrees=30)"
    data = make_clip()
    before = data.x.clone()
    out = transform(data)
    assert torch.equal(data.x, before)
    assert not torch.allclose(out.x, data.x)
    turn = rotation_of(data, out)
    torch.testing.assert_close(turn @ turn.T, torch.eye(3, dtype=torch.double))
    assert torch.linalg.det(turn) == pytest.approx(1)
    torch.testing.assert_close(out.x, data.x @ turn.T)
    torch.testing.assert_close(out.target, data.target @ turn.T)
    assert torch.equal(RandomRotation(0)(data).x, data.x)


def test_seed():
    data = make_clip()
    torch.manual_seed(0)
    first = RandomRotation(90)(data).x
    assert not torch.equal(RandomRotation(90)(data).x, first)
    torch.manual_seed(0)
    assert torch.equal(RandomRotation(90)(data).x, first)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_one_axis(axis, monkeypatch):
    degrees = [0.0, 0.0, 0.0]
    degrees[axis] = 90.0
    transform = RandomRotation(degrees)
    data = make_clip()
    for _ in range(5):
        out = transform(data)
        assert torch.equal(out.x[..., axis], data.x[..., axis])
        angle = math.acos(min(1.0, (rotation_of(data, out).trace().item() - 1) / 2))
        assert angle <= math.pi / 2 + 1e-6
    # A quarter turn about z takes x to y, and so on round.
    monkeypatch.setattr("pyg_skeleton.transforms.random_rotation.uniform", lambda low, high: high)
    start, end = (torch.eye(3).roll(shift, 0)[axis] for shift in (-1, -2))
    clip = to_data(NTU, start.expand(25, 1, 3))
    torch.testing.assert_close(transform(clip).x, end.expand(25, 1, 3), atol=1e-6, rtol=0)


def test_missing_joints():
    x = torch.randn(25, 2, 3)
    x[3, 1] = float("nan")
    out = RandomRotation(90)(to_data(NTU, x, missing="mask"))
    assert not out.x[3, 1].any()
    assert not out.visible[3, 1]


def test_errors():
    for degrees in ([1, 2], 200, -1, [0, 0, 181]):
        with pytest.raises(ValueError, match="degrees must be one or three angles from 0 to 180"):
            RandomRotation(degrees)
    with pytest.raises(ValueError, match=r"needs 3 channels, x is \[25, 4, 2\]"):
        RandomRotation(3)(to_data(NTU, torch.zeros(25, 4, 2)))
