import pandas as pd
import pytest

from pyg_skeleton.cli.reports import recognition as report
from pyg_skeleton.cli.reports.pictures import draw
from pyg_skeleton.training import evaluate_recognition

pytest.importorskip("matplotlib")

CLASSES = ["walk", "run"]


@pytest.fixture
def result():
    scores = pd.DataFrame([[2.0, 1.0], [0.0, 1.0]], ["a", "b"], CLASSES)
    scores.insert(0, "label", [0, 0])
    return evaluate_recognition(scores)


def test_confusion(result, tmp_path):
    assert draw(report.pictures(result, CLASSES, tmp_path), tmp_path) == ["confusion.png"]
    assert (tmp_path / "confusion.png").stat().st_size > 1000
    assert {path.name for path in tmp_path.iterdir()} == {"confusion.png"}


def test_curves_of_a_training(result, tmp_path):
    (tmp_path / "metrics.csv").write_text("step,loss\n0,1.0\n1,0.5\n")
    assert draw(report.pictures(result, CLASSES, tmp_path), tmp_path) == [
        "confusion.png",
        "curves.png",
    ]
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_other_classes(result, tmp_path):
    with pytest.warns(UserWarning, match=r"confusion.png is not drawn: matrix must be \[3, 3\]"):
        assert draw(report.pictures(result, [*CLASSES, "sit"], tmp_path), tmp_path) == []


def test_by_hand():
    shares = {"walk": 1.0, "run": 0.5, "sit": 0.25, "stand": 0.9, "wave": 0.8, "kick": 0.7}
    result = {"clips": 8, "top1": 0.5, "top5": 0.875, "mean class": 2 / 3, "per_class": shares}
    text = report.text({"one": result, "fused": {**result, "top1": 1.0}})
    assert text.splitlines() == [
        "one: top-1 50.00 %, top-5 87.50 %, mean class 66.67 % of 8 clips",
        "  hardest: sit 25.0 %, run 50.0 %, kick 70.0 %, wave 80.0 %, stand 90.0 %",
        "fused: top-1 100.00 %, top-5 87.50 %, mean class 66.67 % of 8 clips",
        "  hardest: sit 25.0 %, run 50.0 %, kick 70.0 %, wave 80.0 %, stand 90.0 %",
    ]
