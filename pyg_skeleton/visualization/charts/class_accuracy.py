"""The accuracy of each class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from pyg_skeleton.visualization._figure import CYCLE, INK, new_figure, quiet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_class_accuracy(
    accuracies: Mapping[str, Mapping[str, float]], title: str = "accuracy of each class"
) -> Figure:
    r"""Draws the accuracy of each class as bars, for one or more networks, the data of Tables 21
    and 22 of the `"Graph Contrastive Learning for Skeleton-based Action Recognition"
    <https://arxiv.org/abs/2301.10900>`_ paper.

    Classes are sorted by the accuracy of the first network, with the hardest class at the top.

    Args:
        accuracies (dict): The accuracy of each class from 0 to 1, such as :obj:`per_class` of
            :func:`~pyg_skeleton.training.evaluate_recognition`, by the name of the network.
        title (str, optional): The title. (default: :obj:`"accuracy of each class"`)

    Raises:
        ValueError: If there is no network or no class, the classes of the networks differ, or an
            accuracy is not from 0 to 1.
        ImportError: If matplotlib is missing (extra ``viz``).
    """
    if not accuracies or not all(accuracies.values()):
        raise ValueError("accuracies must have a network and each network a class")
    first, *others = accuracies.values()
    if any(set(other) != set(first) for other in others):
        raise ValueError("accuracies must be of the same classes for each network")
    classes = sorted(first, key=lambda name: float(first[name]))
    values = np.array(
        [[float(accuracy[name]) for name in classes] for accuracy in accuracies.values()]
    )
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("accuracies must be from 0 to 1")
    count = len(values)
    height = 0.8 / count
    figure = new_figure(6.0, 0.9 + len(classes) * (0.16 + 0.12 * count))
    ax = figure.add_subplot()
    for rank, (name, accuracy) in enumerate(zip(accuracies, 100 * values, strict=True)):
        place = np.arange(len(classes)) + (rank - (count - 1) / 2) * height
        ax.barh(place, accuracy, 0.92 * height, color=CYCLE[rank % len(CYCLE)], label=name)
        for y, x in zip(place, accuracy, strict=True):
            ax.text(x + 0.8, y, f"{x:.1f}", fontsize=7, va="center", color=INK)
    quiet(ax, "accuracy [%]", "", title)
    ax.grid(False, axis="y")
    ax.set_yticks(range(len(classes)), [name.replace("_", " ") for name in classes])
    ax.set_ylim(len(classes) - 0.5, -0.5)
    ax.set_xlim(0, 108)
    ax.set_xticks(range(0, 101, 20))
    if count > 1:
        figure.legend(loc="outside lower center", fontsize=8, frameon=False, ncols=min(count, 3))
    return figure
