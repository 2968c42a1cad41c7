import pytest
import torch

from pyg_skeleton.data import to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import ObservationRatio

NTU = Skeleton.get("ntu25")


def test_observation_ratio():
    transform = ObservationRatio(0.3, future=10)
    assert str(transform) == "ObservationRatio(ratio=0.3, future=10)"
    x = torch.randn(25, 100, 3)
    data = to_data(NTU, x)
    out = transform(data)
    assert torch.equal(out.x, x[:, :30])
    assert torch.equal(out.target, x[:, 30:40])
    assert data.x is x
    assert "target" not in data
    rest = ObservationRatio(0.3, future="all")(data)
    assert torch.equal(rest.target, x[:, 30:])
    assert "target" not in ObservationRatio(0.3)(data)
    assert torch.equal(ObservationRatio(1.0)(data).x, x)


@pytest.mark.parametrize("frames", [1, 3, 10, 29, 30, 100])
@pytest.mark.parametrize("percent", [1, 10, 30, 50, 70, 100])
def test_number_of_frames(frames, percent):
    out = ObservationRatio(percent / 100)(to_data(NTU, torch.zeros(25, frames, 3)))
    assert out.num_frames == max(1, (2 * percent * frames + 100) // 200)


def test_frames_that_follow_include_the_target():
    x, target = torch.randn(25, 10, 3), torch.randn(25, 4, 3)
    data = to_data(NTU, x, target=target)
    assert torch.equal(ObservationRatio(0.5)(data).target, target)
    out = ObservationRatio(0.5, future=7)(data)
    assert torch.equal(out.target, torch.cat([x[:, 5:], target[:, :2]], dim=1))
    assert ObservationRatio(0.5, future="all")(data).target.shape == (25, 9, 3)
    assert torch.equal(ObservationRatio(1, future="all")(data).target, target)
    assert "target" not in ObservationRatio(0.5, future=0)(data)
    assert data.target is target


def test_missing_joints():
    x, target = torch.randn(25, 10, 3), torch.randn(25, 4, 3)
    x[3, 2] = x[4, 6] = target[5, 0] = float("nan")
    data = to_data(NTU, x, target=target, missing="mask")
    out = ObservationRatio(0.5, future="all")(data)
    assert out.visible.shape == (25, 5)
    assert (~out.visible).nonzero().tolist() == [[3, 2]]
    assert (~out.target_visible).nonzero().tolist() == [[4, 1], [5, 5]]
    assert "target_visible" not in ObservationRatio(0.5, future=0)(data)


def test_errors():
    for ratio in (0, 1.1, -1, float("nan")):
        with pytest.raises(ValueError, match="ratio must be above 0 and at most 1"):
            ObservationRatio(ratio)
    for future in (-1, "some"):
        with pytest.raises(ValueError, match="future must be a number of frames, 'all' or None"):
            ObservationRatio(0.5, future=future)
    data = to_data(NTU, torch.zeros(25, 10, 3))
    with pytest.raises(ValueError, match="needs 3 frames after the first 8, there are 2"):
        ObservationRatio(0.8, future=3)(data)
    with pytest.raises(ValueError, match="needs all frames after the first 10, there are 0"):
        ObservationRatio(1.0, future="all")(data)
    data.target = torch.zeros(25, 2, 2)
    with pytest.raises(ValueError, match="x and target must have the same channels"):
        ObservationRatio(0.8, future=3)(data)
