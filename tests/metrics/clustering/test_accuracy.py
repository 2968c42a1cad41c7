from itertools import permutations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("scipy")

from pyg_skeleton.metrics import ClusterAccuracy, cluster_accuracy, contingency, match_clusters

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40)


@given(PAIRS)
def test_is_the_best_of_all_names(pairs):
    clusters, labels = torch.tensor(pairs).t()
    best = max(
        sum(name[k] == c for k, c in pairs)
        for name in permutations(range(5), 5)  # class 4 stands for "none"
    )
    assert cluster_accuracy(clusters, labels) == pytest.approx(best / len(pairs))


@given(PAIRS, st.permutations(range(5)))
def test_the_numbers_of_clusters_mean_nothing(pairs, order):
    clusters, labels = torch.tensor(pairs).t()
    renamed = torch.tensor(order)[clusters]
    assert cluster_accuracy(renamed, labels) == cluster_accuracy(clusters, labels)


def test_clusters_and_classes_that_differ_in_number():
    clusters = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2])
    labels = torch.tensor([0, 0, 0, 0, 0, 1, 1, 0])
    assert match_clusters(contingency(clusters, labels)).tolist() == [0, -1, 1]
    assert cluster_accuracy(clusters, labels) == 5 / 8
    assert match_clusters(contingency(labels, clusters)).tolist() == [0, 2]
    metric = ClusterAccuracy(4, 2)  # cluster 3 is empty
    assert metric(clusters, labels).item() == 5 / 8
