import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import MinMaxNormalize

UCLA = Skeleton.get("kinect20")


def test_the_box_of_all_joints_frames_and_persons():
    x = torch.randn(2, 20, 7, 3, dtype=torch.double) + 5
    data = UCLA.to_data(x)
    out = MinMaxNormalize()(data)
    low, high = x.amin((0, 1, 2)), x.amax((0, 1, 2))
    assert_close(out.x, ((x - low) / (high - low) * 2 - 1).flatten(0, 1))
    assert torch.equal(data.x, x.flatten(0, 1))


def test_a_channel_that_never_changes():
    x = torch.zeros(20, 1, 3)
    x[:, :, 0] = torch.arange(20.0)[:, None]
    x[:, :, 2] = 3.0
    out = MinMaxNormalize()(UCLA.to_data(x))
    assert_close(out.x[:, 0, 0], torch.linspace(-1, 1, 20))
    assert not out.x[:, :, 1:].any()


def test_missing_joints_do_not_count():
    x = torch.rand(20, 4, 3) + 10
    x[5, 2] = float("nan")
    out = MinMaxNormalize()(UCLA.to_data(x, missing="mask"))
    assert not out.x[5, 2].any()
    assert out.x.amin() == pytest.approx(-1, abs=1e-5)
    assert out.x.amax() == pytest.approx(1, abs=1e-5)
    gone = UCLA.to_data(torch.full((20, 4, 3), float("nan")), missing="mask")
    assert not MinMaxNormalize()(gone).x.any()


def test_poses_are_refused():
    with pytest.raises(ValueError, match="MinMaxNormalize needs clips"):
        MinMaxNormalize()(UCLA.to_data(torch.zeros(20, 3)))
