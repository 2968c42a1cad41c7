"""Confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._figure import INK, new_figure, quiet, to_array

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_confusion(matrix: Any, classes: Sequence[str], title: str = "") -> Figure:
    r"""Draws a confusion matrix in percent of the clips of each true class (row).

    Args:
        matrix (Tensor or numpy.ndarray): The number of clips by true (row) and predicted (column)
            class.
        classes (sequence of str): The names of the classes.
        title (str, optional): The title. If empty, the accuracy. (default: :obj:`""`)

    Shapes:
        - **matrix:** :math:`(C, C)`

    Raises:
        ValueError: If the matrix is not square, does not fit **classes**, or is negative.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    count = to_array(matrix, "matrix")
    size = len(classes)
    if count.shape != (size, size) or not size:
        raise ValueError(
            f"matrix must be [{size}, {size}] for {size} classes, got {list(count.shape)}"
        )
    if not (count >= 0).all():
        raise ValueError("matrix must hold numbers of clips, none negative")
    total = count.sum(axis=1, keepdims=True)
    share = np.divide(100 * count, total, out=np.zeros_like(count), where=total > 0)
    edge = max(3.2, 0.42 * size + 1.4)
    figure = new_figure(edge + 0.4, edge)
    ax = figure.add_subplot()
    image = ax.imshow(share, cmap="Blues", vmin=0, vmax=100)
    if size <= 25:
        for row, column in np.ndindex(size, size):
            if share[row, column] >= 0.5:
                ax.text(
                    column, row, f"{share[row, column]:.0f}", fontsize=7, ha="center", va="center",
                    color="white" if share[row, column] > 55 else INK,
                )  # fmt: skip
    names = [name.replace("_", " ") for name in classes]
    if not title and count.sum() > 0:
        title = f"accuracy {100 * np.trace(count) / count.sum():.1f} % of {count.sum():.0f} clips"
    quiet(ax, "predicted", "true", title)
    ax.grid(False)
    ax.set_xticks(range(size), names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(size), names)
    for spine in ax.spines.values():
        spine.set_visible(False)
    bar = figure.colorbar(image, ax=ax, shrink=0.6, aspect=20, pad=0.02)
    bar.set_label("% of the true class", fontsize=8, color=INK)
    bar.ax.tick_params(labelsize=7)
    bar.outline.set_visible(False)
    return figure
