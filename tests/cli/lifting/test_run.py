import json
import sys
from argparse import Namespace

import pytest

from pyg_skeleton.cli import run_lifting

MODULE = "pyg_skeleton.cli.lifting.run"


@pytest.fixture
def args(tmp_path, bodies, little_sem_gcn, monkeypatch):
    """Two files with networks; the poses to measure them with are random."""
    module = sys.modules[MODULE]
    monkeypatch.setattr(module, "load_lifting", lambda *args: bodies())
    monkeypatch.setattr(module, "draw_lifting", lambda *args: ["a.png"])
    files = []
    for seed in range(2):
        files.append(tmp_path / f"{seed}.pt")
        little_sem_gcn(seed=seed).save(files[-1])
    data = {"dataset": "cmu", "keypoints": "gt", "noise": 2.0, "skeleton": None}
    plan = {"recipe": "tiny", "flip_test": False, "calibrate": False}
    return Namespace(evaluate=files, experiment=None, out=tmp_path / "out", **data, **plan)


def test_one_network_is_measured(args, capsys):
    args.evaluate = args.evaluate[:1]
    results = run_lifting(args, {})
    assert list(results) == ["SemGCN"]
    assert json.loads((args.out / "evaluation.json").read_text()) == results
    notes = "gt 2-D with noise of 2 px, no flip, not calibrated"
    assert all(f"cmu {notes}" in name for name in results["SemGCN"]["metrics"])
    out = capsys.readouterr().out
    assert f"wrote a.png to {args.out}" in out
    assert "SemGCN: 48 frames, 48 poses" in out


def test_two_networks_are_compared_on_hard_poses(args, capsys):
    results = run_lifting(args, {})
    one, two = (f"SemGCN {path}" for path in args.evaluate)
    assert list(results) == [one, two, "hard poses"]
    assert results[one]["metrics"] != results[two]["metrics"]
    assert "MPJPE (mm) on the hardest poses of each network" in capsys.readouterr().out


def test_runs_of_an_experiment_change_options(args, monkeypatch, bodies, little_sem_gcn):
    seen = []

    def train(mine):
        seen.append((mine.model, mine.preset, mine.network, mine.out.name))
        return little_sem_gcn(), bodies()

    monkeypatch.setattr(sys.modules[MODULE], "_train", train)
    args.evaluate, args.experiment, args.model, args.preset = None, "two", "sem_gcn", "paper"
    args.network = {"hidden_channels": 4, "non_local": False}
    runs = {"alpha = 1": {"network": {"num_blocks": 2}}, "mlp": {"model": "martinez_mlp"}}
    results = run_lifting(args, {"two": runs})
    assert seen == [
        ("sem_gcn", "paper", {**args.network, "num_blocks": 2}, "alpha_=_1"),
        ("martinez_mlp", None, {"hidden_channels": 4}, "mlp"),
    ]
    assert list(results)[:2] == list(runs)
    assert (args.out / "results.json").is_file()
