import json
import sys
from argparse import Namespace
from types import SimpleNamespace

import pandas as pd
import pytest
import torch

from pyg_skeleton.cli import run_codt
from pyg_skeleton.nn.models import CoDTOutput

MODULE = "pyg_skeleton.cli.clustering.run"


@pytest.fixture
def args(tmp_path):
    task = {"task": "embedded", "root_source": None, "root_target": None, "options": {}}
    task |= {"preset": "small", "recipe": "small", "changes": {}, "network": {}}
    plan = {"experiment": None, "method": "codt", "seed": [3], "resume": False, "cluster": None}
    return Namespace(**task, **plan, out=tmp_path / "out")


@pytest.fixture
def seen(monkeypatch):
    """Trains nothing: clips of two classes, of which the network tells all apart."""
    module, runs = sys.modules[MODULE], []
    labels = torch.tensor([0, 1, 0, 1])
    test = SimpleNamespace(num_classes=2, labels=labels, names=list("abcd"))

    def train(run, task, own):
        run.write(own.out)
        runs.append((own.method, own.seed, own.resume, own.out.name, own.stage1.name))

    one = torch.eye(2)[1 - labels]
    monkeypatch.setattr(module, "load_task", lambda *a, **k: SimpleNamespace(target_test=test))
    monkeypatch.setattr(module, "train_codt", train)
    monkeypatch.setattr(
        module, "cluster_clips", lambda model, clips: CoDTOutput(one, one, one, one)
    )
    monkeypatch.setattr(module, "draw_clusters", lambda *a: ["a.png"])
    return SimpleNamespace(runs=runs, test=test)


def test_one_run(args, seen, capsys):
    (args.out).mkdir()
    (args.out / "last.ckpt").touch()
    table = run_codt(args, {})
    assert seen.runs == [("codt", 3, False, "out", "stage1-3")]
    assert not (args.out / "last.ckpt").exists()  # nobody asked to resume
    assert table["ACC (Hungarian) %"].eq(100).all()
    results = json.loads((args.out / "results.json").read_text())
    assert results["codt"]["3"]["B0, classifier"]["ARI %"] == pytest.approx(100)
    assert len(pd.read_csv(args.out / "results.csv")) == len(table) == 6
    assert "wrote a.png to " in capsys.readouterr().out


def test_an_experiment_shares_the_first_stage_of_each_seed(args, seen):
    args.experiment, args.seed = "few", [0, 1]
    table = run_codt(args, {"few": ("bm", "codt")})
    assert seen.runs == [
        ("bm", 0, False, "bm-0", "stage1-0"),
        ("codt", 0, True, "codt-0", "stage1-0"),
        ("bm", 1, False, "bm-1", "stage1-1"),
        ("codt", 1, True, "codt-1", "stage1-1"),
    ]
    assert table["seeds"].tolist() == [2] * 12


def test_clips_without_labels_get_a_table_of_clusters(args, seen, monkeypatch):
    def draw(clips, logits, features, out, labels):
        assert labels is None
        pd.DataFrame({"clip": clips.names, "cluster": 0}).to_csv(out / "clusters.csv", index=False)
        return ["clusters.csv"]

    seen.test.num_classes = 1
    monkeypatch.setattr(sys.modules[MODULE], "draw_clusters", draw)
    assert list(run_codt(args, {}).index) == seen.test.names
    assert not (args.out / "results.json").exists()


def test_no_network_for_clips_of_ones_own(args, tmp_path):
    args.cluster = tmp_path
    with pytest.raises(FileNotFoundError, match=r"no run in .*out: "):
        run_codt(args, {})
