"""Curves of a training run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pyg_skeleton.visualization._figure import CYCLE, new_figure, quiet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_X = ("step", "epoch")
_PANELS = {
    "loss": r"loss",
    "accuracy": r"acc|top[-_]?\d",
    "error": r"mae|mpjpe|error|angle",
    "PCK": r"pck",
    "task weight λ": r"lambda|(^|[/_])λ",
    "learning rate": r"(^|[/_])lr|learning[-_]?rate",
}


def plot_curves(
    frame: pd.DataFrame | str | Path,
    panels: Mapping[str, Sequence[str]] | None = None,
    x: str | None = None,
    title: str = "",
) -> Figure:
    r"""Draws the logged values of a training run: losses, accuracies, errors, task weights, ….

    Missing values are skipped, so the CSV file of Lightning's
    :class:`~lightning.pytorch.loggers.CSVLogger` can be passed as it is. Long noisy curves get a
    running mean. A panel whose values differ by more than a factor of 30 is logarithmic.

    Args:
        frame (pandas.DataFrame, str or Path): The table, or the path of its CSV file.
        panels (dict, optional): The columns of each panel, by the title of the panel. If
            :obj:`None`, panels are derived from the names of the columns. (default: :obj:`None`)
        x (str, optional): The column of the horizontal axis. If :obj:`None`, ``step``, else
            ``epoch``, else the index of the row. (default: :obj:`None`)
        title (str, optional): The title. (default: :obj:`""`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a column is missing, or there is nothing to draw.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    if not isinstance(frame, pd.DataFrame):
        path = Path(frame)
        if not path.is_file():
            raise FileNotFoundError(f"no such file: {path}")
        frame = pd.read_csv(path)
    if x is None:
        x = next((name for name in _X if name in frame), None)
    chosen = _sort(frame, x) if panels is None else {k: list(v) for k, v in panels.items()}
    wanted = [name for names in chosen.values() for name in names] + ([x] if x else [])
    if missing := [name for name in wanted if name not in frame]:
        raise ValueError(f"no columns {missing}, expected some of {list(frame.columns)}")
    chosen = {k: [n for n in v if frame[n].notna().any()] for k, v in chosen.items()}
    chosen = {k: v for k, v in chosen.items() if v}
    if not chosen:
        raise ValueError(f"nothing to draw in the columns {list(frame.columns)}")

    columns = 2 if len(chosen) == 4 else min(len(chosen), 3)
    rows = -(-len(chosen) // columns)
    figure = new_figure(3.4 * columns, 2.7 * rows + 0.2)
    axes = figure.subplots(rows, columns, squeeze=False).flatten()
    for ax, (panel, names) in zip(axes, chosen.items(), strict=False):
        low, high = np.inf, 0.0
        for color, name in zip(CYCLE * len(names), names, strict=False):
            part = frame[[*dict.fromkeys([x, name])] if x else [name]].dropna()
            at = part[x].to_numpy(float) if x else part.index.to_numpy(float)
            y = part[name].to_numpy(float)
            low, high = min(low, y.min()), max(high, y.max())
            style = "-" if not name.startswith("train") or len(names) == 1 else (0, (4, 1.5))
            if len(y) > 60:
                ax.plot(at, y, color=color, linewidth=0.6, alpha=0.25)
                window = len(y) // 30
                y = pd.Series(y).rolling(window, min_periods=1, center=True).mean().to_numpy()
            marker = "o" if len(y) < 12 else ""
            ax.plot(
                at, y, color=color, linewidth=1.6, linestyle=style, marker=marker, markersize=3,
                label=name.replace("_", " "),
            )  # fmt: skip
        quiet(ax, xlabel=x or "row", title=panel)
        if low > 0 and high > 30 * low:
            ax.set_yscale("log")
        ax.legend(fontsize=7, frameon=False)
    for ax in axes[len(chosen) :]:
        ax.set_axis_off()
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


def _sort(frame: pd.DataFrame, x: str | None) -> dict[str, list[str]]:
    """Returns the numeric columns of each panel; a column goes to the first match."""
    chosen: dict[str, list[str]] = {panel: [] for panel in _PANELS}
    for name in frame.select_dtypes("number").columns:
        if name in (x, *_X):
            continue
        for panel, pattern in _PANELS.items():
            if re.search(pattern, str(name).lower()):
                chosen[panel].append(str(name))
                break
    return chosen
