import numpy as np
import pytest
import torch

from pyg_skeleton.data import Clip
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.visualization.viewer.scene import body_size, build_scene


def fit(clip, kind="solid"):
    return build_scene({"a": clip}, {})["fits"][kind]


@pytest.mark.parametrize("up", ["x", "y", "z", "-x", "-y", "-z"])
def test_the_view_does_not_depend_on_the_axis_that_points_up(up, walk):
    turned = fit(walk.to_up(up))
    for key in ("floor", "size", "radius"):
        assert turned[key] == pytest.approx(fit(walk)[key], abs=1e-5)
    assert turned["center"][1] == pytest.approx(fit(walk)["center"][1])


def test_the_body_is_seen_from_its_front(skeleton):
    pose = rest_pose(skeleton, spread=20)
    turn = torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])  # front to the right
    front = Clip(pose[None, None], skeleton)
    right = Clip((pose @ turn.T)[None, None], skeleton)
    assert fit(front)["azimuth"] == pytest.approx(30.0)
    assert fit(right)["azimuth"] == pytest.approx(120.0)


def test_the_camera_follows_a_long_walk(skeleton, pose):
    way = torch.linspace(0, 1, 20)[:, None, None] * torch.tensor([1.0, 0.0, 0.0])
    near, far = (Clip((pose + length * way)[None], skeleton, 25) for length in (1.0, 20.0))
    assert not fit(near)["follow"]
    assert fit(far)["follow"]
    assert fit(far)["radius"] < 3 * fit(near)["radius"]


def test_the_whole_picture_is_seen(keypoints):
    flat = fit(keypoints.replace(image_size=(200, 100)), "flat")
    assert (flat["center"], flat["radius"], flat["aspect"]) == ([100.0, -50.0, 0.0], 50.0, 2.0)
    share = fit(keypoints.to_unit("normalized"), "flat")
    assert share["picture"] == (1, 1)


def test_absent_persons_and_missing_joints_have_no_place(walk):
    joints = torch.cat([walk.joints, torch.zeros_like(walk.joints)])
    joints[0, 0, 0] = torch.nan
    two = fit(walk.replace(joints=joints, persons=()))
    assert two["floor"] == pytest.approx(fit(walk)["floor"], abs=0.01)


def test_sizes(pose):
    x = pose.double().numpy()[None, None]
    expected = np.linalg.norm(np.ptp(x[0, 0], axis=0))
    assert body_size(x) == pytest.approx(expected)
    assert body_size(np.full_like(x, np.nan)) == 1.0
    assert body_size(np.zeros_like(x)) == 1.0


def test_a_clip_without_joints(walk):
    empty = walk.replace(joints=torch.full_like(walk.joints, torch.nan))
    with pytest.raises(ValueError, match="no joint of the clips is finite"):
        build_scene({"a": empty}, {})
    one = walk.replace(joints=torch.ones(1, 2, 25, 1), up=None)
    with pytest.raises(
        ValueError, match=r"expected joints of 2 or 3 coordinates, got \[1, 2, 25, 1\]"
    ):
        build_scene({"a": one}, {})
