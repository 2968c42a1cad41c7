import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pyg_skeleton.cli import read_scores
from pyg_skeleton.nn.models import RecognitionModel

PATH = Path(__file__).parents[2] / "examples" / "skeleton_gcl.py"
#: A contrast of seconds.
FEW = ("--gcl-channels", 8, "--gcl-num-positives", 1, "--gcl-num-hard", 2)


def test_is_short():
    lines = PATH.read_text().splitlines()
    assert len(lines) < 150
    assert max(map(len, lines)) <= 100


def test_both_recipes_and_the_network_alone(gcl, short, tmp_path):
    run = gcl(*short, *FEW, "--epochs", 1, "--experiment", "recipes", "--out", tmp_path)
    assert run.code == 0, run.err
    results = json.loads((tmp_path / "results.json").read_text())
    assert list(results) == ["none", "paper", "authors_code"]
    heads = {}
    for name in results:
        state = torch.load(tmp_path / name / "last.ckpt", weights_only=True)["state_dict"]
        heads[name] = {key.split(".")[1] for key in state} - {"model", "blocks", "norm"}
    assert {"head", "instances", "semantics"} <= heads["paper"]
    assert {"head", "samples"} <= heads["authors_code"]
    assert "head" not in heads["none"]
    # The contrast leaves nothing behind in the network.
    sizes = {
        sum(p.numel() for p in RecognitionModel.load(tmp_path / name / "model.pt").parameters())
        for name in results
    }
    assert len(sizes) == 1
    table = pd.read_csv(tmp_path / "paper" / "metrics.csv")
    assert table["loss_contrast"].dropna().gt(0).any()


@pytest.fixture
def gestures(tmp_path):
    """Arrays of one's own, in a folder for each split and class."""
    for split in ("train", "test"):
        for i in range(8):
            path = tmp_path / "data" / split / ("up", "side")[i % 2] / f"{i}.npy"
            path.parent.mkdir(parents=True, exist_ok=True)
            clip = np.random.default_rng(i).normal(size=(12, 17, 3))
            np.save(path, clip.astype(np.float32))
    return tmp_path / "data"


def test_resumed_with_full_banks_then_fused_and_predicted(gcl, short, gestures, tmp_path):
    data = ("--dataset", "clips", "--root", gestures, "--layout", "coco17", "--batch-size", 4)
    plan = (*short, *FEW, *data, "--precision", "bf16")
    assert gcl(*plan, "--epochs", 3, "--out", tmp_path / "whole").code == 0
    assert gcl(*plan, "--epochs", 1, "--out", tmp_path / "joint").code == 0
    assert gcl(*plan, "--epochs", 3, "--out", tmp_path / "joint", "--resume").code == 0
    one, two = (
        torch.load(tmp_path / name / "last.ckpt", weights_only=True)["state_dict"]
        for name in ("whole", "joint")
    )
    assert any("instances" in name for name in one)
    assert all(torch.equal(value, two[name]) for name, value in one.items())
    run = gcl("--fuse", tmp_path / "whole", tmp_path / "joint", "--out", tmp_path / "fused")
    assert run.code == 0, run.err
    fused, joint = read_scores(tmp_path / "fused" / "fused.csv"), read_scores(tmp_path / "joint")
    np.testing.assert_allclose(fused.drop(columns="label"), 2 * joint.drop(columns="label"), 1e-4)
    run = gcl("--predict", gestures / "test" / "side" / "1.npy", "--out", tmp_path / "joint")
    assert run.code == 0, run.err
    name, _, first, second = run.out.splitlines()
    assert name == "1"
    assert {first.split()[0], second.split()[0]} == {"up", "side"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("--dataset", "ntu60"), "--dataset ntu60 needs --root, where its files are"),
        (("--dataset", "ntu60", "--root", ".", "--benchmark", "xset"), "expected one of xsub, xvi"),
        (("--dataset", "nw-ucla", "--root", ".", "--benchmark", "xsub"), "--benchmark is for ntu6"),
        (
            ("--dataset", "kinetics", "--root", "nowhere"),
            "nowhere/kinetics_train_label.json: no su",
        ),
        (("--dataset", "clips", "--root", "nowhere", "--layout", "ntu25"), "nowhere"),
    ],
)
def test_a_mistake_is_one_line(line, message, gcl, short, tmp_path):
    run = gcl(*short, *line, "--out", tmp_path)
    assert run.code == 1
    assert message in run.err
    assert run.err.startswith("error: ")
    assert run.err.count("\n") == 1
