import numpy as np
import pytest
import torch

pytest.importorskip("sklearn")

from pyg_skeleton.visualization import plot_cluster_tsne


@pytest.fixture
def clips():
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(24) % 3
    features = torch.eye(3)[labels] + 0.05 * torch.rand(24, 3, generator=generator)
    return features, (labels + 1) % 3, labels


def test_the_same_points_by_cluster_and_by_class(clips, draws):
    features, clusters, labels = clips
    figure = plot_cluster_tsne(features, clusters, labels, ["sitting_down", "b", "c"], title="B0")
    by_cluster, by_class = figure.axes
    assert [text.get_text() for text in by_cluster.get_legend().get_texts()] == ["0", "1", "2"]
    assert by_class.get_legend().get_texts()[0].get_text() == "sitting down"
    for k in range(3):
        # Cluster k + 1 is class k: the same points in the same color.
        cluster, label = by_cluster.collections[(k + 1) % 3], by_class.collections[k]
        assert np.array_equal(cluster.get_offsets(), label.get_offsets())
        assert np.array_equal(cluster.get_facecolor(), label.get_facecolor())
        assert len(label.get_offsets()) == 8
    draws(figure)


def test_without_labels(clips, draws):
    figure = plot_cluster_tsne(*clips[:2])
    assert len(figure.axes) == 1
    draws(figure)


def test_lengths_do_not_matter(clips):
    figures = [plot_cluster_tsne(scale * clips[0], clips[1]) for scale in (1, 8)]
    first, second = (figure.axes[0].collections[0].get_offsets() for figure in figures)
    np.testing.assert_allclose(first, second, rtol=1e-3)


def test_a_choice_of_many(clips):
    figure = plot_cluster_tsne(*clips, ["a", "b", "c"], max_clips=10)
    for ax in figure.axes:
        assert sum(len(group.get_offsets()) for group in ax.collections) == 10


def test_wrong_input(clips):
    features, clusters, labels = clips
    with pytest.raises(ValueError, match=r"got \[24, 3\], \[24\] and \[23\]"):
        plot_cluster_tsne(features, clusters, labels[1:], ["a", "b", "c"])
    with pytest.raises(ValueError, match="labels must be 0 to 1 for 2 classes, got 0 to 2"):
        plot_cluster_tsne(features, clusters, labels, ["a", "b"])
    with pytest.raises(ValueError, match="at least 4 clips, got 3"):
        plot_cluster_tsne(features[:3], clusters[:3])
