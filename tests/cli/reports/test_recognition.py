import pandas as pd
import pytest
import torch

from pyg_skeleton.cli.reports import recognition as report
from pyg_skeleton.cli.reports.pictures import draw
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import CTRGCN
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import evaluate_recognition, recognize

pytest.importorskip("matplotlib")

CLASSES = ["walk", "run"]


@pytest.fixture
def result():
    scores = pd.DataFrame([[2.0, 1.0], [0.0, 1.0]], ["a", "b"], CLASSES)
    scores.insert(0, "label", [0, 0])
    return evaluate_recognition(scores)


def test_confusion(result, tmp_path):
    assert list(draw(report.pictures(result, CLASSES), tmp_path)) == ["confusion.png"]
    assert (tmp_path / "confusion.png").stat().st_size > 1000
    assert {path.name for path in tmp_path.iterdir()} == {"confusion.png"}


def test_other_classes(result, tmp_path):
    with pytest.warns(UserWarning, match=r"confusion.png is not drawn: matrix must be \[3, 3\]"):
        assert draw(report.pictures(result, [*CLASSES, "sit"]), tmp_path) == {}


def test_players_of_the_hardest_clips():
    stick = Skeleton("stick", ("a", "b"), [(1, 0)], 0)
    joints = [torch.rand(1, 2, 5, 3) for _ in range(4)]
    clips = ClipDataset(joints, [0, 1, 0, 0], list("wxyz"), stick, CLASSES)
    scores = pd.DataFrame([[0.0, 2.0], [0.0, 1.0], [0.0, 0.0], [9.0, 0.0]], clips.names, CLASSES)
    scores.insert(0, "label", [0, 1, 0, -1])
    players = report.players(scores, clips)
    assert list(players) == ["w: walk (12%), taken for run (88%)", "y: walk (50%)", "x: run (73%)"]
    (shown,) = next(iter(players.values()))().scene["clips"]
    assert shown["label"] == "w"
    assert shown["shape"] == [5, 1, 2, 3]


def test_players_show_the_learned_graphs():
    model = CTRGCN("ntu25", 2, 3, channels=(4,), strides=(1,)).eval()
    joints = [torch.rand(1, 25, 8, 3) for _ in range(2)]
    clips = ClipDataset(joints, [0, 1], list("xy"), "ntu25", CLASSES)
    players = report.players(recognize(model, clips), clips, model)
    (graph,) = next(iter(players.values()))().scene["edges"].values()
    assert graph["size"] == 25


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


def test_several_classes_and_scores():
    table = pd.DataFrame({"label": ["walk", "walk;run"], "walk": [1.0, 2.0], "run": [-1.0, -1.0]})
    several = evaluate_recognition(table, "classes")
    line, hardest = report.text({"net": several}).splitlines()
    assert line == (
        "net: mean average precision 75.00 %, all classes right 50.00 %, F1 50.00 % of 2 clips"
    )
    assert hardest == "  hardest: run 50.0 %, walk 100.0 %"
    assert report.pictures(several, CLASSES) == {}
    scores = evaluate_recognition(pd.DataFrame({"label": [1.0, 3.0], "score": [2.0, 5.0]}), "score")
    text = report.text({"net": scores})
    assert text == "net: mean absolute error 1.5, rank correlation 1.000 of 2 clips"
    scores["spearman"] = None
    assert report.text({"net": scores}).endswith("rank correlation not defined of 2 clips")
