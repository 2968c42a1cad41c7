import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.camera.distortion import distort, undistort

RADIAL = torch.tensor([-0.2, 0.25, -0.003], dtype=torch.double)
TANGENTIAL = torch.tensor([0.001, -0.002], dtype=torch.double)


def test_no_distortion_changes_nothing():
    q = torch.randn(5, 2)
    assert torch.equal(distort(q, torch.zeros(3), torch.zeros(2)), q)
    assert torch.equal(undistort(q, torch.zeros(3), torch.zeros(2)), q)


@pytest.mark.parametrize(
    ("radial", "tangential"),
    [
        (RADIAL, 0 * TANGENTIAL),
        (0 * RADIAL, TANGENTIAL),
        (RADIAL, TANGENTIAL),
        (10 * RADIAL.abs(), 20 * TANGENTIAL),
    ],
)
def test_undistort_converges_to_the_last_digit(radial, tangential):
    axis = torch.linspace(-0.8, 0.8, 33, dtype=torch.double)
    q = torch.cartesian_prod(axis, axis)
    shown = distort(q, radial, tangential)
    assert (shown - q).abs().max() > 1e-3
    assert_close(undistort(shown, radial, tangential), q, rtol=0, atol=1e-14)
    single = undistort(shown.float(), radial.float(), tangential.float())
    assert single.dtype == torch.float
    assert_close(single.double(), q, rtol=0, atol=2e-6)


def test_undistort_of_nothing():
    assert undistort(torch.zeros(0, 2).double(), RADIAL, TANGENTIAL).shape == (0, 2)
