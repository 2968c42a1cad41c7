import pandas as pd
import pytest
import torch

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

from pyg_skeleton.cli import draw_clusters
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose


@pytest.fixture
def clips():
    skeleton = Skeleton.get("shared15")
    pose = rest_pose(skeleton)[None, :, None].float()
    moves = torch.linspace(0, 1, 8)[:, None] * torch.tensor([1.0, 0, 0])
    names = [f"folder/clip_{i}" for i in range(12)]
    labels = [i % 3 for i in range(12)]
    positions = [pose + i / 12 * moves for i in range(12)]
    return ClipDataset(positions, labels, names, skeleton, ["sitting_down", "b", "c"])


def branches(clips, num_clusters):
    """Two branches that agree on everything but the numbers of the clusters."""
    clusters = torch.arange(12) % num_clusters
    logits = 5 * torch.eye(num_clusters)[clusters]
    features = torch.eye(num_clusters)[clusters] + 0.1 * torch.rand(12, num_clusters)
    return (
        {"B0": logits, "B1": logits.roll(1, dims=1)},
        {"B0": features, "B1": features},
    )


def test_with_labels(clips, tmp_path):
    files = draw_clusters(clips, *branches(clips, 3), tmp_path / "new", clips.labels)
    assert files == [
        "clusters.csv",
        *(f"{what}_B0.png" for what in ("tsne", "contingency", "strips")),
        *(f"{what}_B1.png" for what in ("tsne", "contingency", "strips")),
    ]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(files)
    table = pd.read_csv(tmp_path / "new" / "clusters.csv", index_col="clip")
    assert list(table.index) == clips.names
    for column in ("cluster", "cluster (B0)", "cluster (B1)"):
        assert table[column].tolist() == [0, 1, 2] * 4


def test_clips_that_nobody_labeled(clips, tmp_path, monkeypatch):
    from pyg_skeleton import visualization

    drawn = []

    def draw(clusters, *args, **options):
        drawn.append(clusters)
        return original(clusters, *args, **options)

    original = visualization.plot_cluster_strips
    monkeypatch.setattr(visualization, "plot_cluster_strips", draw)
    logits, features = ({"B1": values["B1"]} for values in branches(clips, 3))
    files = draw_clusters(clips, logits, features, tmp_path, num_clips=2)
    assert files == ["clusters.csv", "tsne_B1.png", "strips_B1.png"]
    assert list(drawn[0]) == ["cluster 0\n4 clips", "cluster 1\n4 clips", "cluster 2\n4 clips"]
    captions = [caption for caption, _ in drawn[0]["cluster 0\n4 clips"]]
    assert len(captions) == 2
    assert set(captions) <= {"clip_2", "clip_5", "clip_8", "clip_11"}  # rolled by one


def test_many_clusters_and_empty_ones(clips, tmp_path, monkeypatch):
    monkeypatch.setitem(draw_clusters.__globals__, "ROWS", 4)
    logits, features = branches(clips, 6)
    more = torch.cat([logits["B0"], torch.full((12, 2), -9.0)], dim=1)  # two without a clip
    files = draw_clusters(clips, {"B0": more}, {"B0": features["B0"]}, tmp_path, coordinates=2)
    assert files[2:] == ["strips_B0_1.png", "strips_B0_2.png"]


def test_wrong_input(clips, tmp_path):
    logits, features = branches(clips, 3)
    with pytest.raises(ValueError, match=r"got \['B0', 'B1'\] and \['B0'\]"):
        draw_clusters(clips, logits, {"B0": features["B0"]}, tmp_path)
    with pytest.raises(ValueError, match="for 11 clips, got"):
        draw_clusters(clips[:11], logits, features, tmp_path)
