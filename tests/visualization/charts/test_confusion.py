import numpy as np
import pytest
import torch

from pyg_skeleton.visualization import plot_confusion


def test_rows_in_percent(draws):
    count = torch.tensor([[8, 2, 0], [1, 3, 0], [0, 0, 0]])
    figure = plot_confusion(count, ["walking", "sitting_down", "never"])
    ax = figure.axes[0]
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    assert shown == {(0, 0): "80", (1, 0): "20", (0, 1): "25", (1, 1): "75"}
    assert ax.get_title(loc="left") == "accuracy 78.6 % of 14 clips"
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "walking",
        "sitting down",
        "never",
    ]
    draws(figure)


def test_wrong_input():
    with pytest.raises(ValueError, match=r"matrix must be \[2, 2\] for 2 classes, got \[3, 3\]"):
        plot_confusion(np.eye(3), ["a", "b"])
    with pytest.raises(ValueError, match="none negative"):
        plot_confusion(-np.eye(2), ["a", "b"])
