import pytest
import torch

from pyg_skeleton.metrics import PCK3D, pck_3d


def off(*distances):
    """One pose whose joints after the root are off by the given distances."""
    target = 100 * torch.randn(1, len(distances) + 1, 3).double()
    prediction = target.clone()
    prediction[0, 1:, 2] += torch.tensor(distances, dtype=torch.float64)
    return prediction, target


def test_strictly_within_the_threshold():
    target = torch.zeros(1, 5, 3)
    prediction = target.clone()
    prediction[0, 1:, 2] = torch.tensor([149.999, 150.0, 150.001, -10.0])
    assert pck_3d(prediction, target).item() == 3 / 5  # the root is right
    assert pck_3d(prediction, target, threshold=10.5).item() == 2 / 5


def test_mean_over_poses_is_mean_over_joints():
    metric = PCK3D(threshold=50)
    for distances, correct in (((10, 20, 60), 3), ((60, 70, 80), 1)):
        prediction, target = off(*distances)
        metric.update(prediction + 500, target)  # aligned at the root
        assert pck_3d(prediction, target, 50).item() == correct / 4
    assert metric.compute().item() == 4 / 8


@pytest.mark.parametrize("threshold", [0, -1.0, float("nan")])
def test_wrong_threshold(threshold):
    with pytest.raises(ValueError, match="threshold must be positive, got"):
        PCK3D(threshold)
