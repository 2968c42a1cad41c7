"""Predicted and true poses, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._body import (
    SIDE_COLORS,
    TRUTH,
    center,
    draw_flat,
    draw_scale,
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
    to_positions,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from pyg_skeleton.skeleton import Skeleton


def plot_prediction_strip(
    target: Any,
    prediction: Any,
    skeleton: Skeleton,
    fps: float = 25.0,
    every_ms: float = 80.0,
    up: str = "y",
    title: str = "",
    unit: str = "",
    azimuth: float = 30.0,
    elevation: float = 8.0,
) -> Figure:
    r"""Draws true and predicted poses in rows, as in Fig. 13 of the `"Symbiotic Graph Neural
    Networks for 3D Skeleton-based Human Action Recognition and Motion Prediction"
    <https://arxiv.org/abs/1910.02212>`_ paper.

    Every prediction is drawn over the true pose in gray. All poses of a column are moved by the
    same vector, so that errors of the global position are visible.

    Args:
        target (Tensor or numpy.ndarray): The true future; its first frame is one frame after the
            last observed one.
        prediction (Tensor, numpy.ndarray or dict): A prediction, or a dictionary from names to
            predictions.
        skeleton (Skeleton): The layout.
        fps (float, optional): Frames per second. (default: :obj:`25.0`)
        every_ms (float, optional): The time between the poses shown, in milliseconds.
            (default: :obj:`80.0`)
        up (str, optional): The axis that points up, see :func:`plot_skeleton`.
            (default: :obj:`"y"`)
        title (str, optional): The title. (default: :obj:`""`)
        unit (str, optional): The unit of the positions, for a scale; without it there is none.
            (default: :obj:`""`)
        azimuth (float, optional): The horizontal angle of the view, in degrees.
            (default: :obj:`30.0`)
        elevation (float, optional): The vertical angle of the view, in degrees.
            (default: :obj:`8.0`)

    Shapes:
        - **target**, **prediction:** :math:`(T, V, 3)` or :math:`(T, V, 2)`

    Raises:
        ValueError: If a shape does not fit, or **every_ms** is shorter than one frame or longer
            than the clip.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    rows = as_rows(target, prediction, skeleton.num_joints)
    step = round(every_ms * fps / 1000)
    frames = list(range(step - 1, len(rows["truth"]), step)) if step > 0 else []
    if not frames:
        raise ValueError(
            f"every_ms must be from one frame ({1000 / fps:g} ms) to the whole clip "
            f"({1000 * len(rows['truth']) / fps:g} ms), got {every_ms:g}"
        )
    poses = {name: upright(x[frames], up) for name, x in rows.items()}
    middle = center(poses["truth"])
    views = {name: flatten(x - middle, azimuth, elevation) for name, x in poses.items()}
    everything = np.concatenate(list(views.values()))
    low, high = np.nanmin(everything, (0, 1)), np.nanmax(everything, (0, 1))
    width, height = (high - low) * 1.08

    scale = min(1.5 / height, 14.0 / (width * len(frames)))
    figure = new_figure(
        max(width * len(frames) * scale, 3.0) + 1.0, height * len(views) * scale + 0.75
    )
    ax = figure.add_subplot()
    for row, (name, view) in enumerate(views.items()):
        base = -row * height
        for column, pose in enumerate(view):
            at = np.array([column * width, base])
            if row:
                truth = views["truth"][column] + at
                draw_flat(ax, truth, skeleton, dict.fromkeys(SIDE_COLORS, TRUTH), 2.6)
            draw_flat(ax, pose + at, skeleton, SIDE_COLORS, 1.5)
        ax.text(
            low[0] - 0.08 * height, base + 0.45 * height, name, fontsize=9, color=INK,
            ha="right", va="center",
        )  # fmt: skip
        if row:
            ax.axhline(base + high[1] + 0.02 * height, color=FAINT, linewidth=0.8)
    for column, frame in enumerate(frames):
        ax.text(
            column * width, high[1] + 0.06 * height, f"{1000 * (frame + 1) / fps:g}",
            fontsize=8, color=GRAY, ha="center", va="bottom",
        )  # fmt: skip
    ax.text(
        low[0] - 0.08 * height, high[1] + 0.06 * height, "ms", fontsize=8, color=GRAY,
        ha="right", va="bottom",
    )  # fmt: skip
    ax.set_xlim(low[0] - 0.05 * height, high[0] + (len(frames) - 1) * width)
    bottom = low[1] - (len(views) - 1) * height - (0.2 if unit else 0.03) * height
    ax.set_ylim(bottom, high[1] + 0.2 * height)
    ax.set_aspect("equal")
    ax.set_axis_off()
    if unit:
        right = high[0] + (len(frames) - 1) * width
        draw_scale(ax, right, bottom + 0.02 * height, height, unit)
    ax.set_title(title, fontsize=10, color=INK, loc="left")
    figure.legend(
        handles=side_keys(skeleton, truth=True), loc="outside lower left", fontsize=8,
        frameon=False, ncols=3,
    )  # fmt: skip
    return figure


def as_rows(target: Any, prediction: Any, num_joints: int) -> dict[str, Array]:
    """Returns the truth and the predictions by name, all of the same length."""
    if not isinstance(prediction, Mapping):
        prediction = {"prediction": prediction}
    rows = {"truth": to_positions(target, num_joints, "target", frames=True)}
    for name, x in prediction.items():
        rows[str(name)] = to_positions(x, num_joints, f"prediction {name!r}", frames=True)
    if len({len(x) for x in rows.values()}) > 1:
        lengths = ", ".join(f"{name} {len(x)}" for name, x in rows.items())
        raise ValueError(
            f"truth and predictions must have the same number of frames, got {lengths}"
        )
    return rows
