import pytest
import torch

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import JointNoise

NTU = Skeleton.get("ntu25")


def test_joint_noise():
    transform = JointNoise(0.1)
    assert str(transform) == "JointNoise(sigma=0.1)"
    data = to_data(NTU, torch.zeros(25, 200, 3), target=torch.zeros(25, 2, 3))
    torch.manual_seed(0)
    out = transform(data)
    assert not data.x.any()
    assert out.target is data.target
    assert abs(float(out.x.std()) - 0.1) < 0.005
    assert abs(float(out.x.mean())) < 0.005
    torch.manual_seed(0)
    assert torch.equal(transform(data).x, out.x)
    assert torch.equal(JointNoise(0)(data).x, data.x)


def test_missing_joints_stay_zero():
    x = torch.randn(25, 2, 3)
    x[3, 1] = float("nan")
    out = JointNoise(1.0)(to_data(NTU, x, missing="mask"))
    assert not out.x[3, 1].any()
    assert out.x[3, 0].all()


def test_errors():
    for sigma in (-0.1, float("nan")):
        with pytest.raises(ValueError, match="sigma must be at least 0"):
            JointNoise(sigma)
