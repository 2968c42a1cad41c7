from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pyg_skeleton.skeleton.hops import (
    adjacency,
    distances,
    hop_mask,
    power_support,
    power_values,
)


@st.composite
def graphs(draw: st.DrawFn) -> NDArray[np.bool_]:
    """Any undirected graph, often in several pieces."""
    size = draw(st.integers(1, 12))
    node = st.integers(0, size - 1)
    pairs = draw(st.lists(st.tuples(node, node).filter(lambda p: p[0] != p[1]), max_size=20))
    return adjacency(size, pairs)


@given(graphs())
def test_distances_are_those_of_floyd_and_warshall(adj: NDArray[np.bool_]) -> None:
    expected = np.where(adj, 1.0, np.inf)
    np.fill_diagonal(expected, 0)
    for mid in range(len(adj)):
        expected = np.minimum(expected, expected[:, mid : mid + 1] + expected[mid])
    got = distances(adj)
    assert got.dtype == np.int64
    np.testing.assert_array_equal(np.where(got < 0, np.inf, got), expected)


@given(graphs(), st.integers(0, 14))
def test_the_power_reaches_exactly_the_ball(adj: NDArray[np.bool_], k: int) -> None:
    dist = distances(adj)
    ball = (dist >= 0) & (dist <= k)
    np.testing.assert_array_equal(power_support(adj, k), ball)
    values = power_values(adj, k)
    np.testing.assert_array_equal(values != 0, ball)
    np.testing.assert_allclose(values.sum(axis=1), 1)


def test_the_support_does_not_underflow() -> None:
    star = adjacency(30, [(0, i) for i in range(1, 30)])
    assert power_support(star, 10**9).all()


@pytest.mark.parametrize(
    ("hop", "mode", "error", "match"),
    [
        (-1, "ring", ValueError, "hop of at least 0, got -1"),
        (1.0, "ball", TypeError, "hop as an int, got 1.0"),
        (True, "ball", TypeError, "hop as an int, got True"),
        (1, "walk", ValueError, r"one of \['ring', 'ball', 'power'\], got 'walk'"),
    ],
)
def test_errors(hop: Any, mode: Any, error: type[Exception], match: str) -> None:
    adj = adjacency(2, [(0, 1)])
    with pytest.raises(error, match=match):
        hop_mask(adj, distances(adj), hop, mode)
