import numpy as np
import pytest
import torch
from matplotlib.patches import FancyArrowPatch

from pyg_skeleton.visualization import plot_actional_edges


def arrows(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]


def test_strongest_edges_without_self_loops_from_source_to_target(pose, skeleton, draws):
    weight = torch.zeros(25, 25)
    weight.fill_diagonal_(5.0)
    strongest = [(7, 3), (3, 7), (10, 11), (0, 24)]  # (target, source)
    for rank, (target, source) in enumerate(strongest):
        weight[target, source] = 1.0 - 0.1 * rank
    figure = plot_actional_edges(pose, skeleton, weight.flatten(), top=4, azimuth=0, elevation=0)
    drawn = arrows(figure)
    assert len(drawn) == 4
    # The strongest is drawn last, on top, and widest.
    widths = [arrow.get_linewidth() for arrow in drawn]
    assert widths == sorted(widths)
    ends = [arrow._posA_posB for arrow in reversed(drawn)]
    for (target, source), (start, end) in zip(strongest, ends, strict=True):
        assert start == pytest.approx(pose[source, :2].tolist())
        assert end == pytest.approx(pose[target, :2].tolist())
    draws(figure)


def test_matrix_equals_vector_and_top_is_at_most_all(pose, skeleton):
    weight = torch.rand(25, 25)
    one = plot_actional_edges(pose, skeleton, weight)
    two = plot_actional_edges(pose, skeleton, weight.flatten().numpy())
    assert len(arrows(one)) == len(arrows(two)) == 15
    for a, b in zip(arrows(one), arrows(two), strict=True):
        assert np.array_equal(a._posA_posB, b._posA_posB)
    assert len(arrows(plot_actional_edges(pose, skeleton, weight, top=10_000))) == 600


def test_equal_weights(pose, skeleton, draws):
    draws(plot_actional_edges(pose, skeleton, torch.full((625,), 0.04), title="uniform"))


def test_wrong_input(pose, skeleton):
    with pytest.raises(ValueError, match=r"edge_weight must be \[625\] or \[25, 25\], got \[600\]"):
        plot_actional_edges(pose, skeleton, torch.ones(600))
    with pytest.raises(ValueError, match="edge_weight must be finite"):
        plot_actional_edges(pose, skeleton, torch.full((625,), float("nan")))
    with pytest.raises(ValueError, match="top must be at least 1, got 0"):
        plot_actional_edges(pose, skeleton, torch.ones(625), top=0)
