import numpy as np
import pytest

from pyg_skeleton.visualization._body import center, flatten, joint_side, part_colors, upright

POINT = np.array([[1.0, 2.0, 3.0]])


def test_upright_points_right_near_and_up():
    assert upright(POINT, "y").tolist() == [[1, 3, 2]]
    assert upright(POINT, "z").tolist() == [[1, -2, 3]]
    assert upright(POINT, "-y").tolist() == [[1, -3, -2]]
    with pytest.raises(ValueError, match="up must be one of y, z, -y, got 'x'"):
        upright(POINT, "x")


def test_flatten_walks_around_and_climbs():
    right, near, up = np.eye(3)
    assert flatten(np.eye(3), 0, 0).tolist() == [[1, 0], [0, 0], [0, 1]]
    # From the person's left, the front points to the left of the picture.
    assert flatten(near, 90, 0) == pytest.approx([-1, 0])
    assert flatten(right, 90, 0) == pytest.approx([0, 0])
    # From above, what is near is low and heights vanish.
    assert flatten(near, 0, 90) == pytest.approx([0, -1])
    assert flatten(up, 0, 90) == pytest.approx([0, 0])


def test_center_ignores_missing_joints():
    clip = np.array([[[0.0, 0, 1], [2, 4, 3], [np.nan, 0, 0]], [[1, 1, 2], [1, 1, 2], [1, 1, 2]]])
    assert center(clip).tolist() == [[[1, 2, 0]], [[1, 1, 0]]]
    with pytest.raises(ValueError, match="no joint of the clip is finite"):
        center(np.full((1, 2, 3), np.nan))


def test_sides_and_parts(skeleton):
    assert joint_side(skeleton, skeleton.joint_id("left_knee")) == "left"
    assert joint_side(skeleton, skeleton.joint_id("right_hand")) == "right"
    assert joint_side(skeleton, skeleton.joint_id("spine")) == "center"
    colors = part_colors(skeleton)
    assert list(colors) == list(skeleton.parts)
    assert len(set(colors.values())) == len(colors)
