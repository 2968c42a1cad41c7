"""A 3-D pose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._body import SIDE_COLORS, joint_side, side_keys, upright
from pyg_skeleton.visualization._figure import (
    FAINT,
    GRAY,
    INK,
    Array,
    figure_of,
    new_figure,
    to_positions,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mpl_toolkits.mplot3d.axes3d import Axes3D

    from pyg_skeleton.skeleton import Skeleton

SHADOW = "#C8C8C8"


def plot_skeleton(
    positions: Any,
    skeleton: Skeleton,
    ax: Axes3D | None = None,
    up: str = "y",
    labels: bool = False,
    title: str = "",
    azimuth: float = 30.0,
    elevation: float = 12.0,
    unit: str = "m",
) -> Figure:
    r"""Draws a pose in 3-D, with the left side in blue and the right side in vermilion.

    Args:
        positions (Tensor or numpy.ndarray): The joints. Bones with a missing (not finite) end are
            left out.
        skeleton (Skeleton): The layout.
        ax (Axes3D, optional): The axes to draw into. If :obj:`None`, creates a new figure.
            (default: :obj:`None`)
        up (str, optional): The axis that points up: :obj:`"y"`, :obj:`"z"`, or :obj:`"-y"` for
            image and camera coordinates. (default: :obj:`"y"`)
        labels (bool, optional): If set to :obj:`True`, writes the index of each joint
            (:func:`plot_layout` shows the names). (default: :obj:`False`)
        title (str, optional): The title. (default: :obj:`""`)
        azimuth (float, optional): The horizontal angle of the view, in degrees: 0 is the front,
            positive angles show the person's left side. (default: :obj:`30.0`)
        elevation (float, optional): The vertical angle of the view, in degrees.
            (default: :obj:`12.0`)
        unit (str, optional): The unit of the positions. (default: :obj:`"m"`)

    Shapes:
        - **positions:** :math:`(V, 3)` or :math:`(V, 2)`

    Raises:
        ValueError: If the shape does not fit the skeleton, or **up** is unknown.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    points = upright(to_positions(positions, skeleton.num_joints, "positions"), up)
    # Matplotlib's own axes: right, away from the viewer, up.
    points = points * [1, -1, 1]
    seen = points[np.isfinite(points).all(1)]
    if not len(seen):
        raise ValueError("positions: no joint is finite")
    figure = new_figure(4.0, 4.8) if ax is None else figure_of(ax)
    axes: Any = figure.add_subplot(projection="3d") if ax is None else ax
    low, high = seen.min(0), seen.max(0)
    size = max(float((high - low).max()), 1e-9)
    mesh = _floor(axes, low, high, size)
    for child, parent in skeleton.bones:
        ends = points[[parent, child]]
        if np.isfinite(ends).all():
            color = SIDE_COLORS[joint_side(skeleton, child)]
            axes.plot(*ends[:, :2].T, [low[2]] * 2, color=SHADOW, linewidth=2.0, zorder=1)
            axes.plot(*ends.T, color=color, linewidth=2.5, solid_capstyle="round", zorder=3)
    colors = [SIDE_COLORS[joint_side(skeleton, joint)] for joint in range(skeleton.num_joints)]
    axes.scatter(
        *points.T, c=colors, s=18, depthshade=False, edgecolors="white", linewidths=0.6, zorder=4
    )
    if labels:
        for joint, point in enumerate(points):
            if np.isfinite(point).all():
                axes.text(*point, f" {joint}", fontsize=6.5, color=INK, zorder=5)
    axes.set_axis_off()
    limits = [axes.get_xlim(), axes.get_ylim(), axes.get_zlim()]
    axes.set_box_aspect([end - start for start, end in limits], zoom=1.2)
    axes.view_init(elev=elevation, azim=azimuth - 90)
    axes.set_title(title, fontsize=10, color=INK)
    if keys := side_keys(skeleton):
        axes.legend(handles=keys, loc="upper left", fontsize=7, frameon=False)
    axes.text2D(
        0.5, -0.05, f"floor grid {mesh:g} {unit}", transform=axes.transAxes, fontsize=7,
        color=GRAY, ha="center",
    )  # fmt: skip
    return figure


def _floor(axes: Any, low: Array, high: Array, size: float) -> float:
    """Draws the floor as a grid and returns its mesh size, a round number."""
    mesh = 10.0 ** np.floor(np.log10(size / 2))
    mesh *= max(step for step in (1.0, 2.5, 5.0) if step * mesh <= size / 4 or step == 1.0)
    first = np.floor((low[:2] - 0.05 * size) / mesh).astype(int)
    last = np.ceil((high[:2] + 0.05 * size) / mesh).astype(int)
    for axis in (0, 1):
        for line in range(first[axis], last[axis] + 1):
            ends = np.empty((2, 3))
            ends[:, axis], ends[:, 1 - axis] = line, (first[1 - axis], last[1 - axis])
            ends[:, 2] = low[2] / mesh
            axes.plot(*(mesh * ends).T, color=FAINT, linewidth=0.8, zorder=0)
    return float(mesh)
