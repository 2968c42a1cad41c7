import pytest
import torch

from pyg_skeleton.nn.models import CoDTOutput
from pyg_skeleton.training import evaluate_clusters


def output(clips=40, clusters=4):
    """B1 is right up to the names of its clusters, B0 always says the same."""
    y = torch.arange(clips) % clusters
    features = torch.eye(clusters)[y] + 0.01 * torch.rand(clips, clusters)
    logits = torch.eye(clusters)[(y + 1) % clusters]
    same = torch.zeros(clips, clusters)
    same[:, 2] = 1
    return CoDTOutput(logits, same, features, features.flip(1)), y


def test_both_branches_by_classifier_and_by_k_means():
    found, y = output()
    scores = evaluate_clusters(found, y)
    assert set(scores) == {
        f"B{b}, {how}" for b in (0, 1) for how in ("classifier", "spherical k-means", "k-means")
    }
    assert scores["B1, classifier"]["ACC (Hungarian) %"] == pytest.approx(100)
    assert scores["B0, classifier"]["ACC (Hungarian) %"] == pytest.approx(25)
    assert scores["B0, classifier"]["NMI %"] == pytest.approx(0, abs=1e-6)
    assert scores["B0, spherical k-means"]["ARI %"] == pytest.approx(100)
    assert 0 < scores["B1, k-means"]["ACC (Hungarian) %"] <= 100
    with pytest.raises(ValueError, match="at least 4 clips, one per cluster, got 3"):
        evaluate_clusters(CoDTOutput(*(t[:3] for t in found)), y[:3])
