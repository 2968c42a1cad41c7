"""t-SNE of the learned graphs of clips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.visualization._figure import (
    CYCLE,
    INK,
    MARKERS,
    Array,
    new_figure,
    quiet,
    to_array,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_graph_tsne(
    weights: Any,
    labels: Any,
    classes: Sequence[str],
    perplexity: float = 30.0,
    seed: int = 0,
    title: str = "t-SNE of actional graphs",
) -> Figure:
    r"""Draws the 2-D t-SNE map of actional graphs, one point per clip, as in Fig. 12 of the
    `"Symbiotic Graph Neural Networks for 3D Skeleton-based Human Action Recognition and Motion
    Prediction" <https://arxiv.org/abs/1910.02212>`_ paper.

    Args:
        weights (Tensor or numpy.ndarray): The edge weights of each clip as one vector.
        labels (Tensor or numpy.ndarray): The class of each clip.
        classes (sequence of str): The names of the classes.
        perplexity (float, optional): The perplexity, limited to a third of the number of clips.
            (default: :obj:`30.0`)
        seed (int, optional): The seed of t-SNE. (default: :obj:`0`)
        title (str, optional): The title. (default: :obj:`"t-SNE of actional graphs"`)

    Shapes:
        - **weights:** :math:`(n, E)`, usually with :math:`E = V^2`
        - **labels:** :math:`(n)`

    Raises:
        ValueError: If the shapes do not fit, there are fewer than 4 clips, or a label has no class.
        ImportError: If matplotlib (extra ``viz``) or scikit-learn (extra ``cluster``) is missing.
    """
    graphs, label = to_array(weights, "weights"), to_array(labels, "labels").astype(np.int64)
    if graphs.ndim != 2 or label.shape != graphs.shape[:1]:
        raise ValueError(
            f"weights must be [n, E] and labels [n], "
            f"got {list(graphs.shape)} and {list(label.shape)}"
        )
    check_labels(label, classes)
    figure = new_figure(5.6, 4.4)
    ax = figure.add_subplot()
    draw_groups(ax, tsne(graphs, perplexity, seed), label, classes, title)
    figure.legend(loc="outside right center", fontsize=8, frameon=False, labelcolor=INK)
    return figure


def tsne(x: Array, perplexity: float, seed: int) -> Array:
    """Returns the 2-D t-SNE map of vectors."""
    if len(x) < 4:
        raise ValueError(f"t-SNE needs at least 4 clips, got {len(x)}")
    if not np.isfinite(x).all():
        raise ValueError("t-SNE needs finite vectors, got some that are not")
    spread = np.abs(x - x[0]).max()
    if spread <= 1e-6 * np.abs(x).max():  # would end the process in scikit-learn
        raise ValueError(f"t-SNE needs vectors that differ, all {len(x)} are equal")
    try:
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise ImportError(
            "t-SNE needs scikit-learn: pip install 'pyg_skeleton[cluster]' (the extra 'cluster')"
        ) from error
    model = TSNE(perplexity=min(perplexity, len(x) / 3), init="pca", random_state=seed)
    with threadpool_limits(1):  # faster than waiting for busy cores
        points: Array = model.fit_transform(x - x.mean(axis=0))
    return points


def check_labels(label: NDArray[np.int64], classes: Sequence[str]) -> None:
    """Raises an error if a label has no class."""
    if len(label) and (label.min() < 0 or label.max() >= len(classes)):
        raise ValueError(
            f"labels must be 0 to {len(classes) - 1} for {len(classes)} classes, "
            f"got {label.min()} to {label.max()}"
        )


def draw_groups(
    ax: Axes,
    points: Array,
    label: NDArray[np.int64],
    names: Sequence[str],
    title: str,
    size: float = 20,
    styles: Sequence[int] | None = None,
) -> None:
    """Draws the points of each group with its own color and marker; skips empty groups."""
    for place, number in enumerate(np.unique(label)):
        rank = place if styles is None else styles[number]
        members = points[label == number]
        ax.scatter(
            members[:, 0], members[:, 1], s=size, color=CYCLE[rank % len(CYCLE)],
            linewidths=0.4, edgecolors="white", alpha=0.9,
            marker=MARKERS[(rank + rank // len(CYCLE)) % len(MARKERS)],
            label=names[number].replace("_", " "),
        )  # fmt: skip
    quiet(ax, title=title)
    ax.grid(False)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(True)
    ax.margins(0.06)
