import numpy as np
import pytest

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.visualization._body import (
    SIDE_COLORS,
    VIEWS,
    center,
    flatten,
    joint_side,
    part_colors,
    side_keys,
    upright,
)

POINT = np.array([[1.0, 2.0, 3.0]])


def test_upright_points_right_near_and_up():
    assert upright(POINT, "y").tolist() == [[1, 3, 2]]
    assert upright(POINT, "z").tolist() == [[1, -2, 3]]
    assert upright(POINT, "-y").tolist() == [[1, -3, -2]]
    with pytest.raises(ValueError, match="up must be one of x, y, z, -x, -y, -z, got 'w'"):
        upright(POINT, "w")


@pytest.mark.parametrize("up", VIEWS)
def test_no_axis_that_points_up_mirrors_the_body(up):
    right, near, above = np.moveaxis(upright(np.eye(3), up), -1, 0)
    assert np.cross(right, above).tolist() == near.tolist()
    assert above.tolist() == [(-1 if up[0] == "-" else 1) * (axis == up[-1]) for axis in "xyz"]


def luminance(color):
    """The brightness of a color in gray, from 0 to 1."""
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def test_sides_differ_in_gray():
    left, right, center = map(
        luminance, (SIDE_COLORS[side] for side in ("left", "right", "center"))
    )
    for dark, light in ((left, right), (center, left)):
        assert (light + 0.05) / (dark + 0.05) > 2  # the contrast of WCAG


def test_keys_of_a_legend(skeleton):
    assert [key.get_label() for key in side_keys(skeleton, truth=True)] == [
        "left",
        "right",
        "truth",
    ]
    assert side_keys(Skeleton("a", ("b", "c"), [(1, 0)], 0)) == []


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
