import pytest
import torch

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import Difference

NTU = Skeleton.get("ntu25")


def test_difference():
    assert str(Difference(2)) == "Difference(order=2)"
    x = torch.randn(25, 6, 3)
    data = to_data(NTU, x, target=torch.randn(25, 2, 3))
    assert torch.equal(Difference(0)(data).x, x)
    first = Difference()(data)
    assert torch.equal(first.x[:, 1:], x[:, 1:] - x[:, :-1])
    assert not first.x[:, 0].any()
    second = Difference(2)(data)
    assert torch.equal(second.x[:, 2:], first.x[:, 2:] - first.x[:, 1:-1])
    assert not second.x[:, :2].any()
    assert second.target is data.target
    assert data.x is x
    assert second.graph == data.graph


def test_errors():
    with pytest.raises(ValueError, match="order must be at least 0, got -1"):
        Difference(-1)
    with pytest.raises(ValueError, match=r"Difference needs clips, x of shape \[N, T, C\]"):
        Difference()(to_data(NTU, torch.zeros(25, 3)))


def test_missing_joints():
    x = torch.randn(25, 6, 3)
    x[4, 2] = float("nan")
    data = to_data(NTU, x, missing="mask")
    out = Difference(1)(data)
    assert out.visible[4].tolist() == [True, True, False, False, True, True]
    assert not out.x[4, 2:4].any()
    assert out.visible[5].all()
    twice = Difference(2)(data)
    assert twice.visible[4].tolist() == [True, True, False, False, False, True]
    assert data.visible[4, 3]
