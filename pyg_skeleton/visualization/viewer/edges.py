"""Weighted edges of a graph over the joints of a scene."""

from __future__ import annotations

from typing import Any

import numpy as np

from pyg_skeleton.visualization._figure import Array, to_array

#: The number of edges that a page holds of a graph, the strongest.
MOST = 2000


def encode_edges(graph: Any, num_joints: int, num_persons: int, name: str) -> dict[str, Any]:
    r"""The edges of a graph, strongest first.

    Args:
        graph (Any): A matrix of weights by (target, source); a pair of :obj:`edge_index` and
            weights; or an object with :obj:`edge_index` and :obj:`edge_weight` or
            :obj:`edge_mask`, as PyG's explanations.
        num_joints (int): The number of joints.
        num_persons (int): The number of persons. A graph is over the joints of one person, and
            drawn on each, or over those of all.
        name (str): The name of the graph, for errors.

    Shapes:
        - a matrix: :math:`(V, V)`, :math:`(V^2)` or :math:`(M V, M V)`
        - a pair: :math:`(2, |\mathcal{E}|)` and :math:`(|\mathcal{E}|)`

    Raises:
        ValueError: If a shape does not fit, or a weight is not finite.
    """
    pair = graph
    if hasattr(graph, "edge_index"):
        weight = getattr(graph, "edge_mask", None)
        pair = (graph.edge_index, graph.edge_weight if weight is None else weight)
    sizes = sorted({num_joints, num_joints * num_persons})
    if isinstance(pair, tuple):
        ends, weight = to_array(pair[0], name).astype(np.int64), to_array(pair[1], name)
        if ends.ndim != 2 or len(ends) != 2 or weight.shape != ends.shape[1:]:
            raise ValueError(
                f"{name} must be edges [2, E] and weights [E], got {list(ends.shape)} and "
                f"{list(weight.shape)}"
            )
        last = int(ends.max(initial=0))
        if ends.min(initial=0) < 0 or last >= sizes[-1]:
            raise ValueError(
                f"{name} has the node {last}, expected nodes from 0 to {sizes[-1] - 1}"
            )
        size = next(size for size in sizes if last < size)
        source, target = ends
    else:
        matrix, size = _square(to_array(pair, name), sizes, name)
        target, source = np.nonzero(matrix)
        weight = matrix[target, source]
    if not np.isfinite(weight).all():
        raise ValueError(f"{name} must be finite")
    order = np.argsort(-np.abs(weight), kind="stable")[:MOST]
    digits = weight[order].astype(np.float32).astype(float)
    return {
        "size": size,
        "source": source[order].tolist(),
        "target": target[order].tolist(),
        "weight": [float(f"{value:.5g}") for value in digits],
    }


def _square(matrix: Array, sizes: list[int], name: str) -> tuple[Array, int]:
    for size in sizes:
        if matrix.shape in ((size, size), (size * size,)):
            return matrix.reshape(size, size), size
    expected = " or ".join(f"[{size}, {size}]" for size in sizes)
    raise ValueError(f"{name} must be {expected}, got {list(matrix.shape)}")
