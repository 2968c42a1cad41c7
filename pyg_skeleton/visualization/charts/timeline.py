"""Classes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._figure import BLUE, FAINT, GRAY, INK, new_figure, quiet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_timeline(timeline: Any, title: str = "", most: int = 12) -> Figure:
    """Draws the probability of classes over time, a row for each class; where it is the likeliest
    class, the row is filled with blue.

    Rows are the classes that are the likeliest at some time, in the order of their first time.

    Args:
        timeline (Timeline): The output of :func:`~pyg_skeleton.nn.models.timeline`.
        title (str, optional): The title. (default: :obj:`""`)
        most (int, optional): The largest number of rows; of more classes, those that are the
            likeliest for the longest time are drawn. (default: :obj:`12`)

    Raises:
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    pieces, probability = timeline.pieces
    rate = timeline.frame_rate or 1.0
    times, best = pieces / rate, probability.argmax(axis=1)
    lengths = np.bincount(best, np.diff(times, axis=1)[:, 0], minlength=len(timeline.classes))
    longest = set(np.argsort(-lengths, kind="stable")[:most].tolist())
    rows = [number for number in dict.fromkeys(best.tolist()) if number in longest]

    figure = new_figure(8.0, 0.9 + 0.42 * len(rows))
    ax = figure.add_subplot()
    quiet(ax, "seconds" if timeline.frame_rate else "frames", "", title)
    for row, number in enumerate(rows):
        ax.axhline(row, color=FAINT, linewidth=0.6, zorder=0)
        for (start, end), height, likeliest in zip(
            times, probability[:, number], best == number, strict=True
        ):
            color = BLUE if likeliest else GRAY
            ax.fill_between([start, end], row, row - 0.85 * height, color=color, linewidth=0)
    ax.set_yticks(range(len(rows)), [timeline.classes[number] for number in rows], fontsize=9)
    ax.set_ylim(len(rows) - 0.85, -1.0)
    ax.set_xlim(times.min(), times.max())
    ax.grid(False, axis="y")
    note = "height: probability; blue: the likeliest class"
    ax.text(1.0, 1.01, note, transform=ax.transAxes, ha="right", va="bottom", fontsize=7, color=INK)
    return figure
