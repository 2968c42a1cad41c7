"""Actional graphs of many clips in a plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._figure import CYCLE, INK, MARKERS, new_figure, quiet, to_array

if TYPE_CHECKING:
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
        perplexity (float, optional): The perplexity; at most a third of the clips is used.
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
    if len(graphs) < 4:
        raise ValueError(f"t-SNE needs at least 4 clips, got {len(graphs)}")
    if label.min() < 0 or label.max() >= len(classes):
        raise ValueError(
            f"labels must be 0 to {len(classes) - 1} for {len(classes)} classes, "
            f"got {label.min()} to {label.max()}"
        )
    figure = new_figure(5.6, 4.4)
    try:
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise ImportError(
            "t-SNE needs scikit-learn: pip install 'pyg_skeleton[cluster]' (the extra 'cluster')"
        ) from error
    model = TSNE(perplexity=min(perplexity, len(graphs) / 3), init="pca", random_state=seed)
    with threadpool_limits(1):  # waiting for busy cores takes longer than the work
        points = model.fit_transform(graphs - graphs.mean(axis=0))
    ax = figure.add_subplot()
    present = np.unique(label)
    for rank, number in enumerate(present):
        mine = points[label == number]
        ax.scatter(
            mine[:, 0], mine[:, 1], s=20, color=CYCLE[rank % len(CYCLE)],
            linewidths=0.4, edgecolors="white", alpha=0.9,
            marker=MARKERS[(rank + rank // len(CYCLE)) % len(MARKERS)],
            label=classes[number].replace("_", " "),
        )  # fmt: skip
    quiet(ax, title=title)
    ax.grid(False)
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(True)
    ax.margins(0.06)
    figure.legend(loc="outside right center", fontsize=8, frameon=False, labelcolor=INK)
    return figure
