import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from pyg_skeleton.visualization import plot_graph_around
from pyg_skeleton.visualization._figure import BLUE, VERMILION


def lines(ax):
    """The edges, the weakest first: their two ends, width, color and opacity."""
    return [
        (line.get_xydata(), line.get_linewidth(), line.get_color(), line.get_alpha())
        for line in ax.lines
    ]


def graph(skeleton, **into):
    """A graph with these edges into joint 11, and others that are not drawn."""
    out = torch.zeros(25, 25)
    out[:, 11] = 100.0  # edges from the joint
    for source, weight in into.items():
        out[11, int(source[1:])] = weight
    return out


def test_edges_into_the_anchor(pose, skeleton, draws):
    weight = graph(skeleton, j3=0.5, j7=-1.0, j11=50.0, j0=0.001)
    figure = plot_graph_around(pose, skeleton, weight, 11, azimuth=0, elevation=0)
    weak, strong = lines(figure.axes[0])
    for (ends, _, _, _), source in ((weak, 3), (strong, 7)):
        assert ends[0] == pytest.approx(pose[source, :2].numpy())
        assert ends[1] == pytest.approx(pose[11, :2].numpy())
    assert weak[1] < strong[1]
    assert weak[3] < strong[3]
    assert (weak[2], strong[2]) == (VERMILION, BLUE)
    circles = figure.axes[0].collections[1:]  # after the bones: two sources and the anchor
    assert circles[0].get_sizes()[0] < circles[1].get_sizes()[0]
    assert to_rgb(circles[2].get_facecolor()[0]) == (1.0, 1.0, 1.0)
    draws(figure)


def test_one_scale_for_all(pose, skeleton, draws):
    graphs = torch.stack([graph(skeleton, j3=1.0), graph(skeleton, j3=0.25)])
    poses = torch.stack([pose, pose + 1.0])
    figure = plot_graph_around(
        poses, skeleton, graphs, "right_hand", ["take_a_selfie", "point"], "learned graphs"
    )
    first, second = figure.axes
    assert lines(first)[0][1] > 2 * lines(second)[0][1]
    assert [ax.get_title() for ax in figure.axes] == ["take a selfie", "point"]
    assert figure.get_suptitle() == "learned graphs"
    draws(figure)


def test_many_graphs_and_missing_joints(pose, skeleton, draws):
    pose[3] = torch.nan
    graphs = np.stack([graph(skeleton, j3=1.0, j7=1.0)] * 7)
    figure = plot_graph_around(pose, skeleton, graphs, 11)
    assert len(figure.axes) == 10
    assert [len(ax.lines) for ax in figure.axes] == [1] * 7 + [0] * 3
    draws(figure)
    draws(plot_graph_around(pose[:, :2], skeleton, torch.zeros(25, 25), 11, up="-y"))


def test_wrong_input(pose, skeleton):
    zero = torch.zeros(2, 25, 25)
    assert skeleton.joints[11] == "right_hand"
    for joint in ("tail", 25, -1):
        with pytest.raises(ValueError, match=f"'ntu25' has no joint {joint!r}"):
            plot_graph_around(pose, skeleton, zero, joint)
    with pytest.raises(ValueError, match=r"graphs must be \[25, 25\] or \[n, 25, 25\], got \[2, 3"):
        plot_graph_around(pose, skeleton, torch.zeros(2, 3, 25, 25), 0)
    with pytest.raises(ValueError, match="graphs must be finite"):
        plot_graph_around(pose, skeleton, zero * torch.nan, 0)
    with pytest.raises(ValueError, match="each of 2 graphs, got 3 poses and 0 titles"):
        plot_graph_around(torch.stack([pose] * 3), skeleton, zero, 0)
    with pytest.raises(ValueError, match="each of 2 graphs, got 2 poses and 1 titles"):
        plot_graph_around(pose, skeleton, zero, 0, ["a"])
    with pytest.raises(ValueError, match=r"positions must be \[V, 3\] with V = 25, got \[24, 3\]"):
        plot_graph_around(pose[:24], skeleton, zero, 0)
    pose[11] = torch.nan
    with pytest.raises(ValueError, match="joint 'right_hand' is not finite"):
        plot_graph_around(pose, skeleton, zero, 11)
