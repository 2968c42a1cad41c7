import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch

from pyg_skeleton.cli import SYM_GNN_EXPERIMENTS
from pyg_skeleton.nn.models import SymGNN

PATH = Path(__file__).parents[2] / "examples" / "sym_gnn.py"
SHORT = ("--max-steps", 2, "--steps-per-epoch", 2, "--batch-size", 3, "--accelerator", "cpu")


def numbers(value):
    """Every number in what a results file holds."""
    if isinstance(value, dict):
        value = list(value.values())
    return [n for v in value for n in numbers(v)] if isinstance(value, list) else [value]


def test_is_short():
    lines = PATH.read_text().splitlines()
    assert len(lines) < 150
    assert max(map(len, lines)) <= 100


# What a run leaves behind #########################################################################


def test_a_run_on_the_embedded_data(run, tmp_path):
    out = tmp_path / "out"
    steps = ("--max-steps", 4, "--steps-per-epoch", 2, "--batch-size", 3, "--accelerator", "cpu")
    done = run(*steps, "--out", out)
    assert done.code == 0
    assert done.err.count("\n") == 1  # the bar
    assert "4/4" in done.err
    assert "lambda" in done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("wrote model.pt, metrics.csv, curves.png, ")
    assert "Sym-GNN: top-1" in done.out
    assert "zero-velocity: MPJPE" in done.out
    pictures = lines[0].removeprefix("wrote ").split(" to ")[0].split(", ")
    assert {"actional_edges.png", "strip.png", "prediction.gif", "confusion.png"} < set(pictures)
    assert all((out / name).stat().st_size > 0 for name in pictures)
    names = {path.name for path in out.iterdir() if not path.name.startswith("events.")}
    assert names == {*pictures, "last.ckpt", "results.json", "hparams.yaml"}
    results = json.loads((out / "results.json").read_text())
    assert set(results) == {"zero-velocity", "Sym-GNN"}
    assert set(results["Sym-GNN"]) == {"clips", "recognition", "prediction", "frames per 20 ms"}
    assert len(pd.read_csv(out / "metrics.csv")) == 4

    again = run("--evaluate", out / "model.pt", "--out", tmp_path / "evaluation")
    assert again.code == 0
    assert again.err == ""
    table = (tmp_path / "evaluation" / "evaluation.json").read_text()
    del results["Sym-GNN"]["frames per 20 ms"]
    assert json.loads(table) == results

    model = SymGNN.load(out / "model.pt")
    assert model.classes == ["walking", "waving", "jumping"]
    assert float(model.std.min()) > 0
    assert not torch.equal(model.std, torch.ones_like(model.std))

    resumed = run(*steps, "--out", out, "--resume")
    assert resumed.code == 0
    assert resumed.out.split("frames")[0] == done.out.split("frames")[0]
    assert len(pd.read_csv(out / "metrics.csv")) == 4


def test_a_run_on_motion_capture(run, cmu, tmp_path):
    done = run(*SHORT, "--dataset", "cmu", "--root", cmu, "--out", tmp_path / "out")
    assert done.code == 0
    assert "mean angle error (rad), literature, 8 windows per action" in done.out
    assert "walking" in done.out
    assert "jumping (no test recording)" in done.out
    warnings = [line for line in done.err.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 2  # of train and of test, each once
    assert all("files are missing" in line for line in warnings)


def test_sturdy_windows(run, cmu, tmp_path):
    line = ("--dataset", "cmu", "--root", cmu, "--evaluate", "zero-velocity")
    done = run(*line, "--windows", "sturdy", "--out", tmp_path / "out")
    assert done.code == 0
    assert "sturdy, 256 windows per action" in done.out
    results = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert set(results) == {"zero-velocity"}


def test_zero_velocity_on_the_real_data(run, shared_dir, tmp_path):
    """The rows of the literature for the six actions whose test files are there."""
    root = shared_dir / "data" / "cmu_mocap"
    if not root.is_dir():
        pytest.skip(f"no CMU Mocap: {root} is not a directory")
    done = run("--dataset", "cmu", "--root", root, "--evaluate", "zero-velocity", "--out", tmp_path)
    assert done.code == 0
    rows = [line.split() for line in done.out.splitlines()]
    expected = {
        "walking": ".407 .602 .832 .951 1.338",
        "running": ".563 .995 1.381 1.459 1.543",
        "soccer": ".274 .477 .922 1.096 1.839",
        "basketball": ".488 .821 1.404 1.640 2.831",
        "washwindow": ".340 .567 .896 1.093 1.468",
        "jumping": ".363 .616 1.484 1.683 2.027",
    }
    for action, printed in expected.items():
        row = next(row for row in rows if row and row[0] == action)
        assert [row[i] for i in (1, 2, 3, 4, 6)] == [f"{float(v):.3f}" for v in printed.split()]
    assert "directing_traffic (no test recording)" in done.out


@pytest.mark.parametrize("name", SYM_GNN_EXPERIMENTS)
def test_experiments(run, example, monkeypatch, tmp_path, name):
    """One run of each; test_sym_gnn_experiments.py builds the networks of all of them."""
    runs = list(SYM_GNN_EXPERIMENTS[name].items())[-2:][:1]
    monkeypatch.setitem(SYM_GNN_EXPERIMENTS, name, dict(runs))
    monkeypatch.setattr(example, "draw_sym_gnn", lambda *args: [])
    done = run(*SHORT, "--experiment", name, "--out", tmp_path)
    assert done.code == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert len(results) == 2 * len(runs)
    for run_name, _ in runs:
        assert f"\n{run_name}\n" in done.out
        folder = tmp_path / run_name.replace(" ", "_").replace(",", "")
        assert (folder / "model.pt").exists()
        assert f"{run_name}: Sym-GNN" in results


def test_options_of_the_network_reach_it(run, example, monkeypatch, tmp_path):
    monkeypatch.setattr(example, "draw_sym_gnn", lambda *args: [])
    line = (
        "--no-bone",
        "--order",
        1,
        "--differences",
        0,
        2,
        "--num-iterations",
        0,
        "--dropout",
        0.3,
    )
    done = run(*SHORT, *line, "--balance", 0.25, "--precision", "bf16-mixed", "--out", tmp_path)
    assert done.code == 0
    config = SymGNN.load(tmp_path / "model.pt").config
    assert config["bone"] is False
    assert config["order"] == 1
    assert list(config["differences"]) == [0, 2]
    assert config["num_iterations"] == 0
    assert config["dropout"] == 0.3
    assert pd.read_csv(tmp_path / "metrics.csv")["lambda"].tolist() == [0.25, 0.25]


def test_conditions_reach_the_data(run, example, monkeypatch, tmp_path):
    seen = []

    def draw(result, test, out, metrics):
        seen.append((result.observed.size(1), result.target.size(1)))
        return []

    monkeypatch.setattr(example, "draw_sym_gnn", draw)
    ratio = ("--observation-ratio", 0.4)
    for line in ((), ratio, (*ratio, "--future", "all"), (*ratio, "--future", 1)):
        assert run(*SHORT, *line, "--no-bone", "--out", tmp_path).code == 0
    assert seen == [(20, 25), (18, 27), (18, 27), (18, 1)]


# Mistakes #########################################################################################


def assert_one_line(done, *parts):
    assert done.code != 0
    assert done.out == ""
    lines = done.err.splitlines()
    errors = [line for line in lines if not line.startswith("warning: ")]
    assert len(errors) == 1, done.err
    assert errors[0].startswith("error: ")
    for part in parts:
        assert str(part) in errors[0], errors[0]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (["--preset", "huge"], ["unknown preset 'huge'", "ntu, kinetics, h36m, cmu, tiny"]),
        (["--dataset", "mnist"], ["--dataset", "'mnist'"]),
        (["--experiment", "fig99"], ["--experiment", "'fig99'", "'hops'"]),
        (["--num-iterations", "-1"], ["num_iterations (K) >= 0, got -1"]),
        (["--order", "0"], ["order", "got 0"]),
        (["--differences", "-1"], ["difference orders >= 0, got [-1]"]),
        (["--max-steps", "0"], ["max_steps >= 1, got 0"]),
        (["--max-steps", "many"], ["--max-steps", "'many'"]),
        (["--batch-size", "0"], ["batch_size >= 1, got 0"]),
        (["--steps-per-epoch", "0"], ["steps_per_epoch >= 1, got 0"]),
        (["--lr", "0"], ["lr > 0, got 0"]),
        (["--balance", "fair"], ["balance 'mgda'", "got 'fair'"]),
        (["--balance", "2"], ["got '2'"]),
        (["--observation-ratio", "0"], ["--observation-ratio", "between 0 and 1, got '0'"]),
        (["--observation-ratio", "1.2"], ["between 0 and 1, got '1.2'"]),
        (["--future", "0"], ["--future", "from 1 on, or 'all', got '0'"]),
        (["--future", "soon"], ["'soon'"]),
        (["--shuffle-labels", "1.5"], ["labels must be a share between 0 and 1, got 1.5"]),
        (["--shuffle-targets", "-1"], ["targets must be a share between 0 and 1, got -1.0"]),
        (["--no-recognition", "--no-prediction"], ["got neither"]),
        (["--no-joints", "--no-parts"], ["joints or parts"]),
        (["--mode", "star"], ["'star'"]),
        (["--precision", "8"], ["--precision", "'8'"]),
        (["--devices", "none"], ["none"]),
        (["--accelerator", "abacus"], ["abacus"]),
        (["--no-sense"], ["unrecognized arguments: --no-sense"]),
        (["--dataset", "cmu"], ["--dataset cmu needs --root"]),
        (["--dataset", "h36m", "--evaluate", "zero-velocity"], ["--dataset h36m needs --root"]),
        (["--dataset", "cmu", "--root", "/nowhere"], ["/nowhere", "is not a directory"]),
        (["--evaluate", "/nowhere/model.pt"], ["no checkpoint at /nowhere/model.pt"]),
    ],
    ids=" ".join,
)
def test_mistakes_on_the_command_line(run, tmp_path, line, parts):
    out = tmp_path / "out"
    assert_one_line(run(*SHORT, *line, "--out", out), *parts)
    assert not out.exists()


# Bad files ########################################################################################


def spoil(path, number, change):
    """Changes a line of a text file."""
    lines = path.read_text().splitlines(keepends=True)
    lines[number - 1] = change(lines[number - 1])
    path.write_text("".join(lines))


def drop_a_cell(line):
    return line.split(",", 1)[1]


def put(cell):
    return lambda line: ",".join([*line.split(",")[:4], cell, *line.split(",")[5:]])


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (drop_a_cell, "expected 117 columns, got 116"),
        (lambda line: line.rstrip() + ",0\n", "expected 117 columns, got 118"),
        (lambda line: line[:40] + "\n", "expected 117 columns, got "),
        (put("up"), "column 5 is not a finite number: 'up'"),
        (put("nan"), "column 5 is not a finite number: 'nan'"),
        (put("-inf"), "column 5 is not a finite number: '-inf'"),
        (put(""), "column 5 is not a finite number: ''"),
        (lambda line: "\n", "the line is empty"),
        (lambda line: "\x00\xff" + line, "column 1 is not a finite number"),
    ],
    ids=["narrow", "wide", "cut", "word", "nan", "inf", "blank", "empty line", "binary"],
)
def test_bad_lines(run, cmu, tmp_path, split, change, what):
    path = cmu / split / "walking" / "walking_1.txt"
    spoil(path, 101, change)
    out = tmp_path / "out"
    files = sorted(cmu.rglob("*"))
    done = run(*SHORT, "--dataset", "cmu", "--root", cmu, "--out", out)
    assert_one_line(done, f"{path}:101: {what}")
    assert not out.exists()
    assert sorted(cmu.rglob("*")) == files


def test_truncated_file(run, cmu, tmp_path):
    path = cmu / "train" / "walking" / "walking_1.txt"
    path.write_bytes(path.read_bytes()[:-200])
    out = tmp_path / "out"
    done = run(*SHORT, "--dataset", "cmu", "--root", cmu, "--out", out)
    assert_one_line(done, f"{path}:240: ")
    assert not out.exists()


def test_empty_file(run, cmu, tmp_path):
    path = cmu / "test" / "running" / "running_1.txt"
    path.write_text("")
    done = run("--dataset", "cmu", "--root", cmu, "--evaluate", "zero-velocity", "--out", tmp_path)
    assert_one_line(done, f"{path}:1: the file is empty")
    assert not (tmp_path / "evaluation.json").exists()


def test_recordings_too_short_for_a_window(run, cmu, tmp_path):
    for path in cmu.rglob("*.txt"):
        path.write_text("".join(path.read_text().splitlines(keepends=True)[:40]))
    done = run(*SHORT, "--dataset", "cmu", "--root", cmu, "--out", tmp_path / "out")
    assert_one_line(done, f"{cmu}: no train recording of CMUMocap is as long as a window")


def test_a_root_without_the_files(run, tmp_path):
    out = tmp_path / "out"
    done = run(*SHORT, "--dataset", "h36m", "--root", tmp_path, "--out", out)
    assert_one_line(done, f"{tmp_path}: has none of the files")
    assert not out.exists()


# Bad checkpoints ##################################################################################


@pytest.fixture
def finished(run, example, monkeypatch, tmp_path):
    """The folder of a short run."""
    monkeypatch.setattr(example, "draw_sym_gnn", lambda *args: [])
    out = tmp_path / "finished"
    assert run(*SHORT, "--out", out).code == 0
    return out


def test_checkpoint_of_another_skeleton(run, finished, cmu, tmp_path):
    path = finished / "model.pt"
    done = run("--dataset", "cmu", "--root", cmu, "--evaluate", path, "--out", tmp_path / "out")
    assert_one_line(done, path, "'stick5'", "'cmu26'", "joints: ")
    assert not (tmp_path / "out").exists()


def test_files_that_are_no_checkpoint(run, finished, tmp_path):
    whole = (finished / "model.pt").read_bytes()
    path = tmp_path / "other.pt"
    for content in (whole[:-500], whole[:100], b"", b"some text\n"):
        path.write_bytes(content)
        done = run("--evaluate", path, "--out", tmp_path / "out")
        assert_one_line(done, f"{path} is no readable checkpoint")
    done = run("--evaluate", finished / "last.ckpt", "--out", tmp_path / "out")
    assert_one_line(done, "last.ckpt is no checkpoint that SymGNN.save wrote")
    done = run("--evaluate", tmp_path, "--out", tmp_path / "out")
    assert_one_line(done, f"no checkpoint at {tmp_path}")
    assert not (tmp_path / "out").exists()


def contents(folder):
    """All files but the events, of which each process that starts opens one."""
    files = [path for path in folder.iterdir() if not path.name.startswith("events.")]
    return {path.name: path.read_bytes() for path in files}


def test_refuses_to_resume_what_does_not_fit(run, finished):
    before = contents(finished)
    resume = (*SHORT, "--out", finished, "--resume")
    done = run(*resume, "--order", 1)
    assert_one_line(done, "the checkpoint is of another training: order=2 there, 1 here")
    done = run(*resume, "--lr", 1, "--seed", 3)
    assert_one_line(done, "lr=0.003 there, 1.0 here; seed=0 there, 3 here")
    (finished / "last.ckpt").write_bytes(before["last.ckpt"][:1000])
    assert_one_line(run(*resume), finished / "last.ckpt", "is no readable checkpoint")
    assert contents(finished) | {"last.ckpt": before["last.ckpt"]} == before


def test_resumes_from_nothing(run, example, monkeypatch, tmp_path):
    monkeypatch.setattr(example, "draw_sym_gnn", lambda *args: [])
    assert run(*SHORT, "--out", tmp_path / "out", "--resume").code == 0


def test_out_is_a_file(run, tmp_path):
    path = tmp_path / "out"
    path.write_text("mine")
    assert_one_line(run(*SHORT, "--out", path), path)
    assert path.read_text() == "mine"


# As a program #####################################################################################


def test_as_a_program(tmp_path):
    line = [sys.executable, str(PATH), "--dataset", "cmu", "--root", "nowhere", "--out", "out"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: nowhere: is not a directory with the files ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
