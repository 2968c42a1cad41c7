import numpy as np
import pytest
from matplotlib.figure import Figure

from pyg_skeleton.visualization import plot_skeleton
from pyg_skeleton.visualization._body import SIDE_COLORS


def bones(figure):
    """Color and ends of the bones, without floor and shadow."""
    lines = [line for line in figure.axes[0].lines if line.get_color() in SIDE_COLORS.values()]
    return [(line.get_color(), np.stack(line.get_data_3d(), -1)) for line in lines]


def test_draws_every_bone_in_the_color_of_its_side(pose, skeleton, draws):
    figure = plot_skeleton(pose, skeleton, title="rest")
    assert isinstance(figure, Figure)
    drawn = bones(figure)
    assert len(drawn) == 24
    colors = [color for color, _ in drawn]
    assert colors.count(SIDE_COLORS["left"]) == colors.count(SIDE_COLORS["right"]) == 10
    parent = skeleton.bones[0][1]
    x, y, z = pose[parent].tolist()
    assert drawn[0][1][0] == pytest.approx([x, -z, y])
    draws(figure)


def test_up_and_missing_joints(pose, skeleton, draws):
    turned = pose[:, [0, 2, 1]].numpy() * [1, -1, 1]
    plain, other = plot_skeleton(pose, skeleton), plot_skeleton(turned, skeleton, up="z")
    for (_, one), (_, two) in zip(bones(plain), bones(other), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)
    turned[skeleton.joint_id("left_elbow")] = np.nan
    figure = plot_skeleton(turned, skeleton, up="z", labels=True, unit="mm")
    assert len(bones(figure)) == 22
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert "floor grid 0.25 mm" in texts
    assert len(texts) == 24 + 1
    draws(figure)


def test_draws_into_given_axes(pose, skeleton, draws):
    figure = Figure()
    axes = [figure.add_subplot(1, 2, i + 1, projection="3d") for i in range(2)]
    assert plot_skeleton(pose, skeleton, ax=axes[1]) is figure
    assert len(axes[1].lines) > 40
    assert not axes[0].lines
    draws(figure)


def test_size_of_the_floor_follows_the_unit(pose, skeleton):
    for scale, mesh in ((1, 0.25), (1000, 250), (0.01, 0.0025)):
        texts = plot_skeleton(pose * scale, skeleton).axes[0].texts
        assert texts[-1].get_text() == f"floor grid {mesh:g} m"


def test_wrong_input(pose, skeleton):
    with pytest.raises(ValueError, match="positions must be"):
        plot_skeleton(pose[:24], skeleton)
    with pytest.raises(ValueError, match="no joint is finite"):
        plot_skeleton(pose * float("nan"), skeleton)
    with pytest.raises(ValueError, match="up must be"):
        plot_skeleton(pose, skeleton, up="down")
