"""Hops on small undirected graphs, computed on integers and so without float thresholds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

HopMode = Literal["ring", "ball", "power"]


def adjacency(num_nodes: int, edges: Iterable[tuple[int, int]]) -> NDArray[np.bool_]:
    """Returns the symmetric adjacency without self-loops."""
    adj = np.zeros((num_nodes, num_nodes), dtype=np.bool_)
    for i, j in edges:
        adj[i, j] = adj[j, i] = True
    return adj


def _product(left: NDArray[np.bool_], right: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return (left.astype(np.int64) @ right.astype(np.int64)) > 0


def distances(adj: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Returns the length of the shortest path between any two nodes, -1 if there is none."""
    num_nodes = len(adj)
    frontier = np.eye(num_nodes, dtype=np.bool_)
    dist = np.where(frontier, np.int64(0), np.int64(-1))
    for hop in range(1, num_nodes):
        frontier = _product(frontier, adj) & (dist < 0)
        if not frontier.any():
            break
        dist[frontier] = hop
    return dist


def power_support(adj: NDArray[np.bool_], k: int) -> NDArray[np.bool_]:
    """Returns the non-zero entries of the `k`-th power of the adjacency with self-loops."""
    eye = np.eye(len(adj), dtype=np.bool_)
    step, reach = adj | eye, eye
    for _ in range(k):
        further = _product(reach, step)
        if (further == reach).all():
            break
        reach = further
    return reach


def power_values(adj: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    r"""Returns :math:`(\mathbf{D}^{-1}(\mathbf{A} + \mathbf{I}))^k` with targets in the rows."""
    loops = adj.astype(np.float64) + np.eye(len(adj))
    return np.linalg.matrix_power(loops / loops.sum(axis=1, keepdims=True), k)


def hop_mask(
    adj: NDArray[np.bool_], dist: NDArray[np.int64], k: int, mode: HopMode
) -> NDArray[np.bool_]:
    """Returns the (target, source) pairs of the `k`-th hop as a mask."""
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
        raise TypeError(f"expected the hop as an int, got {k!r} ({type(k).__name__})")
    if k < 0:
        raise ValueError(f"expected a hop of at least 0, got {k}")
    if mode == "ring":
        return dist == k
    if mode == "ball":
        return (dist >= 0) & (dist <= k)
    if mode == "power":
        return power_support(adj, k)
    raise ValueError(f"expected mode to be one of {list(get_args(HopMode))}, got {mode!r}")
