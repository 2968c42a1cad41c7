"""The errors of all models on the hardest poses of each model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pyg_skeleton.visualization._figure import CYCLE, INK, MARKERS, new_figure, quiet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_hard_poses(table: pd.DataFrame, unit: str = "mm", title: str = "") -> Figure:
    r"""Draws the error of all models on the hardest poses of each, as in Fig. 1 of the supplement
    of the `"Learning Skeletal Graph Neural Networks for Hard 3D Pose Estimation"
    <https://arxiv.org/abs/2108.07181>`_ paper.

    Each panel shows the hardest poses of one model, whose own line is thick; from left to right
    they become fewer and harder.

    Args:
        table (pandas.DataFrame): The output of :func:`pyg_skeleton.metrics.hard_pose_table`.
        unit (str, optional): The unit of the errors. (default: :obj:`"mm"`)
        title (str, optional): The title. (default: :obj:`""`)

    Raises:
        ValueError: If the table does not come from :func:`pyg_skeleton.metrics.hard_pose_table`.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    if list(table.index.names) != ["hardest for", "share"] or table.empty:
        raise ValueError(
            f"table must have the rows ('hardest for', 'share') of hard_pose_table, "
            f"got {list(table.index.names)}"
        )
    models = list(table.index.unique("hardest for"))
    columns = len(models) if len(models) <= 3 else -(-len(models) // 2)
    columns = min(columns, 4)
    rows = -(-len(models) // columns)
    figure = new_figure(2.6 * columns + 0.5, 2.5 * rows + 0.5)
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for place, (ax, model) in enumerate(zip(axes.flat, models, strict=False)):
        part = table.xs(model, level="hardest for").sort_index(ascending=False)
        at = range(len(part))
        for rank, name in enumerate(table.columns):
            own = name == model
            ax.plot(
                at, part[name].to_numpy(), color=CYCLE[rank % len(CYCLE)],
                marker=MARKERS[rank % len(MARKERS)], linewidth=2.8 if own else 1.3,
                markersize=6 if own else 4.5, markeredgecolor="white", markeredgewidth=0.6,
                label=str(name), zorder=3 if own else 2,
            )  # fmt: skip
        left, bottom = place % columns == 0, place + columns >= len(models)
        quiet(
            ax,
            xlabel="hardest poses [%]" if bottom else "",
            ylabel=f"error [{unit}]" if left else "",
            title=f"hardest for {model}",
        )
        ax.set_xticks(at, [f"{share:g}" for share in part.index])
    for ax in axes.flat[len(models) :]:
        ax.set_axis_off()
    handles, labels = axes[0, 0].get_legend_handles_labels()
    legend = figure.legend(
        handles, labels, loc="outside lower center", ncols=min(len(labels), 5), fontsize=8,
        frameon=False, labelcolor=INK,
    )  # fmt: skip
    for line in legend.get_lines():
        line.set_linewidth(1.6)
        line.set_markersize(5)
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    return figure
