"""The strongest edges of an actional graph, drawn over the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._arrows import draw_edges, strongest, to_weights
from pyg_skeleton.visualization._body import flatten, upright
from pyg_skeleton.visualization._figure import INK, add_bar, figure_of, new_figure, to_positions

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import Skeleton


def plot_actional_edges(
    positions: Any,
    skeleton: Skeleton,
    edge_weight: Any,
    top: int = 15,
    ax: Axes | None = None,
    up: str = "y",
    title: str = "",
    azimuth: float = 30.0,
    elevation: float = 8.0,
) -> Figure:
    r"""Draws the strongest edges between different joints over a pose, as in Fig. 11 of the
    `"Symbiotic Graph Neural Networks for 3D Skeleton-based Human Action Recognition and Motion
    Prediction" <https://arxiv.org/abs/1910.02212>`_ paper.

    Arrows point from source to target; stronger edges are wider and darker.

    Args:
        positions (Tensor or numpy.ndarray): The pose to draw over.
        skeleton (Skeleton): The layout.
        edge_weight (Tensor or numpy.ndarray): The weights of the complete graph, sorted by (target,
            source), as :class:`~pyg_skeleton.nn.AGIM` returns them for one clip. Self-loops are not
            drawn.
        top (int, optional): The number of edges. (default: :obj:`15`)
        ax (Axes, optional): The axes to draw into. If :obj:`None`, creates a new figure.
            (default: :obj:`None`)
        up (str, optional): The axis that points up, see :func:`plot_skeleton`.
            (default: :obj:`"y"`)
        title (str, optional): The title. (default: :obj:`""`)
        azimuth (float, optional): The horizontal angle of the view, in degrees.
            (default: :obj:`30.0`)
        elevation (float, optional): The vertical angle of the view, in degrees.
            (default: :obj:`8.0`)

    Shapes:
        - **positions:** :math:`(V, 3)` or :math:`(V, 2)`
        - **edge_weight:** :math:`(V^2)` or :math:`(V, V)`, row target, column source

    Raises:
        ValueError: If a shape does not fit the skeleton, **top** is less than 1, or a weight is not
            finite.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    size = skeleton.num_joints
    weight = to_weights(edge_weight, size, "edge_weight")
    np.fill_diagonal(weight, -np.inf)
    targets, sources = strongest(weight, top)
    points = flatten(upright(to_positions(positions, size, "positions"), up), azimuth, elevation)
    figure = new_figure(3.9, 4.8) if ax is None else figure_of(ax)
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    axes = figure.add_subplot() if ax is None else ax
    values = weight[targets, sources]
    colors = LinearSegmentedColormap.from_list("actional", ["#EBAE4A", "#D55E00", "#6B1D00"])
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    if high - low < 0.01 * abs(high):  # equal but for rounding
        low = 0.0
    share = (values - low) / (high - low) if high > low else np.ones_like(values)
    edges = list(zip(targets.tolist(), sources.tolist(), strict=True))
    draw_edges(axes, points, skeleton, edges, share, list(colors(share)))
    add_bar(figure, axes, Normalize(low, high), colors, "weight")
    axes.set_title(title, fontsize=10, color=INK)
    return figure
