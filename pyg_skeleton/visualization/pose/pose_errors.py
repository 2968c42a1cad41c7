"""The distribution of the errors of a model over the poses."""

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


def plot_error_histogram(
    errors: Mapping[str, Any],
    limits: Sequence[float] = (30, 40, 60),
    bin_width: float = 5.0,
    unit: str = "mm",
    title: str = "",
) -> Figure:
    r"""Draws the distribution of the error of each pose, for one or more models, as in Fig. 6 of
    the `"Learning Skeletal Graph Neural Networks for Hard 3D Pose Estimation"
    <https://arxiv.org/abs/2108.07181>`_ paper.

    The legend shows the mean error and the fraction of poses above the last limit. The last bin
    includes all larger errors, so the fractions of a model add up to 100%.

    Args:
        errors (dict): The error of each pose, by the name of the model.
        limits (sequence of float, optional): Errors to mark. (default: :obj:`(30, 40, 60)`)
        bin_width (float, optional): The width of a bin. (default: :obj:`5.0`)
        unit (str, optional): The unit of the errors. (default: :obj:`"mm"`)
        title (str, optional): The title. (default: :obj:`""`)

    Shapes:
        - **errors:** :math:`(N)`, as returned by :func:`pyg_skeleton.metrics.mpjpe`; :math:`N` may
          differ between models

    Raises:
        ValueError: If there is no model, an error is not a finite number of at least 0, there are
            no limits, or **bin_width** is not positive.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    values = {str(name): to_array(x, f"errors[{name!r}]") for name, x in errors.items()}
    if not values or not len(limits) or not bin_width > 0:
        raise ValueError("errors and limits must not be empty, and bin_width must be positive")
    for name, x in values.items():
        if x.ndim != 1 or not x.size or not (np.isfinite(x) & (x >= 0)).all():
            raise ValueError(f"errors[{name!r}] must be [N], finite and not negative")
    # The upper end is beyond the last limit and nearly all errors, at a multiple of the bin width.
    end = max([max(limits), *(float(np.percentile(x, 99)) for x in values.values())])
    edges = bin_width * np.arange(int(np.ceil(end / bin_width)) + 2)
    middles = (edges[1:] + edges[:-1]) / 2
    figure = new_figure(5.6, 3.2 + 0.19 * len(values))
    ax = figure.add_subplot()
    for limit in limits:
        ax.axvline(limit, color=GRAY, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
    for rank, (name, x) in enumerate(values.items()):
        count, _ = np.histogram(np.minimum(x, edges[-1]), edges)
        above = 100 * (x > limits[-1]).mean()
        ax.plot(
            middles, 100 * count / len(x), color=CYCLE[rank % len(CYCLE)], linewidth=1.5,
            marker=MARKERS[rank % len(MARKERS)], markersize=4, markeredgecolor="white",
            markeredgewidth=0.5,
            label=f"{name}: mean {x.mean():.1f}, {above:.1f} % above {limits[-1]:g} {unit}",
        )  # fmt: skip
    quiet(ax, f"error of a pose [{unit}]", "poses [%]", title)
    ax.set_xlim(0, edges[-1])
    ax.set_ylim(bottom=0)
    ticks = [tick for tick in ax.get_xticks() if tick < middles[-1] - 1.5 * bin_width]
    ax.set_xticks([*ticks, middles[-1]], [*(f"{tick:g}" for tick in ticks), f"≥ {edges[-2]:g}"])
    figure.legend(loc="outside lower center", fontsize=8, frameon=False)
    return figure
