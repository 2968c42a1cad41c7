import json
import sys
from argparse import Namespace

import pandas as pd
import pytest

from pyg_skeleton.cli import read_scores, run_recognition, write_scores

CLASSES = ["sit", "stand"]


def scores(rows):
    table = pd.DataFrame(rows, pd.Index(["x", "y"], name="clip"), CLASSES, dtype=float)
    table.insert(0, "label", [0, 1])
    return table


@pytest.fixture
def args(tmp_path):
    nothing = dict.fromkeys(("predict", "fuse", "evaluate", "weights", "experiment", "diagnose"))
    return Namespace(**nothing, probabilities=False, out=tmp_path / "out", root=None)


def test_runs_are_fused(args, tmp_path, capsys):
    for name, table in (("a", scores([[2, 1], [2, 1]])), ("b", scores([[0, 3], [0, 3]]))):
        (tmp_path / name).mkdir()
        write_scores(table, tmp_path / name / "scores.csv")
    args.fuse, args.weights = [tmp_path / "a", tmp_path / "b"], [2.0, 1.0]
    results = run_recognition(args, {})
    one, two = map(str, args.fuse)
    assert list(results) == [one, two, "fused"]
    assert [results[name]["top1"] for name in results] == [0.5, 0.5, 0.5]
    pd.testing.assert_frame_equal(
        read_scores(args.out / "fused.csv"), scores([[4, 5], [4, 5]]), check_dtype=False
    )
    assert json.loads((args.out / "fusion.json").read_text()) == results
    assert "fused: top-1 50.00 %" in capsys.readouterr().out


def test_an_experiment_is_several_runs(args, monkeypatch, capsys):
    """Each with its changes, in its folder; a process that is not the first has no network."""
    module = sys.modules["pyg_skeleton.cli.recognition.run"]
    seen = []

    def train(run, mine):
        seen.append((run, mine.gcl, mine.contrast, mine.out))
        mine.out.mkdir(parents=True)
        return None if mine.gcl == "paper" else "network"

    monkeypatch.setattr(module.RecognitionRun, "from_options", lambda mine: "run")
    monkeypatch.setattr(module, "train_recognition", train)
    monkeypatch.setattr(module, "load_clips", lambda run, split, root: split)
    monkeypatch.setattr(module, "draw_recognition", lambda result, classes, out: classes)
    table = scores([[1, 0], [0, 1]])
    monkeypatch.setattr(module, "recognize", lambda model, clips: table)
    args.experiment, args.gcl, args.contrast = "few", "none", {}
    changes = {"layer -1": {"contrast": {"layer": -1}}, "k=2, n=3": {"gcl": "paper"}}
    results = run_recognition(args, {"few": changes})
    assert seen == [
        ("run", "none", {"layer": -1}, args.out / "layer_-1"),
        ("run", "paper", {}, args.out / "k=2_n=3"),
    ]
    assert {name: result["top1"] for name, result in results.items()} == {"layer -1": 1.0}
    assert json.loads((args.out / "results.json").read_text()) == results
    pd.testing.assert_frame_equal(read_scores(args.out / "layer_-1"), table, check_dtype=False)
    assert "wrote scores.csv, sit, stand to" in capsys.readouterr().out


def test_no_run(args, tmp_path):
    args.evaluate = [tmp_path / "nowhere"]
    with pytest.raises(FileNotFoundError, match=r"no run in .*nowhere: "):
        run_recognition(args, {})
    args.evaluate, args.predict = None, tmp_path / "a.npy"
    with pytest.raises(FileNotFoundError, match="no checkpoint at "):
        run_recognition(args, {})
