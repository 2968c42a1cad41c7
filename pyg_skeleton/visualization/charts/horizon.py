"""The error of predictions over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._figure import (
    CYCLE,
    GRAY,
    MARKERS,
    new_figure,
    quiet,
    to_array,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_error_by_horizon(
    errors: Mapping[str, Any],
    horizons_ms: Sequence[float],
    ylabel: str = "mean angle error",
    title: str = "",
) -> Figure:
    r"""Draws the error of one or more prediction methods over the prediction horizon.

    Args:
        errors (dict): The error at each horizon, by the name of the method. Names that contain
            "zero" are drawn dashed and gray, as they are baselines.
        horizons_ms (sequence of float): The horizons, in milliseconds.
        ylabel (str, optional): The error and its unit. (default: :obj:`"mean angle error"`)
        title (str, optional): The title. (default: :obj:`""`)

    Raises:
        ValueError: If there is no method, or the number of errors differs from that of horizons.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    at = to_array(horizons_ms, "horizons_ms")
    if not errors or at.ndim != 1 or not len(at):
        raise ValueError("errors and horizons_ms must not be empty")
    values = {name: to_array(error, f"errors[{name!r}]") for name, error in errors.items()}
    for name, error in values.items():
        if error.shape != at.shape:
            raise ValueError(
                f"errors[{name!r}] must be [{len(at)}], one per horizon, got {list(error.shape)}"
            )
    figure = new_figure(4.8, 3.4)
    ax = figure.add_subplot()
    rank = 0
    for name, error in values.items():
        baseline = "zero" in name.lower()
        ax.plot(
            at, error, linewidth=1.8, markersize=5, label=name,
            color=GRAY if baseline else CYCLE[rank % len(CYCLE)],
            linestyle="--" if baseline else "-", marker=MARKERS[rank % len(MARKERS)],
            markeredgecolor="white", markeredgewidth=0.6,
        )  # fmt: skip
        rank += not baseline
    quiet(ax, "horizon [ms]", ylabel, title)
    ax.set_xticks(at, [f"{value:g}" for value in at])
    ax.set_ylim(0, 1.08 * max(float(np.nanmax(error)) for error in values.values()) or 1)
    ax.legend(fontsize=8, frameon=False)
    return figure
