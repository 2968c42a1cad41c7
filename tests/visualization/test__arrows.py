import numpy as np
import pytest
from matplotlib.figure import Figure

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.visualization._arrows import draw_edges, strongest, to_weights

LINE = Skeleton("line3", ("a", "b", "c"), bones=((1, 0), (2, 1)), root=0)


def test_weights_of_a_complete_graph_are_a_copy():
    value = np.arange(9.0)
    weight = to_weights(value, 3, "weight")
    assert weight[1].tolist() == [3, 4, 5]
    weight[:] = 0
    assert value[5] == 5
    with pytest.raises(ValueError, match=r"weight must be \[9\] or \[3, 3\], got \[2, 3\]"):
        to_weights(np.ones((2, 3)), 3, "weight")
    with pytest.raises(ValueError, match="weight must be finite"):
        to_weights(np.full(9, np.nan), 3, "weight")


def test_the_strongest_in_falling_order():
    weight = np.array([[0.1, 0.9], [-np.inf, 0.5]])
    targets, sources = strongest(weight, 2)
    assert list(zip(targets, sources, strict=True)) == [(0, 1), (1, 1)]
    assert len(strongest(weight, 10)[0]) == 3  # what is not finite is no edge
    with pytest.raises(ValueError, match="top must be at least 1, got 0"):
        strongest(weight, 0)


def test_an_arrow_goes_from_the_source_to_the_target():
    axes = Figure().subplots()
    points = np.array([[0.0, 0.0], [1.0, 2.0], [np.nan, 0.0]])
    edges = [(0, 1), (2, 1)]  # the second one ends where nothing is
    draw_edges(axes, points, LINE, edges, np.array([1.0, 0.5]), ["red", "blue"])
    (arrow,) = axes.patches
    start, end = arrow._posA_posB
    assert tuple(start) == (1, 2)
    assert tuple(end) == (0, 0)
    assert arrow.get_linewidth() == pytest.approx(2.5)
