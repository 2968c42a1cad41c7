"""t-SNE of features, colored by cluster and by class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pyg_skeleton.visualization._figure import INK, new_figure, to_array
from pyg_skeleton.visualization.charts.contingency import diagonal
from pyg_skeleton.visualization.graphs.tsne import check_labels, draw_groups, tsne

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_cluster_tsne(
    features: Any,
    clusters: Any,
    labels: Any = None,
    classes: Sequence[str] = (),
    perplexity: float = 30.0,
    seed: int = 0,
    max_clips: int = 2000,
    title: str = "",
) -> Figure:
    r"""Draws the 2-D t-SNE map of features, one point per clip, colored by cluster and, in a
    second panel, by class. A cluster has the color of its matched class, see
    :class:`pyg_skeleton.metrics.ClusterAccuracy`.

    Features are first normalized to length one, as the clusters depend on directions only, see
    :func:`pyg_skeleton.training.spherical_k_means`.

    Args:
        features (Tensor or numpy.ndarray): The features of each clip.
        clusters (Tensor or numpy.ndarray): The cluster of each clip.
        labels (Tensor or numpy.ndarray, optional): The class of each clip. If :obj:`None`, there is
            only one panel. (default: :obj:`None`)
        classes (sequence of str, optional): The names of the classes. (default: :obj:`()`)
        perplexity (float, optional): The perplexity, limited to a third of the number of clips.
            (default: :obj:`30.0`)
        seed (int, optional): The seed of t-SNE and of the selection of clips. (default: :obj:`0`)
        max_clips (int, optional): The maximum number of clips to draw, selected at random.
            (default: :obj:`2000`)
        title (str, optional): The title. (default: :obj:`""`)

    Shapes:
        - **features:** :math:`(N, C)`
        - **clusters, labels:** :math:`(N)`

    Raises:
        ValueError: If the shapes do not fit, there are fewer than 4 clips, or a label has no class.
        ImportError: If matplotlib (extra ``viz``) or scikit-learn (extra ``cluster``) is missing.
    """
    x = to_array(features, "features")
    cluster = to_array(clusters, "clusters").astype(np.int64)
    label = cluster if labels is None else to_array(labels, "labels").astype(np.int64)
    if x.ndim != 2 or not cluster.shape == label.shape == x.shape[:1]:
        raise ValueError(
            f"features must be [N, C], clusters and labels [N], "
            f"got {list(x.shape)}, {list(cluster.shape)} and {list(label.shape)}"
        )
    numbers = [str(k) for k in range(int(cluster.max(initial=-1)) + 1)]
    check_labels(cluster, numbers)
    panels = [("by cluster", cluster, numbers, list(range(len(numbers))))]
    if labels is not None:
        check_labels(label, classes)
        count = np.zeros((len(numbers), len(classes)))
        np.add.at(count, (cluster, label), 1)
        order, matched, _ = diagonal(count)
        for place, k in enumerate(order):
            panels[0][3][k] = matched[place] if place < len(matched) else place
        panels.append(("by class", label, list(classes), list(range(len(classes)))))
    kept = np.arange(len(x))
    if len(x) > max_clips:
        kept = np.random.default_rng(seed).choice(len(x), max_clips, replace=False)
    x = x[kept]
    points = tsne(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12), perplexity, seed)

    legends = []  # the columns of each legend and their width in inches
    for _, group, names, _ in panels:
        present = [names[k] for k in np.unique(group[kept])]
        columns = -(-len(present) // 20)
        legends.append((columns, columns * (0.3 + 0.06 * max(map(len, present)))))
    figure = new_figure(sum(4.0 + width for _, width in legends), 4.2)
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    few = len(x) <= 500
    for ax, panel, (columns, _) in zip(axes, panels, legends, strict=True):
        what, group, names, styles = panel
        draw_groups(ax, points, group[kept], names, what, 20 if few else 11, styles)
        ax.legend(
            loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=8 if columns == 1 else 7,
            frameon=False, labelcolor=INK, ncols=columns, handletextpad=0.2, columnspacing=0.8,
            markerscale=1.0 if few else 1.4,
        )  # fmt: skip
    if title:
        figure.suptitle(title, fontsize=10, color=INK)
    return figure
