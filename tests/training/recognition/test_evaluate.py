import json

import pandas as pd
import pytest

from pyg_skeleton.cli import evaluate_recognition, format_recognition

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
    with pytest.raises(ValueError, match="no clip has a label"):
        evaluate_recognition(scores([[0] * 7], [-1]))


def test_text():
    result = evaluate_recognition(scores([[7, 6, 5, 4, 3, 2, 1]] * 4, [0, 0, 0, 5]))
    assert format_recognition({"CTR-GCN": result}) == (
        "CTR-GCN: top-1 75.00 %, top-5 75.00 %, mean class 50.00 % of 4 clips\n"
        "  hardest: throw 0.0 %, walk 100.0 %"
    )
