import pandas as pd
import pytest
import torch

from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import CTRGCN, STGCN
from pyg_skeleton.training import collect_graphs, diagnose_graphs

pytest.importorskip("matplotlib")
pytest.importorskip("sklearn")

TABLES = ["graph_distances.csv", "graph_ranks.csv", "classes.csv"]
PICTURES = ["class_accuracy.png", "graph_tsne.png", "feature_tsne.png"]
GRAPHS = ["clip_graphs.png", "class_graphs.png"]


def clips(tiny, labels):
    torch.manual_seed(0)
    return ClipDataset(
        [torch.randn(1, 5, 8, 3) for _ in labels],
        labels,
        [f"clip {i}" for i in range(len(labels))],
        tiny.STICK,
        [f"class {c}" for c in range(12)],
    )


def network(tiny, kind=CTRGCN):
    torch.manual_seed(1)
    return kind(tiny.STICK, 12, channels=(8, 8), strides=(1, 2), num_persons=1)


def test_tables_and_pictures(tiny, tmp_path):
    data, model = clips(tiny, [i % 3 for i in range(12)]), network(tiny)
    found = diagnose_graphs(model, data, tmp_path / "new" / "out")
    assert found.files == TABLES + PICTURES + GRAPHS
    for name in found.files:
        assert (tmp_path / "new" / "out" / name).stat().st_size > (1000 if "png" in name else 30)
    seen = collect_graphs(model, data)
    right = seen.label == seen.prediction
    assert found.distances["clips"].tolist() == [int((~right).sum()), int(right.sum())]
    assert found.ranks["clips"].sum() == 12
    mean = torch.stack([seen.graph[seen.label == c].double().mean(0) for c in range(3)])
    distance = ((seen.graph.double()[:, None] - mean) ** 2).flatten(2).sum(2)
    wrong = distance[~right].mean()
    assert found.distances.loc["misclassified", "d_all"] == pytest.approx(float(wrong), rel=1e-5)
    assert list(found.classes.index) == ["class 0", "class 1", "class 2"]
    for c, (_, row) in enumerate(found.classes.iterrows()):
        mine = seen.prediction[seen.label == c]
        assert row["clips"] == 4
        assert row["accuracy"] == pytest.approx(float((mine == c).float().mean()))
        others = mine[mine != c].bincount(minlength=12)
        assert row["taken for"] == (f"class {int(others.argmax())}" if others.any() else "")
    written = pd.read_csv(tmp_path / "new" / "out" / "classes.csv", index_col="class")
    assert written["d_cor"].tolist() == pytest.approx(found.classes["d_cor"].tolist(), rel=1e-6)


def test_many_classes_and_few_clips(tiny, tmp_path):
    found = diagnose_graphs(network(tiny), clips(tiny, list(range(12))), tmp_path, joint="head")
    assert set(PICTURES) - set(found.files) == {"graph_tsne.png", "feature_tsne.png"}  # six clips
    assert len(found.classes) == 12


def test_clips_without_label_and_without_graph(tiny, tmp_path):
    labeled, data = clips(tiny, [0, 1, 0, 1]), clips(tiny, [0, 1, 0, 1])
    data.labels[1:3] = -1
    found = diagnose_graphs(network(tiny), data, tmp_path)
    assert found.classes["clips"].tolist() == [1, 1]
    data.labels[:] = -1
    with pytest.raises(ValueError, match="expected clips with labels, got none"):
        diagnose_graphs(network(tiny), data, tmp_path / "none")
    with pytest.raises(ValueError, match="STGCN learns no graphs"):
        diagnose_graphs(network(tiny, STGCN), labeled, tmp_path / "none")
    assert not (tmp_path / "none").exists()
