"""The joints, bones and parts of a layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.visualization._body import flatten, joint_side, part_colors, upright
from pyg_skeleton.visualization._figure import GRAY, INK, Array, new_figure, quiet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import Skeleton


def plot_layout(skeleton: Skeleton, numbers: bool = True, title: str | None = None) -> Figure:
    """Draws a layout in its rest pose: joints by name, bones, and parts by color.

    Args:
        skeleton (Skeleton): The layout.
        numbers (bool, optional): If set to :obj:`True`, writes the index of each joint in front of
            its name. (default: :obj:`True`)
        title (str, optional): The title. If :obj:`None`, the name and size of the layout.
            (default: :obj:`None`)

    Raises:
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    figure = new_figure(7.0, 4.9)
    from matplotlib.lines import Line2D

    ax = figure.add_subplot()
    rest = rest_pose(skeleton, spread=40).double().numpy()
    points = _apart(flatten(upright(rest, "y"), 0, 0))
    colors = part_colors(skeleton)
    shade = [INK] * skeleton.num_joints
    for part, joints in skeleton.parts.items():
        for joint in joints:
            shade[joint] = colors[part]
    for a, b in skeleton.links:
        ax.plot(*points[[a, b]].T, color=GRAY, linewidth=1.2, linestyle=":", zorder=1)
    for child, parent in skeleton.bones:
        ax.plot(*points[[child, parent]].T, color=shade[child], linewidth=3.5, alpha=0.8, zorder=1)
    x, y = points.T
    ax.scatter(x, y, c=shade, s=42, edgecolors="white", linewidths=1.0, zorder=2)
    x, y = points[skeleton.root]
    ax.scatter([x], [y], s=130, facecolors="none", edgecolors=INK, zorder=2)
    columns = [
        ("right", "center", "left").index(joint_side(skeleton, i)) - 1 for i in range(len(rest))
    ]
    _label(
        ax, points, columns, [f"{i} {n}" if numbers else n for i, n in enumerate(skeleton.joints)]
    )
    marks = [
        Line2D([], [], color=colors[part], linewidth=3.5, label=part.replace("_", " "))
        for part in skeleton.parts
    ]
    marks.append(
        Line2D([], [], color=INK, marker="o", markerfacecolor="none", linestyle="", label="root")
    )
    figure.legend(
        handles=marks,
        loc="outside lower center",
        ncols=min(len(marks), 4),
        fontsize=7,
        frameon=False,
    )
    if title is None:
        title = f"{skeleton.name}: {skeleton.num_joints} joints, {len(skeleton.bones)} bones"
        title += f", {len(skeleton.parts)} parts" if skeleton.parts else ""
    quiet(ax, title=title)
    ax.set_axis_off()
    ax.set_aspect("equal")
    return figure


def _apart(points: Array, least: float = 0.015) -> Array:
    """Moves joints sideways that would hide others at the same position."""
    points = points.copy()
    for i in range(1, len(points)):
        while (np.hypot(*(points[:i] - points[i]).T) < least).any():
            points[i, 0] += 2 * least
    return points


def _label(ax: Axes, points: Array, columns: list[int], names: list[str]) -> None:
    """Writes the names in two columns next to the body, with a thin line to each joint."""
    low, high = points.min(0), points.max(0)
    height = max(float(high[1] - low[1]), 1e-6)
    middle, reach = (low[0] + high[0]) / 2, float(high[0] - low[0]) / 2 + 0.12 * height
    order = np.argsort(-points[:, 1], kind="stable")
    sides: dict[int, list[int]] = {-1: [], 1: []}
    for joint in order:
        fewer = -1 if len(sides[-1]) <= len(sides[1]) else 1
        sides[columns[joint] or fewer].append(int(joint))
    for side, joints in sides.items():
        if not joints:
            continue
        gap = min(0.055 * height, 1.1 * height / len(joints))
        rows = points[joints, 1].copy()
        for _ in range(200):  # push labels apart until none overlap
            close = np.minimum(rows[:-1] - rows[1:] - gap, 0) / 2
            if (close > -1e-4 * height).all():
                break
            rows[:-1] -= close
            rows[1:] += close
        for joint, row in zip(joints, rows, strict=True):
            x, end = points[joint], (middle + side * reach, row)
            ax.plot(*zip(x, end, strict=True), color=GRAY, linewidth=0.5, alpha=0.7, zorder=0)
            ax.text(
                end[0] + side * 0.01 * height, row, names[joint], fontsize=7, color=INK,
                ha="left" if side > 0 else "right", va="center",
            )  # fmt: skip
    ax.set_xlim(middle - reach - 0.42 * height, middle + reach + 0.42 * height)
