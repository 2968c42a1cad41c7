"""The strongest edges of an actional graph, over the body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._body import draw_flat, flatten, upright
from pyg_skeleton.visualization._figure import (
    FAINT,
    GREY,
    INK,
    figure_of,
    new_figure,
    to_array,
    to_positions,
)

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

    An arrow goes from the joint that informs to the joint that is informed; the stronger, the wider
    and darker.

    Args:
        positions (Tensor or numpy.ndarray): A pose to draw over.
        skeleton (Skeleton): The layout.
        edge_weight (Tensor or numpy.ndarray): The weights of the complete graph, sorted by (target,
            source), as :class:`~pyg_skeleton.nn.AGIM` returns them for one clip. Self-loops are not
            drawn.
        top (int, optional): The number of edges. (default: :obj:`15`)
        ax (Axes, optional): Axes to draw into; if :obj:`None`, a new figure.
            (default: :obj:`None`)
        up (str, optional): The axis that points up, see :func:`plot_skeleton`.
            (default: :obj:`"y"`)
        title (str, optional): The title. (default: :obj:`""`)
        azimuth (float, optional): The direction of the view, in degrees. (default: :obj:`30.0`)
        elevation (float, optional): The height of the view, in degrees. (default: :obj:`8.0`)

    Shapes:
        - **positions:** :math:`(V, 3)` or :math:`(V, 2)`
        - **edge_weight:** :math:`(V^2)` or :math:`(V, V)`, row target, column source

    Raises:
        ValueError: If a shape does not fit the skeleton, **top** is less than 1, or a weight is not
            finite.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    size = skeleton.num_joints
    weight = to_array(edge_weight, "edge_weight")
    if weight.shape not in ((size * size,), (size, size)):
        raise ValueError(
            f"edge_weight must be [{size * size}] or [{size}, {size}], got {list(weight.shape)}"
        )
    if not np.isfinite(weight).all():
        raise ValueError("edge_weight must be finite")
    if top < 1:
        raise ValueError(f"top must be at least 1, got {top}")
    points = flatten(upright(to_positions(positions, size, "positions"), up), azimuth, elevation)
    figure = new_figure(3.9, 4.8) if ax is None else figure_of(ax)
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize
    from matplotlib.patches import FancyArrowPatch

    axes = figure.add_subplot() if ax is None else ax
    draw_flat(axes, points, skeleton, dict.fromkeys(("left", "right", "centre"), "#A9C4D8"), 4.0)
    axes.scatter(points[:, 0], points[:, 1], c="#7FA3BD", s=14, zorder=2)

    weight = weight.reshape(size, size).copy()
    np.fill_diagonal(weight, -np.inf)
    order = np.argsort(-weight, axis=None, kind="stable")[: min(top, size * (size - 1))]
    targets, sources = np.unravel_index(order, weight.shape)
    values = weight[targets, sources]
    colors = LinearSegmentedColormap.from_list("actional", ["#F6C85F", "#D55E00", "#6B1D00"])
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    for target, source, value in reversed(list(zip(targets, sources, values, strict=True))):
        if not np.isfinite(points[[target, source]]).all():
            continue
        share = (value - low) / (high - low) if high > low else 1.0
        arrow = FancyArrowPatch(
            tuple(points[source]), tuple(points[target]), connectionstyle="arc3,rad=0.18",
            arrowstyle="-|>,head_length=3.2,head_width=1.6", shrinkA=2, shrinkB=3,
            linewidth=0.8 + 1.7 * share, color=colors(share), zorder=3 + share,
        )  # fmt: skip
        axes.add_patch(arrow)
    scale = ScalarMappable(Normalize(low, high), colors)
    bar = figure.colorbar(scale, ax=axes, shrink=0.45, aspect=16, pad=0.02, fraction=0.06)
    bar.set_label("weight", fontsize=8, color=INK)
    bar.ax.tick_params(labelsize=7, color=GREY, labelcolor=INK)
    bar.outline.set_edgecolor(FAINT)
    axes.set_title(title, fontsize=10, color=INK)
    axes.set_aspect("equal")
    axes.margins(0.1)
    axes.set_axis_off()
    return figure
