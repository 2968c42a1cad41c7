import numpy as np
import pytest
import torch

pytest.importorskip("scipy")

from pyg_skeleton.visualization import plot_contingency


def test_clusters_on_the_diagonal(draws):
    # Clusters are rows here, columns in the picture.
    count = torch.tensor([[0, 9, 0], [1, 1, 0], [6, 0, 1], [3, 0, 0]])
    figure = plot_contingency(count, ["sitting_down", "running", "waving"])
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "sitting down",
        "running",
        "waving",
    ]
    order = [int(label.get_text()) for label in ax.get_xticklabels()]
    assert order[:2] == [2, 0]
    assert ax.get_title(loc="left") == "71.4 % by matching, 90.5 % by dominating label"
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    assert shown[0, 0] == "60"  # 6 of the 10 that sit down are in cluster 2
    assert shown[1, 1] == "90"
    assert shown[order.index(3), 0] == "30"
    assert len(ax.lines) == 1  # cluster without a class behind it
    draws(figure)


def test_more_classes_than_clusters_and_a_class_without_clips(draws):
    count = np.array([[0, 0, 5, 0], [0, 7, 1, 0]])
    ax = plot_contingency(count, ["a", "b", "c", "d"]).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "c", "a", "d"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "0"]
    draws(ax.figure)


def test_large_ones_have_no_numbers(draws):
    figure = plot_contingency(np.eye(51), [f"a class with a long name {i}" for i in range(51)])
    assert not figure.axes[0].texts
    draws(figure)
    left = figure.axes[0].yaxis.label.get_window_extent().x0
    assert left >= 0  # nothing is cut off


def test_wrong_input():
    with pytest.raises(ValueError, match=r"matrix must be \[K, 2\] for 2 classes, got \[3, 3\]"):
        plot_contingency(np.eye(3), ["a", "b"])
    with pytest.raises(ValueError, match="none negative"):
        plot_contingency(-np.eye(2), ["a", "b"])
