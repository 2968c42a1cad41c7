import pandas as pd
import pytest

from pyg_skeleton.cli import draw_recognition, evaluate_recognition

pytest.importorskip("matplotlib")

CLASSES = ["walk", "run"]


@pytest.fixture
def result():
    scores = pd.DataFrame([[2.0, 1.0], [0.0, 1.0]], ["a", "b"], CLASSES)
    scores.insert(0, "label", [0, 0])
    return evaluate_recognition(scores)


def test_confusion(result, tmp_path):
    assert draw_recognition(result, CLASSES, tmp_path) == ["confusion.png"]
    assert (tmp_path / "confusion.png").stat().st_size > 1000
    assert {path.name for path in tmp_path.iterdir()} == {"confusion.png"}


def test_curves_of_a_training(result, tmp_path):
    (tmp_path / "metrics.csv").write_text("step,loss\n0,1.0\n1,0.5\n")
    assert draw_recognition(result, CLASSES, tmp_path) == ["confusion.png", "curves.png"]
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_other_classes(result, tmp_path):
    with pytest.raises(ValueError, match=r"matrix must be \[3, 3\] for 3 classes, got \[2, 2\]"):
        draw_recognition(result, [*CLASSES, "sit"], tmp_path)
