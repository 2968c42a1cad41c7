import pytest
import torch

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

from pyg_skeleton.cli.reports import clustering as report
from pyg_skeleton.cli.reports.pictures import draw
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
    pictures = report.pictures(clips, *branches(clips, 3), clips.labels)
    files = draw(pictures, tmp_path / "new")
    kinds = ("tsne", "contingency", "strips")
    assert list(files) == [f"{kind}_{branch}.png" for branch in ("B0", "B1") for kind in kinds]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(files)


def test_unlabeled_clips(clips, tmp_path, monkeypatch):
    from pyg_skeleton import visualization

    drawn = []

    def spy(clusters, *args, **options):
        drawn.append(clusters)
        return original(clusters, *args, **options)

    original = visualization.plot_cluster_strips
    monkeypatch.setattr(visualization, "plot_cluster_strips", spy)
    logits, features = ({"B1": values["B1"]} for values in branches(clips, 3))
    files = draw(report.pictures(clips, logits, features, num_clips=2), tmp_path)
    assert list(files) == ["tsne_B1.png", "strips_B1.png"]
    assert list(drawn[0]) == ["cluster 0\n4 clips", "cluster 1\n4 clips", "cluster 2\n4 clips"]
    captions = [caption for caption, _ in drawn[0]["cluster 0\n4 clips"]]
    assert len(captions) == 2
    assert set(captions) <= {"clip_2", "clip_5", "clip_8", "clip_11"}  # rolled by one


def test_many_clusters_and_empty_ones(clips, tmp_path, monkeypatch):
    monkeypatch.setattr(report, "ROWS", 4)
    logits, features = branches(clips, 6)
    more = torch.cat([logits["B0"], torch.full((12, 2), -9.0)], dim=1)  # two without a clip
    pictures = report.pictures(clips, {"B0": more}, {"B0": features["B0"]}, coordinates=2)
    files = draw(pictures, tmp_path)
    assert list(files)[1:] == ["strips_B0_1.png", "strips_B0_2.png"]


def test_players_of_uncertain_clips(clips):
    logits = 5 * torch.eye(3)[torch.arange(12) % 3]
    logits[7] = torch.tensor([0.0, 0.1, 0.0])
    players = report.players(clips, logits, clips.labels, count=2)
    assert next(iter(players)) == "folder/clip_7, b: cluster 1 (36%)"
    assert next(iter(players.values()))().scene["clips"][0]["shape"] == [8, 1, 15, 3]
    assert next(iter(report.players(clips, logits))) == "folder/clip_7: cluster 1 (36%)"


def test_wrong_input(clips):
    logits, features = branches(clips, 3)
    with pytest.raises(ValueError, match=r"got \['B0', 'B1'\] and \['B0'\]"):
        report.pictures(clips, logits, {"B0": features["B0"]})


def scores(value):
    return {"B1, classifier": {"ACC (Hungarian) %": value, "NMI %": 2 * value}}


def test_table_of_means_over_seeds():
    other = {**scores(50.0), "B1, k-means": {"ACC (Hungarian) %": 1.0, "NMI %": 2.0}}
    table = report.score_table(
        {"codt": {"0": scores(100.0), "1": other}, "bm": {"0": scores(10.0)}}
    )
    assert list(table.columns) == ["seeds", "ACC (Hungarian) %", "NMI %"]
    assert list(table.index) == [
        ("codt", "B1, classifier"),
        ("codt", "B1, k-means"),
        ("bm", "B1, classifier"),
    ]
    assert table.loc[("codt", "B1, classifier")].tolist() == pytest.approx([2, 75, 150])
    assert table.loc[("codt", "B1, k-means"), "seeds"] == 1
    assert table.loc[("bm", "B1, classifier")].tolist() == pytest.approx([1, 10, 20])
