"""The masks of an explainer, drawn on the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.skeleton import as_graph, as_tree
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.visualization._body import flatten, upright
from pyg_skeleton.visualization._figure import (
    FAINT,
    INK,
    VERMILION,
    Array,
    add_bar,
    new_figure,
    to_array,
    to_positions,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import GraphLike


def explainer_to_skeleton(
    explanation: Any,
    skeleton: GraphLike,
    positions: Any = None,
    top: int = 3,
    title: str = "",
) -> Figure:
    r"""Draws an explanation of PyG's :class:`~torch_geometric.explain.Explainer` on the body.

    The node mask is the size and the color of the joints, the edge mask the width and the color of
    the edges, each relative to its largest value. Masks of several features, of both directions of
    an edge and of several bodies are averaged, without their signs.

    .. code-block:: python

        explanation = explainer(data.x.flatten(1), data.edge_index)
        explainer_to_skeleton(explanation, "ntu25").savefig("explanation.png")

    Args:
        explanation (torch_geometric.explain.Explanation): The explanation of one clip or pose, with
            an edge mask, a node mask, or both.
        skeleton (BodyGraph or str): The layout, or the graph of the nodes.
        positions (Tensor or numpy.ndarray, optional): A pose to draw on; graphs without bones need
            one. (default: a standing person)
        top (int, optional): The number of joints whose names are written, those of the largest node
            mask. (default: :obj:`3`)
        title (str, optional): The title. (default: :obj:`""`)

    Shapes:
        - **positions:** :math:`(V, 3)`, y up, or :math:`(V, 2)`

    Raises:
        ValueError: If there is no mask, a mask does not fit the graph, or positions are missing.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    graph = as_graph(skeleton)
    joints, edges = joint_shares(explanation, graph.num_joints), edge_shares(explanation, graph)
    if joints is None and edges is None:
        raise ValueError(f"expected an explanation with node_mask or edge_mask, got {explanation}")
    if positions is None:
        tree = as_tree(graph, "a drawing without positions")
        positions = rest_pose(tree, spread=22)
    points = to_positions(positions, graph.num_joints, "positions")
    points = flatten(upright(points, "y"), 0, 0)

    figure = new_figure(4.6, 5.2)
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    colors, norm = LinearSegmentedColormap.from_list("share", [FAINT, VERMILION]), Normalize(0, 1)
    ax = figure.add_subplot()
    widths = np.zeros(len(graph.edges)) if edges is None else edges
    for (a, b), share in zip(graph.edges, widths.tolist(), strict=True):
        ax.plot(
            *points[[a, b]].T, color=colors(share), linewidth=1.0 + 7.0 * share,
            solid_capstyle="round", zorder=1 + share,
        )  # fmt: skip
    sizes = np.zeros(graph.num_joints) if joints is None else joints
    x, y = points.T
    ax.scatter(
        x, y, s=14 + 190 * sizes, c=sizes, cmap=colors, norm=norm, edgecolors="white",
        linewidths=0.7, zorder=3,
    )  # fmt: skip
    for joint in np.argsort(-sizes, kind="stable")[: 0 if joints is None else top].tolist():
        ax.annotate(
            graph.joints[joint].replace("_", " "), points[joint], xytext=(9, 0),
            textcoords="offset points", fontsize=7.5, color=INK, va="center", zorder=4,
        )  # fmt: skip
    ax.set_aspect("equal")
    ax.margins(0.16)
    ax.set_axis_off()
    add_bar(figure, ax, norm, colors, "importance, relative to the largest")
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    return figure


def joint_shares(explanation: Any, num_joints: int) -> Array | None:
    """The node mask of each joint, from 0 to 1."""
    mask = explanation.get("node_mask")
    if mask is None:
        return None
    values = np.abs(to_array(mask, "node_mask"))
    if not len(values) or len(values) % num_joints:
        raise ValueError(f"expected a node_mask of bodies of {num_joints}, got {len(values)} nodes")
    return _shares(values.reshape(-1, num_joints, values[0].size).mean(axis=(0, 2)))


def edge_shares(explanation: Any, skeleton: GraphLike) -> Array | None:
    """The edge mask of each edge of a graph, in the order of its :obj:`edges`, from 0 to 1."""
    graph, mask = as_graph(skeleton), explanation.get("edge_mask")
    if mask is None:
        return None
    V = graph.num_joints
    values, place = np.abs(to_array(mask, "edge_mask")), {e: i for i, e in enumerate(graph.edges)}
    total, count = np.zeros(len(place)), np.zeros(len(place))
    for (a, b), value in zip(explanation.edge_index.t().tolist(), values.tolist(), strict=True):
        at = place.get((a % V, b % V), place.get((b % V, a % V)))
        if at is None and a != b:
            raise ValueError(f"edge {a} -> {b} of the explanation is none of {graph.name!r}")
        if at is not None:
            total[at] += value
            count[at] += 1
    return _shares(total / np.maximum(count, 1))


def _shares(values: Array) -> Array:
    if not np.isfinite(values).all():
        raise ValueError("expected masks of finite numbers")
    return values / (values.max() or 1.0)
