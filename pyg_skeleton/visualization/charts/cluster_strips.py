"""Example clips of clusters, one row per cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._body import (
    SIDE_COLORS,
    center,
    draw_flat,
    flatten,
    side_keys,
    upright,
)
from pyg_skeleton.visualization._figure import (
    FAINT,
    GRAY,
    INK,
    Array,
    new_figure,
    to_array,
    to_positions,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import Skeleton


def plot_cluster_strips(
    clusters: Mapping[str, Sequence[tuple[str, Any]]],
    skeleton: Skeleton,
    num_poses: int = 5,
    up: str = "y",
    title: str = "",
    azimuth: float = 30.0,
    elevation: float = 8.0,
) -> Figure:
    r"""Draws example clips of each cluster as strips of poses from left to right.

    The poses are evenly spaced frames of a clip, drawn side by side. The floor is that of the whole
    clip, so that jumps are visible. Clips are scaled to the same height, whatever their unit.

    Args:
        clusters (dict): The clips of each cluster as pairs of caption and positions, by the name of
            the cluster; :func:`pyg_skeleton.training.nearest_clips` returns the most typical clips.
        skeleton (Skeleton): The layout.
        num_poses (int, optional): The number of poses of a strip. (default: :obj:`5`)
        up (str, optional): The axis that points up, see :func:`plot_skeleton`.
            (default: :obj:`"y"`)
        title (str, optional): The title. (default: :obj:`""`)
        azimuth (float, optional): The horizontal angle of the view, in degrees.
            (default: :obj:`30.0`)
        elevation (float, optional): The vertical angle of the view, in degrees.
            (default: :obj:`8.0`)

    Shapes:
        - positions: :math:`(T, V, 3)` or :math:`(T, V, 2)`, for several persons
          :math:`(M, T, V, 3)` or :math:`(M, T, V, 2)`; NaN for missing joints, zeros for absent
          persons

    Raises:
        ValueError: If a shape does not fit, or there is no clip.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    columns = max((len(clips) for clips in clusters.values()), default=0)
    if not columns or num_poses < 1:
        raise ValueError(
            f"expected at least one clip and one pose of it, got {len(clusters)} clusters with at "
            f"most {columns} clips each and {num_poses} poses"
        )
    strips = {
        name: [(text, _strip(x, skeleton, num_poses, up, azimuth, elevation)) for text, x in clips]
        for name, clips in clusters.items()
    }
    # The width of a pose, the width of a clip and the height of a row, in body heights.
    everything = [poses for clips in strips.values() for _, poses in clips]
    reach = max(float(np.nanmax(np.abs(poses[..., 0]))) for poses in everything)
    wide, gap, tall = 1.8 * reach + 0.04, 0.35, 1.42
    long = num_poses * wide + gap

    inch = min(0.9, 15.0 / (columns * long))
    figure = new_figure(inch * columns * long + 0.9, inch * tall * len(strips) + 0.35, fit=False)
    ax = figure.add_axes((0, 0, 1, 0.99 - 0.3 / figure.get_figheight()))
    for row, (name, clips) in enumerate(strips.items()):
        base = -row * tall
        for column, (text, poses) in enumerate(clips):
            for place in range(num_poses):
                at = np.array([column * long + (place + 0.5) * wide, base])
                for person in poses[:, place]:
                    draw_flat(ax, person + at, skeleton, SIDE_COLORS, 1.2)
            middle = column * long + 0.5 * num_poses * wide
            ax.text(middle, base - 0.08, text, fontsize=7, color=GRAY, ha="center", va="top")
        ax.text(-0.12, base + 0.5, name, fontsize=9, color=INK, ha="right", va="center")
        if row:
            ax.axhline(base + 1.16, color=FAINT, linewidth=0.8)
    ax.set_xlim(-0.9 / inch + 0.1, columns * long - gap + 0.1)
    ax.set_ylim(-(len(strips) - 1) * tall - 0.28, 1.14)
    ax.set_aspect("equal")
    ax.set_axis_off()
    if keys := side_keys(skeleton):
        figure.legend(handles=keys, loc="upper right", fontsize=7, frameon=False, ncols=2)
    if title:
        figure.text(
            0.1 / figure.get_figwidth(), 1 - 0.08 / figure.get_figheight(), title, fontsize=10,
            color=INK, va="top",
        )  # fmt: skip
    return figure


def _strip(
    clip: Any, skeleton: Skeleton, num_poses: int, up: str, azimuth: float, elevation: float
) -> Array:
    """Returns poses ``[M, num_poses, V, 2]`` of height one, with center and floor at zero."""
    x = to_array(clip, "clip")
    persons = x[None] if x.ndim == 3 else x
    if persons.ndim != 4 or not len(persons):
        raise ValueError(f"a clip must be [T, V, 3] or [M, T, V, 3], got {list(x.shape)}")
    bodies = np.stack(
        [
            upright(to_positions(one, skeleton.num_joints, "a clip", frames=True), up)
            for one in persons
        ]
    )
    bodies[(bodies == 0).all(axis=(2, 3))] = np.nan  # absent persons
    seen = np.flatnonzero(np.isfinite(bodies).any(axis=(0, 2, 3)))
    if not len(seen):
        raise ValueError("no joint of a clip is finite")
    frames = seen[np.linspace(0, len(seen) - 1, num_poses).round().astype(int)]
    everybody = bodies.transpose(1, 0, 2, 3).reshape(bodies.shape[1], -1, 3)
    view = flatten(bodies[:, frames] - center(everybody)[frames], azimuth, elevation)
    low = np.nanmin(view[..., 1])
    height = np.nanmax(view[..., 1]) - low
    result: Array = (view - np.array([0, low])) / (height if height > 0 else 1.0)
    return result
