import json

import numpy as np
import pandas as pd
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import STGCN
from pyg_skeleton.training import evaluate_recognition, recognize

CLASSES = ["walk", "run", "sit", "stand", "wave", "throw", "kick"]


def scores(rows, labels):
    table = pd.DataFrame(rows, [f"clip {i}" for i in range(len(rows))], CLASSES, dtype=float)
    table.insert(0, "label", labels)
    return table


def test_by_hand():
    falling = [7, 6, 5, 4, 3, 2, 1]
    result = evaluate_recognition(scores(5 * [falling], [0, 0, 4, 5, -1]))
    assert result["clips"] == 4
    assert result["top1"] == 0.5
    assert result["top5"] == 0.75
    assert result["per_class"] == {"walk": 1.0, "wave": 0.0, "throw": 0.0}
    assert result["mean class"] == pytest.approx(1 / 3)
    confusion = [[0] * 7 for _ in range(7)]
    confusion[0][0], confusion[4][0], confusion[5][0] = 2, 1, 1
    assert result["confusion"] == confusion
    json.dumps(result)


def test_few_classes():
    table = scores([[1, 2, 0, 0, 0, 0, 0]], [0]).iloc[:, :3]
    result = evaluate_recognition(table)
    assert (result["top1"], result["top5"]) == (0.0, 1.0)


def test_no_labels():
    with pytest.raises(ValueError, match="expected clips with labels, got none"):
        evaluate_recognition(scores([[0] * 7], [-1]))


@pytest.fixture
def clips(tiny):
    data = tiny.Swinging(5)
    motions = [data.motion(i) for i in range(5)]
    names = [f"clip {i}" for i in range(5)]
    return ClipDataset(motions, [0, 1, 2, 0, 1], names, tiny.STICK, ["slow", "medium", "fast"])


@pytest.fixture
def model(tiny):
    torch.manual_seed(0)
    return STGCN(tiny.STICK, 3, channels=(8,), strides=(1,), dropout=0.5, num_persons=1)


def test_scores_of_clips_in_order(model, clips):
    model.train()
    table = recognize(model, clips, batch_size=2)
    assert model.training
    assert table.index.tolist() == clips.names
    assert table["label"].tolist() == [0, 1, 2, 0, 1]
    model.eval()
    (batch,) = SkeletonLoader(clips, 5)
    expected = model(batch).detach().numpy()
    np.testing.assert_allclose(table[clips.classes].to_numpy(), expected, rtol=1e-4, atol=1e-5)
    assert not model(batch).isnan().any()


def test_clips_without_names_and_labels(model, tiny):
    data = tiny.Swinging(3, num_future=0, labels=False)
    table = recognize(model, data)
    assert table.index.tolist() == ["0", "1", "2"]
    assert table["label"].tolist() == [-1, -1, -1]


def test_the_mode_is_restored_after_a_mistake(model, clips):
    model.train()
    clips.transform = lambda data: 1 / 0
    with pytest.raises(ZeroDivisionError):
        recognize(model, clips)
    assert model.training


def test_other_classes_are_not_compared(model, clips):
    model.classes = [*clips.classes[1:], clips.classes[0]]
    with pytest.raises(ValueError, match=r"label 0 is .* in the data and .* in the network"):
        recognize(model, clips)


def test_several_classes_by_hand():
    names = ["a", "b", "c"]
    rows = [[2.0, -1.0, -3.0], [1.0, 1.0, -3.0], [-1.0, 2.0, -3.0], [3.0, -2.0, -3.0]]
    table = pd.DataFrame(rows, columns=names)
    table.insert(0, "label", ["a", "a;b", "a;b", "b"])
    result = evaluate_recognition(table, "classes")
    # Of a, the true ones have the ranks 2, 3 and 4; of b 1, 2 and 4; c has no clip.
    a, b = (1 / 2 + 2 / 3 + 3 / 4) / 3, (1 + 1 + 3 / 4) / 3
    assert result["per_class"] == {"a": pytest.approx(a), "b": pytest.approx(b)}
    assert result["map"] == pytest.approx((a + b) / 2)
    assert result["exact"] == 0.5
    assert result["f1"] == pytest.approx((2 * 2 / 6 + 2 * 2 / 5) / 2)
    json.dumps(result)


def test_scores_by_hand():
    table = pd.DataFrame({"label": [1.0, 2.0, 3.0, 10.0], "score": [1.5, 1.0, 4.0, 6.0]})
    result = evaluate_recognition(table, "score")
    assert result == {"clips": 4, "error": 1.625, "spearman": pytest.approx(0.8)}
    table["score"] = 2.0
    assert evaluate_recognition(table, "score")["spearman"] is None


def test_labels_of_several_classes_and_scores(model, clips, tiny):
    several = ClipDataset(
        [clips.clip(i) for i in range(5)],
        [[1, 0, 1], [0, 1, 0], [1, 1, 1], [0, 0, 0], [0, 0, 1]],
        clips.names,
        tiny.STICK,
        clips.classes,
        target="classes",
    )
    with pytest.raises(ValueError, match="learned the target 'class', the clips have 'classes'"):
        recognize(model, several)
    model.target = "classes"
    table = recognize(model, several)
    assert table["label"].tolist() == ["slow;fast", "medium", "slow;medium;fast", "", "fast"]
    assert evaluate_recognition(table, "classes")["clips"] == 5
    model.target = "class"
    expected = recognize(model, clips).drop(columns="label")
    pd.testing.assert_frame_equal(table.drop(columns="label"), expected)
