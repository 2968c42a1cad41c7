"""What --diagnose leaves behind."""

import pandas as pd
import pytest

from pyg_skeleton.cli import read_scores

pytest.importorskip("matplotlib")

LITTLE = ("--channels", 8, 8, "--strides", 1, 2, "--accelerator", "cpu", "--gcl", "none")
SHORT = (*LITTLE, "--epochs", 1, "--batch-size", 5, "--repeat", 1, "--num-frames", 8)
TABLES = {"graph_distances.csv", "graph_ranks.csv", "classes.csv"}
PICTURES = {"class_accuracy.png", "clip_graphs.png", "class_graphs.png"}


def test_after_training_and_later(gcl, tmp_path):
    out = tmp_path / "run"
    run = gcl(*SHORT, "--out", out, "--diagnose")
    assert run.code == 0, run.err
    assert {path.name for path in out.iterdir()} >= TABLES | PICTURES | {"scores.csv"}
    assert "correctly classified" in run.out
    assert f"class_graphs.png to {out}" in run.out
    before = (out / "classes.csv").read_text()
    for name in TABLES | PICTURES:
        (out / name).unlink()
    again = gcl("--evaluate", out, "--out", tmp_path / "run", "--diagnose")
    assert again.code == 0, again.err
    assert (out / "classes.csv").read_text() == before
    classes = pd.read_csv(out / "classes.csv", index_col="class")
    scores = read_scores(out)
    right = scores.drop(columns="label").to_numpy().argmax(1) == scores["label"]
    clips = classes["clips"]
    assert (classes["accuracy"] * clips).sum() == pytest.approx(right.sum())
    assert clips.sum() == len(scores)


def test_networks_without_learned_graphs(act, tmp_path):
    for model in ("st_gcn", "sym_gnn", "skeletal_gnn_classifier"):
        run = act("--model", model, "--diagnose", "--out", tmp_path / "none")
        assert run.code == 2
        assert (
            run.err
            == f"error: --diagnose is about learned graphs, and {model} learns none, see --help\n"
        )
    assert not (tmp_path / "none").exists()
