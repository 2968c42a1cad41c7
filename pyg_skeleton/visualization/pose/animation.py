"""Animations of clips."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._body import SIDE_COLORS, center, draw_flat, flatten, upright
from pyg_skeleton.visualization._figure import FAINT, GRAY, INK, new_figure, to_positions

if TYPE_CHECKING:
    from pyg_skeleton.skeleton import Skeleton


def animate(
    positions: Any,
    skeleton: Skeleton,
    path: str | Path,
    fps: float = 25.0,
    up: str = "y",
    title: str = "",
    azimuth: float = 30.0,
    elevation: float = 8.0,
    num_observed: int = 0,
) -> Path:
    r"""Writes an animated GIF of one or several clips, side by side (truth and predictions).

    The view follows the first clip; the others are moved by the same vector.

    Args:
        positions (Tensor, numpy.ndarray or dict): A clip, or a dictionary from names to clips of
            equal length.
        skeleton (Skeleton): The layout.
        path (str or Path): The path of the ``.gif`` file.
        fps (float, optional): Frames per second. The duration of a frame in a GIF is a multiple of
            1/100 second. (default: :obj:`25.0`)
        up (str, optional): The axis that points up, see :func:`plot_skeleton`.
            (default: :obj:`"y"`)
        title (str, optional): The title. (default: :obj:`""`)
        azimuth (float, optional): The horizontal angle of the view, in degrees.
            (default: :obj:`30.0`)
        elevation (float, optional): The vertical angle of the view, in degrees.
            (default: :obj:`8.0`)
        num_observed (int, optional): The number of observed frames at the start; the displayed time
            is zero at their end. (default: :obj:`0`)

    Shapes:
        - **positions:** :math:`(T, V, 3)` or :math:`(T, V, 2)`

    Returns:
        Path: The file.

    Raises:
        ValueError: If a shape does not fit, the clips differ in length, or the path does not end in
            ``.gif``.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    path = Path(path)
    if path.suffix.lower() != ".gif":
        raise ValueError(f"path must end in .gif, got {str(path)!r}")
    if not 0 < fps <= 50:
        raise ValueError(f"fps must be more than 0 and at most 50, got {fps}")
    clips = positions if isinstance(positions, Mapping) else {"": positions}
    poses = {
        str(name): upright(to_positions(x, skeleton.num_joints, name or "positions", True), up)
        for name, x in clips.items()
    }
    lengths = {name: len(x) for name, x in poses.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"clips must have the same number of frames, got {lengths}")
    first = next(iter(poses.values()))
    middle = center(first)
    views = {name: flatten(x - middle, azimuth, elevation) for name, x in poses.items()}
    everything = np.concatenate(list(views.values()))
    low, high = np.nanmin(everything, (0, 1)), np.nanmax(everything, (0, 1))
    margin = 0.06 * max(high - low)
    figure = new_figure(1.0 + 2.0 * len(views), 3.2, fit=False)
    from matplotlib.animation import PillowWriter

    panels = figure.subplots(1, len(views), squeeze=False)[0]
    figure.subplots_adjust(0.02, 0.02, 0.98, 0.86, wspace=0.05)
    for ax, name in zip(panels, views, strict=True):
        ax.axhline(0, color=FAINT, linewidth=1.0, zorder=0)
        ax.set_xlim(low[0] - margin, high[0] + margin)
        ax.set_ylim(low[1] - margin, high[1] + margin)
        ax.set_aspect("equal")
        ax.set_axis_off()
        ax.set_title(name, fontsize=9, color=GRAY)
    writer = PillowWriter(fps=fps)  # type: ignore[arg-type]
    with writer.saving(figure, str(path), dpi=100):
        for frame in range(len(first)):
            clock = f"{(frame + 1 - num_observed) / fps:{'+' if num_observed else ''}.2f} s"
            if num_observed:
                clock += "  observed" if frame < num_observed else "  future"
            figure.suptitle(f"{title}   {clock}".strip(), fontsize=9, color=INK)
            for ax, view in zip(panels, views.values(), strict=True):
                for bones in ax.collections:
                    bones.remove()
                draw_flat(ax, view[frame], skeleton, SIDE_COLORS, 2.2)
            writer.grab_frame()
    return path
