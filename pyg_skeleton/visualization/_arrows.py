"""Weighted edges, drawn as arrows over a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.visualization._body import draw_flat
from pyg_skeleton.visualization._figure import Array, to_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pyg_skeleton.skeleton import Skeleton


def to_weights(value: Any, size: int, name: str) -> Array:
    """Returns a copy of the weights of a complete graph, ``[V * V]`` or ``[V, V]``."""
    weight = to_array(value, name)
    if weight.shape not in ((size * size,), (size, size)):
        raise ValueError(
            f"{name} must be [{size * size}] or [{size}, {size}], got {[*weight.shape]}"
        )
    if not np.isfinite(weight).all():
        raise ValueError(f"{name} must be finite")
    return weight.reshape(size, size).copy()


def strongest(weight: Array, top: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns targets (rows) and sources (columns) of the largest weights, largest first."""
    if top < 1:
        raise ValueError(f"top must be at least 1, got {top}")
    order = np.argsort(-weight, axis=None, kind="stable")[: min(top, np.isfinite(weight).sum())]
    targets, sources = np.unravel_index(order, weight.shape)
    return targets, sources


def draw_edges(
    axes: Axes,
    points: Array,
    skeleton: Skeleton,
    edges: list[tuple[int, int]],
    strength: Array,
    colors: list[Any],
) -> None:
    """Draws a pale body and one arrow per (target, source) pair of **edges**, which are sorted by
    falling **strength**; the strength from 0 to 1 sets the width of an arrow.
    """
    from matplotlib.patches import FancyArrowPatch

    draw_flat(axes, points, skeleton, dict.fromkeys(("left", "right", "center"), "#D3DDE5"), 4.0)
    axes.scatter(points[:, 0], points[:, 1], c="#A9BCCB", s=14, zorder=2)
    for (target, source), share, color in reversed(
        list(zip(edges, strength.tolist(), colors, strict=True))
    ):
        if not np.isfinite(points[[target, source]]).all():
            continue
        arrow = FancyArrowPatch(
            tuple(points[source]), tuple(points[target]), connectionstyle="arc3,rad=0.18",
            arrowstyle="-|>,head_length=3.2,head_width=1.6", shrinkA=2, shrinkB=3,
            linewidth=0.8 + 1.7 * share, color=color, zorder=3 + share,
        )  # fmt: skip
        axes.add_patch(arrow)
    axes.set_aspect("equal")
    axes.margins(0.1)
    axes.set_axis_off()
