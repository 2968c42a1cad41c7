import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.datasets.lifting.virtual import view
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose

MOTION = rest_pose(Skeleton.get("h36m17")) + torch.linspace(0, 1, 40)[:, None, None]


def look(motion=MOTION, take="walking_1", cameras=4, noise=0.0, jumps=0.0, seed=0):
    return view(motion.double(), "A", "walking", take, 25.0, cameras, noise, jumps, seed)


def test_what_the_cameras_see():
    sequences = look()
    assert [s.camera.name for s in sequences] == ["0", "1", "2", "3"]
    for s in sequences:
        assert (s.subject, s.action, s.take, s.fps) == ("A", "walking", "walking_1", 25.0)
        assert s.positions.dtype == s.keypoints.dtype == torch.float
        world = s.camera.camera_to_world(s.positions)
        assert_close(world, MOTION, rtol=0, atol=1e-5)
        assert_close(s.keypoints, s.camera.project(s.positions), rtol=0, atol=1e-2)


def test_name_and_seed_decide_and_the_errors_leave_the_cameras_alone():
    first = look()[1]
    for same in (look(), look(noise=3.0), look(jumps=0.1)):
        assert torch.equal(same[1].camera.translation, first.camera.translation)
        assert torch.equal(same[1].positions, first.positions)
    assert torch.equal(look(noise=3.0)[1].keypoints, look(noise=3.0)[1].keypoints)
    for other in (look(seed=1), look(take="walking_2")):
        assert not torch.equal(other[1].camera.translation, first.camera.translation)


def test_errors_of_the_detector():
    def off(**kwargs):
        pairs = zip(look(**kwargs), look(), strict=True)
        return torch.stack([noisy.keypoints - exact.keypoints for noisy, exact in pairs])

    noise = off(noise=4.0)
    assert abs(float(noise.std()) - 4) < 0.2
    assert abs(float(noise.mean())) < 0.2
    jumps = off(jumps=0.1).norm(dim=-1)
    moved = jumps > 0
    assert abs(float(moved.float().mean()) - 0.1) < 0.02
    assert abs(float(jumps[moved].square().mean().sqrt()) - 50 * 2**0.5) < 5
    both = off(noise=4.0, jumps=0.1)
    assert both.std() > noise.std() * 2


def test_errors():
    for noise in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="noise must be a number of pixels, at least 0, got"):
            look(noise=noise)
    with pytest.raises(ValueError, match="jumps must be a probability, got 2"):
        look(jumps=2)
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        look(seed=-1)
    with pytest.raises(ValueError, match="num_cameras must be at least 1, got 0"):
        look(cameras=0)
