import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("scipy")

from pyg_skeleton.metrics import ClusterPurity, cluster_accuracy, cluster_purity

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=40)


def test_by_hand():
    clusters = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2])
    labels = torch.tensor([0, 0, 0, 0, 0, 1, 1, 0])
    assert cluster_purity(clusters, labels) == 7 / 8  # 3 of 3, 2 of 2, 2 of 3
    assert cluster_accuracy(clusters, labels) == 5 / 8
    assert ClusterPurity(5, 3)(clusters, labels).item() == 7 / 8


@given(PAIRS)
def test_never_below_the_accuracy(pairs):
    clusters, labels = torch.tensor(pairs).t()
    purity = sum(
        max(sum((k, c) == pair for pair in pairs) for c in range(4)) for k in range(5)
    ) / len(pairs)
    assert cluster_purity(clusters, labels) == pytest.approx(purity)
    assert cluster_accuracy(clusters, labels) <= purity + 1e-12


def test_grows_with_the_number_of_clusters():
    labels = torch.tensor([0, 1, 0, 1])
    assert cluster_purity(torch.arange(4), labels) == 1
    assert cluster_purity(torch.zeros(4).long(), labels) == 0.5
