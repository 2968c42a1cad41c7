"""The classes of the clips in each cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._figure import INK, Array, add_bar, new_figure, quiet, to_array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_contingency(matrix: Any, classes: Sequence[str], title: str = "") -> Figure:
    r"""Draws the clusters of the clips of each class (row), in percent of the class.

    The clusters are in the order that maximizes the number of clips on the diagonal, the matching
    of :class:`pyg_skeleton.metrics.ClusterAccuracy`. Clusters without a class follow on the right,
    behind a line.

    Args:
        matrix (Tensor or numpy.ndarray): The number of clips by cluster (row) and class (column),
            as returned by :func:`pyg_skeleton.metrics.contingency`.
        classes (sequence of str): The names of the classes.
        title (str, optional): The title. If empty, both accuracies. (default: :obj:`""`)

    Shapes:
        - **matrix:** :math:`(K, C)`

    Raises:
        ValueError: If the matrix does not fit **classes**, or is negative.
        ImportError: If matplotlib (extra ``viz``) or SciPy (extra ``cluster``) is missing.
    """
    count, size = to_array(matrix, "matrix"), len(classes)
    if count.ndim != 2 or not count.size or count.shape[1] != size:
        raise ValueError(f"matrix must be [K, {size}] for {size} classes, got {list(count.shape)}")
    if not (count >= 0).all():
        raise ValueError("matrix must hold numbers of clips, none negative")
    order, row_order, matched = diagonal(count)
    shown = count[order][:, row_order].T
    total = shown.sum(axis=1, keepdims=True)
    share = np.divide(100 * shown, total, out=np.zeros_like(shown), where=total > 0)

    large = max(count.shape) > 25
    cell, small = (0.2, 6) if large else (0.4, 8)
    names = [classes[c].replace("_", " ") for c in row_order]
    margin = 1.9 + 0.009 * small * max(map(len, names))
    figure = new_figure(cell * len(count) + margin, cell * size + 1.2)
    from matplotlib import colormaps
    from matplotlib.colors import Normalize

    ax, colors, norm = figure.add_subplot(), colormaps["Blues"], Normalize(0, 100)
    ax.imshow(share, cmap=colors, norm=norm)
    if not large:
        for row, column in np.argwhere(share >= 0.5):
            ax.text(
                column, row, f"{share[row, column]:.0f}", fontsize=7, ha="center", va="center",
                color="white" if share[row, column] > 55 else INK,
            )  # fmt: skip
    if not title and count.sum() > 0:
        right, pure = 100 * np.array([matched, count.max(axis=1).sum()]) / count.sum()
        title = f"{right:.1f} % by matching, {pure:.1f} % by dominating label"
    quiet(ax, "cluster", "class", title)
    ax.grid(False)
    ax.set_xticks(range(len(order)), [str(k) for k in order], fontsize=small)
    if large:
        ax.tick_params(axis="x", labelrotation=90)
    ax.set_yticks(range(size), names, fontsize=small)
    if len(order) > size:
        ax.axvline(size - 0.5, color=INK, linewidth=0.8)
    for spine in ax.spines.values():
        spine.set_visible(False)
    add_bar(figure, ax, norm, colors, "% of the class", shrink=min(0.6, 3.0 / (cell * size)))
    return figure


def diagonal(count: Array) -> tuple[list[int], list[int], float]:
    """Returns the order of clusters and of classes, and the number of clips on the diagonal.

    The classes keep their order, except that classes without a cluster come last.
    """
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as error:
        raise ImportError(
            "matching clusters needs SciPy: pip install 'pyg_skeleton[cluster]' "
            "(the extra 'cluster')"
        ) from error
    rows, columns = linear_sum_assignment(count, maximize=True)
    pairs = sorted(zip(columns.tolist(), rows.tolist(), strict=True))
    clusters = [k for _, k in pairs]
    labels = [c for c, _ in pairs]
    clusters += sorted(set(range(len(count))) - set(clusters))
    labels += sorted(set(range(count.shape[1])) - set(labels))
    return clusters, labels, float(count[rows, columns].sum())
