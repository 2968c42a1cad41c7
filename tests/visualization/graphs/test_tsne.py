import numpy as np
import pytest
import torch

pytest.importorskip("sklearn")

from pyg_skeleton.visualization import plot_cluster_tsne, plot_graph_tsne


def test_classes_that_differ_lie_apart(draws):
    torch.manual_seed(0)
    labels = torch.arange(15) % 3
    weights = 10 * torch.randn(3, 16)[labels] + 0.1 * torch.randn(15, 16)
    figure = plot_graph_tsne(weights, labels, ["sitting_down", "running", "waving", "absent"])
    groups = [np.asarray(points.get_offsets()) for points in figure.axes[0].collections]
    assert [len(group) for group in groups] == [5, 5, 5]
    centers = np.stack([group.mean(0) for group in groups])
    spread = max(np.linalg.norm(g - c, axis=1).max() for g, c in zip(groups, centers, strict=True))
    assert min(np.linalg.norm(centers[i] - centers[i - 1]) for i in range(3)) > 2 * spread
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["sitting down", "running", "waving"]
    again = plot_graph_tsne(weights, labels, ["a", "b", "c"])
    assert np.array_equal(again.axes[0].collections[0].get_offsets(), groups[0])
    draws(figure)


def test_wrong_input():
    classes = ["a", "b"]
    with pytest.raises(ValueError, match=r"got \[5\] and \[5\]"):
        plot_graph_tsne(torch.rand(5), torch.zeros(5), classes)
    with pytest.raises(ValueError, match="at least 4 clips, got 3"):
        plot_graph_tsne(torch.rand(3, 4), torch.zeros(3), classes)
    with pytest.raises(ValueError, match="labels must be 0 to 1 for 2 classes, got 0 to 2"):
        plot_graph_tsne(torch.rand(6, 4), torch.arange(6) % 3, classes)


@pytest.mark.parametrize("number", [0.0, 1.0, 0.1])
def test_equal_vectors_are_refused(number):
    x = np.full((40, 8), number)
    with pytest.raises(ValueError, match="t-SNE needs vectors that differ, all 40 are equal"):
        plot_graph_tsne(x, np.zeros(40, int), ["a"])
    with pytest.raises(ValueError, match="t-SNE needs vectors that differ, all 40 are equal"):
        plot_cluster_tsne((x + 1) * np.arange(1, 41).reshape(40, 1), np.zeros(40, int))
    x[3] = np.nan
    with pytest.raises(ValueError, match="t-SNE needs finite vectors"):
        plot_graph_tsne(x, np.zeros(40, int), ["a"])


def test_two_different_vectors_are_enough():
    x = np.ones((40, 8))
    x[7] = 2.0
    assert plot_graph_tsne(x, np.zeros(40, int), ["a"]).axes


def test_missing_scikit_learn_names_the_extra(python):
    done = python(
        "import numpy as np\n"
        "from pyg_skeleton.visualization import plot_graph_tsne\n"
        "try:\n"
        "    plot_graph_tsne(np.eye(9), np.zeros(9, int), ['a'])\n"
        "except ImportError as error:\n"
        "    print(error)\n",
        without=["sklearn"],
    )
    line = "t-SNE needs scikit-learn: pip install 'pyg_skeleton[cluster]' (the extra 'cluster')\n"
    assert done.stdout == line, done.stderr
