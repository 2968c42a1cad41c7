import math

import pytest
import torch

pytest.importorskip("sklearn")

from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from pyg_skeleton.metrics import cluster_accuracy, cluster_purity, cluster_scores


def test_names_and_numbers():
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(8, (500,), generator=generator)
    noise = torch.randint(10, (500,), generator=generator)
    clusters = torch.where(torch.rand(500, generator=generator) < 0.6, 9 - labels, noise)
    assert cluster_scores(clusters, labels) == pytest.approx(
        {
            "ACC (Hungarian) %": 100 * cluster_accuracy(clusters, labels),
            "ACC (dominating label) %": 100 * cluster_purity(clusters, labels),
            "NMI %": 100 * normalized_mutual_info_score(labels, clusters),
            "ARI %": 100 * adjusted_rand_score(labels, clusters),
        }
    )


def test_the_mutual_information_from_its_definition():
    clusters, labels = torch.tensor([0, 0, 1, 1, 1, 1]), torch.tensor([0, 0, 0, 1, 1, 1])
    log = math.log
    shared = 2 / 6 * log((2 / 6) / (2 / 6 * 3 / 6)) + 1 / 6 * log((1 / 6) / (4 / 6 * 3 / 6))
    shared += 3 / 6 * log((3 / 6) / (4 / 6 * 3 / 6))
    entropies = -(2 / 6 * log(2 / 6) + 4 / 6 * log(4 / 6)), log(2)
    scores = cluster_scores(clusters, labels)
    assert scores["NMI %"] == pytest.approx(200 * shared / sum(entropies))
    assert scores["ACC (Hungarian) %"] == pytest.approx(500 / 6)


def test_other_names_for_the_classes_are_perfect():
    labels = torch.arange(30) % 7
    assert list(cluster_scores(6 - labels, labels).values()) == pytest.approx([100.0] * 4)


def test_no_sample():
    none = torch.empty(0, dtype=torch.long)
    with pytest.raises(ValueError, match="at least one sample, got none"):
        cluster_scores(none, none)
