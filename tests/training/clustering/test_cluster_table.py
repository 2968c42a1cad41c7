import math

import pandas as pd
import pytest
import torch

pytest.importorskip("scipy")

from pyg_skeleton.training import align_clusters, cluster_table, nearest_clips

NAMES = ["a", "b", "c", "d"]


def logits(clusters, num_clusters=3, sure=0.8):
    """Returns logits that give clusters a probability."""
    probability = torch.full((len(clusters), num_clusters), (1 - sure) / (num_clusters - 1))
    probability[torch.arange(len(clusters)), clusters] = sure
    return probability.log() + 7


def test_one_branch():
    table = cluster_table(NAMES, logits([2, 0, 0, 1]))
    assert list(table.columns) == ["cluster", "confidence"]
    assert table.index.name == "clip"
    assert table["cluster"].to_dict() == {"a": 2, "b": 0, "c": 0, "d": 1}
    assert table["confidence"].tolist() == pytest.approx([0.8] * 4)


def test_two_branches_with_other_numbers(tmp_path):
    # B1 calls cluster 0 of B0 its 1, 1 its 2 and 2 its 0; they differ on the last clip.
    table = cluster_table(NAMES, logits([0, 1, 2, 2]), logits([1, 2, 0, 2], sure=0.9))
    assert list(table.columns) == [
        "cluster",
        "confidence",
        "cluster (B0)",
        "confidence (B0)",
        "cluster (B1)",
        "confidence (B1)",
    ]
    assert table["cluster (B0)"].tolist() == [0, 1, 2, 2]
    assert table["cluster (B1)"].tolist() == [0, 1, 2, 1]
    assert table["cluster"].tolist() == [0, 1, 2, 1]
    assert table["confidence"].tolist() == pytest.approx([0.85, 0.85, 0.85, (0.9 + 0.1) / 2])
    table.to_csv(tmp_path / "clusters.csv")
    assert pd.read_csv(tmp_path / "clusters.csv").columns[0] == "clip"


def test_any_order_of_clusters_is_found():
    torch.manual_seed(0)
    first = (3 * torch.randn(200, 9)).softmax(dim=1)
    order = torch.randperm(9)
    second = first[:, order]
    assert torch.equal(second[:, align_clusters(first, second)], first)


def test_wrong_input():
    with pytest.raises(ValueError, match=r"logits must be \[N, K\] for 4 clips, got \[3, 2\]"):
        cluster_table(NAMES, torch.rand(3, 2))
    with pytest.raises(ValueError, match="clusters in both branches, got 2 and 3"):
        cluster_table(NAMES, torch.rand(4, 2), torch.rand(4, 3))
    wrong = torch.rand(4, 2)
    wrong[2, 1] = torch.nan
    with pytest.raises(ValueError, match="the logits of clip 'c' are not finite"):
        cluster_table(NAMES, torch.rand(4, 2), wrong)


def test_nearest_directions_first():
    degrees = torch.tensor([0.0, 10, 50, 90, 100, 130])
    x = torch.stack([torch.cos(degrees * math.pi / 180), torch.sin(degrees * math.pi / 180)], 1)
    x = x * torch.tensor([5.0, 0.1, 1, 7, 2, 0.3])[:, None]  # lengths do not matter
    clusters = torch.tensor([0, 0, 0, 4, 4, 4])  # 1 to 3 have no clip
    # The mean directions are 19.6 and 106.2 degrees.
    assert nearest_clips(x, clusters) == {0: [1, 0, 2], 4: [4, 3, 5]}
    assert nearest_clips(x, clusters, 1) == {0: [1], 4: [4]}


def test_wrong_features():
    with pytest.raises(ValueError, match=r"got \[4, 2\] and \[3\]"):
        nearest_clips(torch.rand(4, 2), torch.zeros(3).long())
    x = torch.rand(4, 2)
    x[1, 0] = torch.inf
    with pytest.raises(ValueError, match="expected finite features, those of clip 1 are not"):
        nearest_clips(x, torch.zeros(4).long())
