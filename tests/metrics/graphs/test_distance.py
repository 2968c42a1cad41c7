import math

import numpy as np
import pytest
import torch

from pyg_skeleton.metrics import GraphDistance, MeanGraphs

NAMES = ["wave", "point", "sit"]


def graphs(*numbers):
    """Graphs of two joints with one edge each."""
    out = torch.zeros(len(numbers), 2, 2)
    out[:, 0, 1] = torch.tensor(numbers)
    return out


def test_by_hand():
    metric = GraphDistance(graphs(0.0, 2.0, 10.0), NAMES)
    # Squared distances: 1 1 81 | 9 1 49 | 16 4 36 | 0 4 100
    metric.update(
        graphs(1.0, 3.0, 4.0, 0.0), torch.tensor([0, 0, 2, 0]), torch.tensor([0, 1, 1, 0])
    )
    found = metric.compute()
    assert found.d_all.tolist() == pytest.approx([(59 + 56) / 6, (83 + 104) / 6])
    assert found.d_cor.tolist() == pytest.approx([(9 + 36) / 2, (1 + 0) / 2])
    assert found.d_mis.item() == pytest.approx((1 + 4) / 2)
    assert found.num_clips.tolist() == [2, 2]
    # Ranks: 1 (a tie), 2, 3, 1.
    assert found.rank_clips.tolist() == [2, 1, 1]
    assert found.rank_accuracy.tolist() == [1.0, 0.0, 0.0]
    assert found.class_distance[0].tolist() == pytest.approx([10 / 3, 6 / 3, 230 / 3])
    assert found.class_distance[1].isnan().all()
    table = metric.table()
    assert table.loc["misclassified", "d_mis"] == pytest.approx(2.5)
    assert math.isnan(table.loc["correctly classified", "d_mis"])
    assert table["clips"].tolist() == [2, 2]
    assert metric.rank_table().to_dict("index") == {
        "1": {"accuracy": 1.0, "clips": 2},
        "2-3": {"accuracy": 0.0, "clips": 2},
    }
    assert list(metric.rank_table((1, 2)).index) == ["1", "2", "3"]
    classes = metric.class_table()
    assert list(classes.index) == ["wave", "sit"]
    assert classes["nearest other class"].tolist() == ["point", "point"]
    assert classes["d_cor"].tolist() == pytest.approx([10 / 3, 36.0])
    assert classes["d_nearest"].tolist() == pytest.approx([2.0, 4.0])


def test_euclidean():
    metric = GraphDistance(graphs(0.0, 2.0, 10.0), NAMES, squared=False)
    metric.update(graphs(3.0), torch.tensor([0]), torch.tensor([1]))
    found = metric.compute()
    assert found.d_all[0].item() == pytest.approx((3 + 1 + 7) / 3)
    assert (found.d_cor[0].item(), found.d_mis.item()) == pytest.approx((3.0, 1.0))


def reference(graph, label, prediction, num_classes):
    """Equations 9 to 12 and Table 10, clip by clip."""
    mean = {c: graph[label == c].mean(0) for c in range(num_classes) if (label == c).any()}
    rows, ranks = {True: [], False: []}, {}
    for g, y, guess in zip(graph, label, prediction, strict=True):
        distance = {c: ((g - m) ** 2).sum() for c, m in mean.items()}
        d_all = sum(distance.values()) / len(distance)
        rows[bool(y == guess)].append((d_all, distance[y], distance.get(guess, np.nan)))
        rank = sorted(distance.values()).index(distance[y])
        ranks.setdefault(rank, []).append(y == guess)
    return rows, ranks


@pytest.mark.parametrize(
    ("seed", "count", "num_classes", "batch_size"),
    [(0, 40, 6, 17), (1, 40, 2, 40), (2, 5, 6, 2), (3, 1, 2, 1)],
)
def test_equals_a_dense_reference(seed, count, num_classes, batch_size):
    rng = np.random.default_rng(seed)
    graph = rng.normal(size=(count, 3, 3)) * 1e-3 + 5.0  # differences are small beside the graphs
    label, prediction = rng.integers(0, num_classes, (2, count))
    rows, ranks = reference(graph, label, prediction, num_classes)
    names = [f"class {c}" for c in range(num_classes)]
    pieces = [
        tuple(torch.as_tensor(x[i : i + batch_size]) for x in (graph, label, prediction))
        for i in range(0, count, batch_size)
    ]
    means = MeanGraphs(num_classes, 3)
    for g, y, _ in pieces:
        means.update(g, y)
    metric = GraphDistance(means.compute(), names)
    for piece in pieces:
        metric.update(*piece)
    found = metric.compute()
    for group in (False, True):
        assert int(found.num_clips[int(group)]) == len(rows[group])
        if rows[group]:
            d_all, d_cor, d_mis = np.array(rows[group]).T
            assert found.d_all[int(group)].item() == pytest.approx(d_all.mean(), rel=1e-9)
            assert found.d_cor[int(group)].item() == pytest.approx(
                d_cor.mean(), rel=1e-9, abs=1e-18
            )
            if not group and np.isfinite(d_mis).any():
                assert found.d_mis.item() == pytest.approx(np.nanmean(d_mis), rel=1e-9, abs=1e-18)
    clips, accuracy = found.rank_clips.tolist(), found.rank_accuracy.tolist()
    for rank in range(num_classes):
        assert clips[rank] == len(ranks.get(rank, []))
        if clips[rank]:
            assert accuracy[rank] == pytest.approx(np.mean(ranks[rank]))


def test_rank_table_of_many_classes():
    means = graphs(*(float(c) for c in range(120)))
    metric = GraphDistance(means, [str(c) for c in range(120)])
    label = torch.arange(120)
    metric.update(graphs(*([-1.0] * 120)), label, torch.zeros(120, dtype=torch.long))
    table = metric.rank_table()
    assert list(table.index) == ["1", "2-5", "6-10", "11-20", "21-40", "41-60", "61-120"]
    assert table["clips"].tolist() == [1, 4, 5, 10, 20, 20, 60]
    assert table["accuracy"].tolist() == [1.0] + 6 * [0.0]
    for ranks in ((0, 3), (5, 1), (2, 2)):
        with pytest.raises(ValueError, match="ranks must rise from 1"):
            metric.rank_table(ranks)


def test_classes_without_a_mean():
    means = graphs(0.0, torch.nan, 10.0)
    metric = GraphDistance(means, NAMES)
    metric.update(graphs(1.0), torch.tensor([0]), torch.tensor([1]))
    found = metric.compute()
    assert found.d_all[0].item() == pytest.approx((1 + 81) / 2)
    assert found.d_mis.isnan()
    assert metric.class_table().loc["wave", "nearest other class"] == "sit"
    with pytest.raises(ValueError, match="there are clips of class 'point', but no mean"):
        metric.update(graphs(1.0), torch.tensor([1]), torch.tensor([1]))
    alone = GraphDistance(graphs(0.0, torch.nan), NAMES[:2])
    alone.update(graphs(1.0), torch.tensor([0]), torch.tensor([0]))
    assert alone.class_table().loc["wave", "nearest other class"] == ""


def test_wrong_input():
    with pytest.raises(
        ValueError, match=r"means must be \[2, V, V\] for 2 classes, got \[3, 2, 2\]"
    ):
        GraphDistance(graphs(0.0, 1.0, 2.0), NAMES[:2])
    metric = GraphDistance(graphs(0.0, 1.0), NAMES[:2])
    zero = torch.tensor([0])
    with pytest.raises(ValueError, match=r"graph must be \[N, 2, 2\], got \[1, 3, 3\]"):
        metric.update(torch.zeros(1, 3, 3), zero, zero)
    with pytest.raises(ValueError, match="prediction must be from 0 to 1, got 2 to 2"):
        metric.update(graphs(0.0), zero, torch.tensor([2]))
    with pytest.raises(ValueError, match=r"label must be 1 integers, got \[2\] of torch.int64"):
        metric.update(graphs(0.0), torch.tensor([0, 1]), zero)
    with pytest.raises(ValueError, match=r"label must be 1 integers, got \[1\] of torch.float32"):
        metric.update(graphs(0.0), torch.tensor([0.0]), zero)
