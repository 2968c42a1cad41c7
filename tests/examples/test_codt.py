import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

PATH = Path(__file__).parents[2] / "examples" / "codt.py"
#: Sixteen clips of two movements on both sides, and a network of two blocks.
FEW = ("--option", "clips_per_class=8", "test_clips_per_class=4", "num_frames=20",
       'source_classes=["walking", "waving"]', 'target_classes=["running", "bowing"]')  # fmt: skip
SMALL = ("--channels", 8, 8, "--strides", 2, 2, "--batch-size", 8, "--accelerator", "cpu")
SHORT = (*FEW, *SMALL, "--epochs", 2, "--clustering-epoch", 1)


@pytest.fixture
def undrawn(monkeypatch):
    """Draws nothing."""
    module = sys.modules["pyg_skeleton.cli.clustering.run"]
    monkeypatch.setattr(module, "draw_clusters", lambda *args: ["a.png"])


def state(folder):
    return torch.load(folder / "last.ckpt", weights_only=True)["state_dict"]


def test_is_short():
    lines = PATH.read_text().splitlines()
    assert len(lines) < 60
    assert max(map(len, lines)) <= 100


def test_trained_measured_and_drawn_then_for_clips_of_ones_own(codt, tmp_path):
    out = tmp_path / "run"
    run = codt(*SHORT, "--out", out)
    assert run.code == 0, run.err
    assert "source=16, target=16/8, shared=20, clusters=2)" in run.out
    scores = json.loads((out / "results.json").read_text())["codt"]["0"]
    variants = [
        f"B{b}, {how}" for b in (0, 1) for how in ("classifier", "spherical k-means", "k-means")
    ]
    assert list(scores) == variants
    assert all(50 <= one["ACC (Hungarian) %"] <= 100 for one in scores.values())
    table = pd.read_csv(out / "results.csv", index_col=["method", "clusters by"])
    assert table.loc[("codt", "B1, classifier"), "seeds"] == 1
    clusters = pd.read_csv(out / "clusters.csv", index_col="clip")
    assert list(clusters.index) == [f"target-test-{i:05d}" for i in range(8)]
    assert set(clusters["cluster"]) <= {0, 1}
    assert clusters["confidence"].between(0.5, 1).all()
    for branch in ("B0", "B1"):
        for kind in ("tsne", "contingency", "strips"):
            assert (out / f"{kind}_{branch}.png").read_bytes().startswith(b"\x89PNG")
    metrics = pd.read_csv(out / "metrics.csv")
    assert metrics["loss_ccm"].dropna().gt(0).any()

    clips = tmp_path / "clips"
    clips.mkdir()
    for seed in range(2):
        clip = np.random.default_rng(seed).normal(size=(9, 24, 3))
        np.save(clips / f"{seed}.npy", clip.astype(np.float32))
    run = codt("--out", out, "--cluster", clips)
    assert run.code == 0, run.err
    own = pd.read_csv(out / "own" / "clusters.csv")
    assert own["clip"].tolist() == ["0", "1"] or own["clip"].tolist() == [0, 1]
    assert run.out.splitlines()[1].split()[0] == "cluster"


def test_resumed_is_never_stopped(codt, undrawn, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    plan = (*FEW, *SMALL, "--clustering-epoch", 1)
    assert codt(*plan, "--epochs", 3, "--out", whole).code == 0
    assert codt(*plan, "--epochs", 2, "--out", parts).code == 0
    run = codt(*plan, "--epochs", 3, "--out", parts, "--resume")
    assert run.code == 0, run.err
    one, two = state(whole), state(parts)
    assert any("clusters" in name for name in one)
    assert all(torch.equal(value, two[name]) for name, value in one.items())
    results = [(folder / "results.json").read_text() for folder in (whole, parts)]
    assert results[0] == results[1]
    run = codt(*plan, "--epochs", 3, "--out", parts, "--resume", "--lr", 0.5)
    assert run.code == 1
    assert run.err.startswith(f"error: the run in {parts} is another: recipe=")


def test_rows_of_a_table_share_their_first_stage(codt, undrawn, tmp_path):
    run = codt(*SHORT, "--experiment", "ablation", "--out", tmp_path)
    assert run.code == 0, run.err
    results = json.loads((tmp_path / "results.json").read_text())
    assert list(results) == ["bm", "ocm", "codt"]
    assert len(pd.read_csv(tmp_path / "results.csv")) == 18
    folders = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert folders == ["bm-0", "codt-0", "ocm-0", "stage1-0"]
    stages = [pd.read_csv(tmp_path / name / "metrics.csv") for name in folders]
    epochs = [set(stage.loc[stage["loss_sup"].notna(), "epoch"]) for stage in stages]
    assert epochs == [{1}, {1}, {1}, {0}]
    losses = [{c for c in stage.columns if c in ("loss_ocm", "loss_ccm")} for stage in stages]
    assert losses == [set(), {"loss_ocm", "loss_ccm"}, {"loss_ocm"}, set()]
    assert not torch.equal(*(
        state(tmp_path / name)["model.b1.student.clusters.weight"] for name in ("ocm-0", "codt-0")
    ))  # fmt: skip


@pytest.fixture
def roots(tmp_path):
    for name in ("source/wave/a", "source/clap/a", "target/a", "target/b"):
        path = tmp_path / f"{name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, np.random.default_rng(0).normal(size=(5, 25, 3)).astype(np.float32))
    layouts = ("source_skeleton=ntu25", "target_skeleton=ntu25")
    places = ("--root-source", tmp_path / "source", "--root-target", tmp_path / "target")
    return ("--task", "own", *places, "--option", *layouts)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("--option", "color=red"), "task 'embedded' has no option 'color', expected some of "),
        (("--option", "clips"), "expected an option NAME=VALUE of the task, got 'clips'"),
        (("--task", "nw-ucla-cmu"), "'nw-ucla-cmu' needs root_source and root_target"),
        (("--root-source", "."), "the task 'embedded' reads no files, got "),
        (("--epochs", 2), "clustering_epoch from 0 to 2, got "),
        (("--cluster", "."), "run.json is missing"),
    ],
)
def test_a_mistake_is_one_line(line, message, codt, tmp_path):
    run = codt(*(FEW if line[0] == "--epochs" else ()), *line, "--out", tmp_path)
    assert run.code == 1
    assert message in run.err
    assert run.err.startswith("error: ")
    assert run.err.count("\n") == 1


def test_more_clusters_than_clips(codt, roots, tmp_path):
    run = codt(*roots, "num_clusters=3", "--out", tmp_path / "out")
    assert run.code == 1
    assert "error: num_clusters must be from 1 to 2, the number of clips in" in run.err
    assert run.err.count("\n") == 1
