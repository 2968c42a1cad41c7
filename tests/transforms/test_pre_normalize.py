import math

import numpy as np
import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import AGCNPreNormalize, PreNormalize3D
from pyg_skeleton.transforms.pre_normalize import turn_to_axis

TRANSFORMS = [AGCNPreNormalize, PreNormalize3D]


def euler_rodrigues(axis, theta):
    """Counterclockwise about an axis, as the authors have it, with their shortcuts."""
    if np.abs(axis).sum() < 1e-6 or abs(theta) < 1e-6:
        return np.eye(3)
    axis = axis / math.sqrt(axis @ axis)
    a = math.cos(theta / 2)
    b, c, d = -axis * math.sin(theta / 2)
    return np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)],
            [2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)],
            [2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c],
        ]
    )


def between(u, v):
    u, v = u / np.linalg.norm(u), v / np.linalg.norm(v)
    return np.arccos(np.clip(u @ v, -1, 1))


def reference(x, per_frame):
    """[M, T, V, C], the center of the first person out of each frame or out of all."""
    there = x.any((2, 3))[..., None, None]
    center = x[0, :, 1:2] if per_frame else x[0, :1, 1:2]
    x = (x - center[None]) * there
    for begin, end, goal in ((0, 1, [0, 0, 1]), (4, 8, [1, 0, 0])):
        limb = x[0, 0, end] - x[0, 0, begin]
        turn = euler_rodrigues(np.cross(limb, goal), between(limb, np.array(goal)))
        x = np.einsum("ij,mtvj->mtvi", turn, x)
    return x


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_as_the_authors(ntu_clip, transform, seed):
    data = ntu_clip([1, 1, 1, 1], [1, 0, 1, 1], seed=seed)
    x = data.x.view(2, 25, 4, 3).transpose(1, 2).numpy()
    out = transform()(data).x.view(2, 25, 4, 3).transpose(1, 2).numpy()
    expected = reference(x, per_frame=transform is AGCNPreNormalize)
    np.testing.assert_allclose(out, expected, atol=1e-9)
    spine, shoulders = out[0, 0, 1] - out[0, 0, 0], out[0, 0, 8] - out[0, 0, 4]
    np.testing.assert_allclose(shoulders[1:], 0, atol=1e-9)
    assert shoulders[0] > 0
    assert np.isfinite(spine).all()
    assert not out[1, 1].any()


def test_who_is_there_longer_comes_first(ntu_clip):
    data = ntu_clip([1, 0, 0, 1], [0, 1, 1, 1])
    x = data.x.view(2, 25, 4, 3).transpose(1, 2).numpy()
    out = PreNormalize3D()(data).x.view(2, 25, 3, 3).transpose(1, 2).numpy()
    expected = reference(x[::-1, 1:].copy(), per_frame=False)
    np.testing.assert_allclose(out, expected, atol=1e-9)


def test_frames_without_the_first_person_go(ntu_clip):
    data = ntu_clip([1, 0, 1, 1])
    assert PreNormalize3D()(data).x.shape == (25, 3, 3)
    assert AGCNPreNormalize()(data).x.shape == (25, 4, 3)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_nobody(ntu_clip, transform):
    out = transform()(ntu_clip([0, 0, 0])).x
    assert out.shape == (25, 3, 3)
    assert not out.any()


def test_turns():
    for goal in range(3):
        for vector in (torch.randn(3).double(), torch.eye(3).double()[goal] * 2):
            turn = turn_to_axis(vector, goal)
            torch.testing.assert_close(turn @ turn.T, torch.eye(3).double())
            turned = turn @ vector
            assert float(turned[goal]) == pytest.approx(float(vector.norm()))
        opposite = -torch.eye(3).double()[goal]
        assert torch.equal(turn_to_axis(opposite, goal), torch.eye(3).double())


def test_errors(ntu_clip):
    with pytest.raises(ValueError, match="takes one or two persons, got 3"):
        PreNormalize3D()(ntu_clip([1], [1], [1]))
    with pytest.raises(ValueError, match="got clips of 20 joints"):
        AGCNPreNormalize(center=20)(Skeleton.get("kinect20").to_data(torch.zeros(20, 2, 3)))
    with pytest.raises(ValueError, match="needs 3 channels"):
        AGCNPreNormalize()(Skeleton.get("ntu25").to_data(torch.zeros(25, 2, 2)))
    assert str(PreNormalize3D()) == "PreNormalize3D(center=1, spine=(0, 1), shoulders=(4, 8))"
