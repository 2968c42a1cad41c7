import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch

from pyg_skeleton.visualization import plot_dynamic_edges


def arrows(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]


def test_strongest_edges_that_are_no_bones(pose, skeleton, draws):
    weight = torch.zeros(25, 25)
    weight.fill_diagonal_(5.0)
    for child, parent in skeleton.bones:
        weight[child, parent] = weight[parent, child] = 4.0
    wanted = [(7, 3, 0.9), (11, 20, -0.8), (3, 7, 0.4), (0, 23, 0.1)]  # (target, source, weight)
    for target, source, value in wanted:
        weight[target, source] = value
    # Zeros are no edges, however many are asked for.
    figure = plot_dynamic_edges(pose, skeleton, weight, top=50, up="y", azimuth=0, elevation=0)
    drawn = arrows(figure)[::-1]
    assert len(drawn) == 4
    for (target, source, value), arrow in zip(wanted, drawn, strict=True):
        start, end = arrow._posA_posB
        assert start == pytest.approx(pose[source, :2].tolist())
        assert end == pytest.approx(pose[target, :2].tolist())
        red, _, blue = to_rgb(arrow.get_edgecolor())
        assert (red > blue) == (value > 0)
    widths = [arrow.get_linewidth() for arrow in drawn]
    assert widths == sorted(widths, reverse=True)
    assert len(arrows(plot_dynamic_edges(pose, skeleton, weight, top=2))) == 2
    draws(figure)


def test_a_pose_in_the_image_is_drawn_as_it_is(pose, skeleton, draws):
    keypoints = 300 - 200 * pose[:, :2]  # y down
    weight = torch.zeros(625)
    weight[7 * 25 + 3] = 0.5
    figure = plot_dynamic_edges(keypoints, skeleton, weight, title="one")
    start, end = arrows(figure)[0]._posA_posB
    assert start == pytest.approx([keypoints[3, 0].item(), -keypoints[3, 1].item()])
    assert end == pytest.approx([keypoints[7, 0].item(), -keypoints[7, 1].item()])
    assert figure.axes[1].get_ylim() == (0, 0.5)  # no negative weights, no bar for them
    draws(figure)


def test_no_edges_and_missing_joints(pose, skeleton, draws):
    draws(plot_dynamic_edges(pose, skeleton, torch.eye(25)))
    pose[3] = torch.nan
    weight = torch.zeros(25, 25)
    weight[7, 3], weight[7, 11] = 0.5, 0.4
    figure = plot_dynamic_edges(pose, skeleton, weight)
    assert len(arrows(figure)) == 1
    draws(figure)


def test_wrong_input(pose, skeleton):
    with pytest.raises(ValueError, match=r"edge_weight must be \[625\] or \[25, 25\], got \[3, 25"):
        plot_dynamic_edges(pose, skeleton, np.zeros((3, 25, 25)))
    with pytest.raises(ValueError, match="edge_weight must be finite"):
        plot_dynamic_edges(pose, skeleton, np.full(625, np.inf))
    with pytest.raises(ValueError, match="top must be at least 1, got 0"):
        plot_dynamic_edges(pose, skeleton, np.ones(625), top=0)
    with pytest.raises(ValueError, match="no joint is finite"):
        plot_dynamic_edges(pose * torch.nan, skeleton, np.ones(625))
