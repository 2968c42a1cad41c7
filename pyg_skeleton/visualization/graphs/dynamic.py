"""The dynamic graph of a pose, drawn over the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._arrows import draw_edges, strongest, to_weights
from pyg_skeleton.visualization._body import flatten, upright
from pyg_skeleton.visualization._figure import (
    INK,
    add_bar,
    diverging,
    figure_of,
    new_figure,
    to_positions,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import Skeleton


def plot_dynamic_edges(
    positions: Any,
    skeleton: Skeleton,
    edge_weight: Any,
    top: int = 12,
    ax: Axes | None = None,
    up: str = "-y",
    title: str = "",
    azimuth: float = 30.0,
    elevation: float = 8.0,
) -> Figure:
    r"""Draws the strongest edges of a dynamic graph (:class:`~pyg_skeleton.nn.DynamicHCSFConv`)
    over the pose it was computed from.

    Arrows point from source to target; stronger edges are wider and darker. Positive weights are
    vermilion, negative weights blue. Bones, self-loops and weights of zero are not drawn.

    Args:
        positions (Tensor or numpy.ndarray): The pose, in the image or in space.
        skeleton (Skeleton): The layout.
        edge_weight (Tensor or numpy.ndarray): The graph of this pose, or only its offset.
        top (int, optional): The maximum number of edges. (default: :obj:`12`)
        ax (Axes, optional): The axes to draw into. If :obj:`None`, creates a new figure.
            (default: :obj:`None`)
        up (str, optional): The axis that points up, see :func:`plot_skeleton`.
            (default: :obj:`"-y"`)
        title (str, optional): The title. (default: :obj:`""`)
        azimuth (float, optional): The horizontal angle of the view on a 3-D pose, in degrees.
            (default: :obj:`30.0`)
        elevation (float, optional): The vertical angle of the view, in degrees.
            (default: :obj:`8.0`)

    Shapes:
        - **positions:** :math:`(V, 3)` or :math:`(V, 2)`
        - **edge_weight:** :math:`(V, V)` or :math:`(V^2)`, row target, column source

    Raises:
        ValueError: If a shape does not fit the skeleton, **top** is less than 1, or a weight is not
            finite.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    size = skeleton.num_joints
    weight = to_weights(edge_weight, size, "edge_weight")
    strength = np.abs(weight)
    strength[weight == 0] = -np.inf
    np.fill_diagonal(strength, -np.inf)
    for child, parent in skeleton.bones:
        strength[child, parent] = strength[parent, child] = -np.inf
    targets, sources = strongest(strength, top)
    pose = to_positions(positions, size, "positions")
    if not pose[:, 2].any():  # a pose in the image
        azimuth = elevation = 0.0
    points = flatten(upright(pose, up), azimuth, elevation)
    seen = points[np.isfinite(points).all(1)]
    if not len(seen):
        raise ValueError("positions: no joint is finite")
    width, height = np.ptp(seen, axis=0)
    wide = float(np.clip(width / max(height, 1e-9), 0.5, 1.5))
    figure = new_figure(4.4 * wide + 1.3, 4.8) if ax is None else figure_of(ax)
    from matplotlib.colors import Normalize

    axes = figure.add_subplot() if ax is None else ax
    values = weight[targets, sources]
    most = float(np.abs(values).max(initial=0)) or 1.0
    norm, colors = Normalize(-most, most), diverging()
    edges = list(zip(targets.tolist(), sources.tolist(), strict=True))
    draw_edges(axes, points, skeleton, edges, np.abs(values) / most, list(colors(norm(values))))
    bar = add_bar(figure, axes, norm, colors, "weight")
    if (values >= 0).all():
        bar.ax.set_ylim(0, most)
    axes.set_title(title, fontsize=10, color=INK)
    return figure
