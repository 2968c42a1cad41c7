import numpy as np
import pytest
import torch

from pyg_skeleton.metrics import ClusterAccuracy, ClusterPurity, contingency


def test_counts():
    counts = contingency([2, 0, 2, 2], np.array([1, 0, 1, 0]))
    assert counts.tolist() == [[1, 0], [0, 0], [1, 2]]
    assert contingency([1], [0], 3, 2).tolist() == [[0, 0], [1, 0], [0, 0]]
    none = torch.empty(0, dtype=torch.long)
    assert contingency(none, none, 2, 3).tolist() == [[0, 0, 0]] * 2
    assert contingency(none, none).shape == (0, 0)


@pytest.mark.parametrize("kind", [ClusterAccuracy, ClusterPurity])
@pytest.mark.parametrize("sizes", [[40], [39, 1], [5, 0, 35]])
def test_in_batches(kind, sizes):
    generator = torch.Generator().manual_seed(0)
    clusters, labels = torch.randint(6, (2, 40), generator=generator)
    metric = kind(6, 6)
    for batch in zip(clusters.split(sizes), labels.split(sizes), strict=True):
        metric.update(*batch)
    whole = kind(6, 6)
    assert metric.compute().item() == whole(clusters, labels).item()
    metric.reset()
    metric.update(clusters[:0], labels[:0])
    assert metric.compute().isnan()


@pytest.mark.parametrize("kind", [ClusterAccuracy, ClusterPurity])
def test_one_cluster_of_one_class(kind):
    metric = kind(1, 1)
    metric.update(torch.zeros(3).long(), torch.zeros(3).long())
    assert metric.compute().item() == 1


@pytest.mark.parametrize(
    ("clusters", "labels", "sizes", "message"),
    [
        ([0, 1], [0], (), "got 2 clusters and 1 labels"),
        ([0.0], [0], (), r"clusters must be whole numbers \[N\], got torch.float32 \[1\]"),
        ([0], [[0]], (), r"labels must be whole numbers \[N\], got torch.int64 \[1, 1\]"),
        ([0, 1], [0, -1], (), "labels must be from 0, got -1 to 0"),
        ([0, 4], [0, 1], (4, 2), "clusters must be from 0 to 3, got 0 to 4"),
    ],
)
def test_wrong_input(clusters, labels, sizes, message):
    with pytest.raises(ValueError, match=message):
        contingency(torch.tensor(clusters), torch.tensor(labels), *sizes)
