import pytest
import torch

from pyg_skeleton.metrics import zero_velocity


def test_repeats_the_last_frame():
    x = torch.randn(4, 5, 3)
    out = zero_velocity(x, 6)
    assert out.shape == (4, 6, 3)
    for frame in range(6):
        assert torch.equal(out[:, frame], x[:, -1])


def test_along_another_dimension():
    x = torch.randn(2, 5, 4, 3)
    assert torch.equal(zero_velocity(x, 3, dim=-2), x[:, :, -1:].expand(2, 5, 3, 3))


def test_no_future():
    assert zero_velocity(torch.randn(4, 5, 3), 0).shape == (4, 0, 3)


@pytest.mark.parametrize(("frames", "future"), [(0, 3), (3, -1)])
def test_impossible(frames, future):
    with pytest.raises(ValueError, match=f"cannot continue {frames} frames by {future}"):
        zero_velocity(torch.zeros(4, frames, 3), future)
