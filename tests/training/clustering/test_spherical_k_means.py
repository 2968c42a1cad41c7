import itertools

import pytest
import torch
import torch.nn.functional as F

pytest.importorskip("sklearn")

from pyg_skeleton.training import spherical_k_means


def fit(x, labels):
    """The objective: the length of the sum of each cluster's directions."""
    x = F.normalize(x.double(), dim=1)
    return sum(x[labels == k].sum(0).norm().item() for k in labels.unique())


def test_is_the_best_of_all_clusterings():
    torch.manual_seed(0)
    x = torch.randn(8, 3)
    best = max(fit(x, torch.tensor(k)) for k in itertools.product(range(3), repeat=8))
    centroids, labels = spherical_k_means(x, 3)
    assert fit(x, labels) == pytest.approx(best)
    sums = torch.stack([F.normalize(x, dim=1)[labels == k].sum(0) for k in range(3)])
    torch.testing.assert_close(centroids, F.normalize(sums, dim=1))


def test_directions_count_and_lengths_do_not():
    torch.manual_seed(0)
    truth = torch.arange(300) % 6
    axes = torch.eye(6)[truth]
    x = F.normalize(axes + 0.1 * torch.randn(300, 6), dim=1)
    lengths = 10 ** (4 * torch.rand(300, 1) - 2)
    centroids, labels = spherical_k_means(x * lengths, 6)
    for k in range(6):
        assert len(truth[labels == k].unique()) == 1
    torch.testing.assert_close(centroids.norm(dim=1), torch.ones(6))
    assert torch.equal((x @ centroids.t()).argmax(dim=1), labels)
    again = spherical_k_means(x, 6)
    assert len(set(zip(again[1].tolist(), labels.tolist(), strict=True))) == 6  # other names


def test_the_seed_decides_and_no_other_generator():
    torch.manual_seed(0)
    x = torch.randn(100, 4)
    before = torch.get_rng_state()
    first = spherical_k_means(x, 5, seed=3, restarts=1)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(7)
    second = spherical_k_means(x, 5, seed=3, restarts=1)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    fits = [fit(x, spherical_k_means(x, 5, seed, restarts=1)[1]) for seed in range(4)]
    assert len(set(fits)) > 1
    assert fit(x, spherical_k_means(x, 5, restarts=4)[1]) == pytest.approx(max(fits))


def test_as_many_clusters_as_samples():
    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    centroids, labels = spherical_k_means(x, 6)
    assert labels.sort().values.tolist() == list(range(6))
    torch.testing.assert_close(centroids[labels], F.normalize(x, dim=1))


def test_fewer_directions_than_clusters_and_rows_of_zeros():
    x = torch.eye(2).repeat(5, 1)
    centroids, labels = spherical_k_means(x, 4)
    assert centroids.isfinite().all()
    assert fit(x, labels) == pytest.approx(10)
    x = torch.cat([torch.eye(3).repeat(4, 1), torch.zeros(5, 3)])
    centroids, labels = spherical_k_means(x, 3)
    assert sorted(labels[:3].tolist()) == [0, 1, 2]
    torch.testing.assert_close(centroids[labels[:3]], torch.eye(3))


def test_in_parts(monkeypatch):
    from pyg_skeleton.training import spherical_k_means as function

    x = torch.randn(200, 5, generator=torch.Generator().manual_seed(0))
    whole = function(x, 7, restarts=2)
    monkeypatch.setitem(function.__globals__, "CHUNK", 7 * 30)
    assert torch.equal(function(x, 7, restarts=2)[1], whole[1])


def test_wrong_input():
    x = torch.rand(4, 3)
    with pytest.raises(ValueError, match=r"from one to 4 clusters, .* got 5 clusters"):
        spherical_k_means(x, 5)
    with pytest.raises(ValueError, match="got 0 clusters and 10 starts"):
        spherical_k_means(x, 0)
    with pytest.raises(ValueError, match=r"x must be numbers \[N, C\], got torch.int64 \[4\]"):
        spherical_k_means(torch.arange(4), 2)
    x[2, 1] = torch.nan
    with pytest.raises(ValueError, match="expected finite features, those of sample 2 are not"):
        spherical_k_means(x, 2)
