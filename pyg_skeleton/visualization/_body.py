"""Sides, colors and views of a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._figure import CYCLE, GRAY, INK, Array, round_down

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pyg_skeleton.skeleton import BodyGraph, Skeleton

# Dark, light and black: told apart in gray, too.
SIDE_COLORS = {"left": "#00609C", "right": "#E8871E", "center": INK}
#: The color of a true pose below a predicted one.
TRUTH = "#CDCDCD"
# The parts of one limb share a hue; the outer part is lighter.
PART_COLORS = {
    "head": "#8C8C8C",
    "torso": "#262626",
    "left_upper_arm": "#00507D",
    "left_forearm": "#4FA6DB",
    "right_upper_arm": "#A34800",
    "right_forearm": "#F0A35E",
    "left_thigh": "#00664A",
    "left_crus": "#41C9A2",
    "right_thigh": "#8A2F66",
    "right_crus": "#E3A3C6",
}
# By the up axis: the axes and signs of right, toward the viewer, and up.
VIEWS = {
    "x": ((1, -1), (2, 1), (0, 1)),
    "y": ((0, 1), (2, 1), (1, 1)),
    "z": ((0, 1), (1, -1), (2, 1)),
    "-x": ((1, 1), (2, 1), (0, -1)),
    "-y": ((0, 1), (2, -1), (1, -1)),
    "-z": ((0, 1), (1, 1), (2, -1)),
}


def joint_side(skeleton: BodyGraph, joint: int) -> str:
    """Returns the side of a joint (left, right or center), derived from the mirror pairs."""
    for left, right in getattr(skeleton, "mirror", ()):
        if joint in (left, right):
            return "left" if joint == left else "right"
    return "center"


def part_colors(skeleton: BodyGraph) -> dict[str, str]:
    """Returns the color of each part."""
    spare = (color for color in CYCLE * len(skeleton.parts))
    return {part: PART_COLORS.get(part) or next(spare) for part in skeleton.parts}


def upright(positions: Array, up: str) -> Array:
    """Converts points to coordinates that point right, toward the viewer, and up."""
    if up not in VIEWS:
        raise ValueError(f"up must be one of {', '.join(VIEWS)}, got {up!r}")
    return np.stack([sign * positions[..., axis] for axis, sign in VIEWS[up]], axis=-1)


def flatten(points: Array, azimuth: float, elevation: float) -> Array:
    """Projects upright points orthographically to right and up in the picture, ``[..., 2]``.

    A positive azimuth shows more of the left side of the body, a positive elevation looks down.
    """
    a, e = np.deg2rad([azimuth, elevation])
    right, near, up = np.moveaxis(points, -1, 0)
    side = right * np.cos(a) - near * np.sin(a)
    near = right * np.sin(a) + near * np.cos(a)
    return np.stack([side, up * np.cos(e) - near * np.sin(e)], axis=-1)


def center(clip: Array) -> Array:
    """Returns the center of the body on the ground per frame of an upright clip, ``[T, 1, 3]``."""
    seen = np.isfinite(clip).all(axis=-1, keepdims=True)
    if not seen.any():
        raise ValueError("no joint of the clip is finite")
    middle = np.where(seen, clip, 0).sum(axis=1, keepdims=True)
    middle /= np.maximum(seen.sum(axis=1, keepdims=True), 1)
    middle[..., 2] = np.nanmin(clip[..., 2])
    return middle


def draw_flat(
    ax: Axes,
    points: Array,
    skeleton: Skeleton,
    colors: dict[str, str],
    width: float = 1.6,
    alpha: float = 1.0,
    style: str = "-",
) -> None:
    """Draws bones between points ``[V, 2]``, except bones with a missing end."""
    from matplotlib.collections import LineCollection

    lines, shades = [], []
    for child, parent in skeleton.bones:
        ends = points[[parent, child]]
        if np.isfinite(ends).all():
            lines.append(ends)
            shades.append(colors[joint_side(skeleton, child)])
    ax.add_collection(
        LineCollection(
            lines, colors=shades, linewidths=width, alpha=alpha, linestyles=style, capstyle="round"
        )
    )


def side_keys(skeleton: BodyGraph, truth: bool = False) -> list[Any]:
    """Returns the entries of a legend for left and right, and for the true pose below; none for a
    body without sides.
    """
    from matplotlib.lines import Line2D

    sides = ("left", "right") if getattr(skeleton, "mirror", ()) else ()
    keys = [Line2D([], [], color=SIDE_COLORS[side], linewidth=2, label=side) for side in sides]
    if truth:
        keys.append(Line2D([], [], color=TRUTH, linewidth=3, label="truth"))
    return keys


def draw_scale(ax: Axes, right: float, bottom: float, height: float, unit: str) -> None:
    """Draws a bar of a round length, about a third of a height, that ends at a point."""
    length = round_down(height / 3)
    ax.plot([right - length, right], [bottom, bottom], color=GRAY, linewidth=1.5)
    ax.text(
        right - length / 2, bottom, f"{length:g} {unit}", fontsize=7, color=GRAY, ha="center",
        va="bottom",
    )  # fmt: skip
