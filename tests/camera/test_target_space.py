import numpy as np
import pytest
import torch
from torch.testing import assert_close

from pyg_skeleton.camera import (
    TARGET_SPACES,
    PixelDepthTarget,
    RootRelativeTarget,
    get_target_space,
)


def poses(count=6, joints=17, seed=0):
    generator = torch.Generator().manual_seed(seed)
    rand = torch.randn(count, joints, 3, generator=generator, dtype=torch.double)
    root = torch.tensor([0.2, -0.1, 5.0]) + 0.3 * rand[:, :1]
    return root + 0.4 * rand.tanh()


def pixel_depth_in_numpy(pose, camera, root):
    """One pose in millimeters, step by step as LCN prepares its data."""
    pose = pose * 1000
    (fx, fy), (cx, cy) = camera.focal.tolist(), camera.center.tolist()
    w, h = camera.width, camera.height
    top_left, bottom_right = pose[root].copy(), pose[root].copy()
    top_left[:2] -= 1000
    bottom_right[:2] += 1000
    left = top_left[0] / top_left[2] * fx + cx
    right = bottom_right[0] / bottom_right[2] * fx + cx
    ratio = (right - left + 1) / 2000
    out = np.zeros_like(pose)
    out[:, 0] = pose[:, 0] / pose[:, 2] * fx + cx
    out[:, 1] = pose[:, 1] / pose[:, 2] * fy + cy
    out[:, 2] = ratio * (pose[:, 2] - pose[root, 2])
    out[:, :2] = out[:, :2] / w * 2 - [1, h / w]
    out[:, 2] = out[:, 2] / w * 2
    return out


def test_root_relative():
    x = poses()
    space = RootRelativeTarget()
    target = space.encode(x)
    assert_close(target, x - x[:, :1])
    assert not target[:, 0].any()
    assert_close(space.decode(target), 1000 * (x - x[:, :1]))
    # What a network says about the root does not count.
    assert_close(space.decode(target + 0.3), 1000 * (x - x[:, :1]))
    assert not RootRelativeTarget(root=3).encode(x)[:, 3].any()


@pytest.mark.parametrize("root", [0, 14])
def test_pixel_depth(camera, root):
    x = poses()
    space = PixelDepthTarget(root)
    target = space.encode(x, camera)
    expected = np.stack([pixel_depth_in_numpy(pose, camera, root) for pose in x.numpy()])
    assert_close(target, torch.from_numpy(expected))
    assert not target[:, root, 2].any()
    back = space.decode(target, camera, x[:, root, 2])
    assert_close(back, 1000 * (x - x[:, root, None]), rtol=0, atol=1e-9)
    pixels_per_meter = float(camera.focal[0]) / x[:, root, 2] + 0.5
    assert_close(space.ratio(camera, x[:, root, 2]), pixels_per_meter)


def test_the_two_dimensions_of_pixel_depth_are_the_undistorted_input(camera):
    x = poses()
    target = PixelDepthTarget().encode(x, camera)
    uv = camera.undistort(camera.project(x))
    uv = uv / 1000 * 2 - torch.tensor([1, 1.002], dtype=torch.double)
    assert_close(target[..., :2], uv)


def test_a_change_of_depth_is_scaled_back(camera):
    x = poses()
    space = PixelDepthTarget()
    target = space.encode(x, camera)
    off = target.clone()
    off[:, 5, 2] += 0.01
    moved = space.decode(off, camera, x[:, 0, 2]) - space.decode(target, camera, x[:, 0, 2])
    assert_close(moved[:, 5, 2], 1000 * 0.01 * 500 / space.ratio(camera, x[:, 0, 2]))
    assert not moved[:, :5].any()


def test_names():
    assert list(TARGET_SPACES) == ["root-relative", "pixel-depth"]
    for name in TARGET_SPACES:
        assert get_target_space(name, 2).name == name
        assert get_target_space(name, 2).root == 2
    assert str(get_target_space("pixel-depth")) == "PixelDepthTarget(root=0)"
    assert str(get_target_space("root-relative", 1)) == "RootRelativeTarget(root=1)"


def test_errors(camera):
    message = "unknown target space 'pixels', expected one of root-relative, pixel-depth"
    with pytest.raises(ValueError, match=message):
        get_target_space("pixels")
    for space in (RootRelativeTarget(), PixelDepthTarget()):
        with pytest.raises(ValueError, match=r"positions must be \[N, V, 3\], got \[17, 3\]"):
            space.encode(torch.ones(17, 3), camera)
        with pytest.raises(ValueError, match=r"positions must be \[N, V, 3\], got \[2, 17, 2\]"):
            space.decode(torch.ones(2, 17, 2), camera, torch.ones(2))
    with pytest.raises(ValueError, match="17 of 17 positions are not in front of the camera"):
        PixelDepthTarget().encode(-torch.ones(1, 17, 3), camera)
