import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch

from pyg_skeleton.cli.train import duration
from pyg_skeleton.nn.models import SkeletonModel
from pyg_skeleton.training import Run

pytestmark = pytest.mark.usefixtures("little")
#: What each task leaves in its folder: tables, and pictures.
FILES = {
    "recognition": (
        {"scores.csv"},
        {"curves.png", "confusion.png"},
    ),
    "motion": (
        set(),
        {"curves.png", "actional_edges.png", "strip.png", "prediction.gif", "confusion.png"},
    ),
    "lifting": (
        set(),
        {"curves.png", "error_histogram.png", "lifting.png", "edge_weights.png"}
        | {"joint_weights.png"},
    ),
    "clustering": (
        {"clusters.csv", "results.csv"},
        {f"{kind}_{b}.png" for b in ("B0", "B1") for kind in ("tsne", "contingency", "strips")}
        | {"curves.png"},
    ),
}
ALWAYS = {"run.json", "last.ckpt", "model.pt", "metrics.csv", "hparams.yaml", "results.json"}
ALWAYS |= {"report.html"}


def files(folder):
    return {p.name for p in folder.iterdir() if p.is_file() and not p.name.startswith("events.")}


def weights(folder):
    return torch.load(folder / "last.ckpt", weights_only=True)["state_dict"]


@pytest.mark.parametrize("task", FILES)
def test_train_evaluate_view_info(task, command, short, tmp_path):
    out = tmp_path / "run"
    done = command("train", task, *short[task], "--out", out)
    assert done.code == 0, done.err
    tables, pictures = FILES[task]
    assert files(out) - {"actional_tsne.png"} == ALWAYS | tables | pictures
    assert "warning" not in done.err
    assert " parameters\n" in done.out
    assert " held out\nrecipe " in done.out
    results = json.loads((out / "results.json").read_text())
    assert any(name.startswith("val_") for name in pd.read_csv(out / "metrics.csv"))

    again = command("evaluate", out, "--out", tmp_path / "again")
    assert again.code == 0, again.err
    measured = json.loads((tmp_path / "again" / "evaluation.json").read_text())
    assert {"hours", "memory (GiB)", "device", "threads"} <= set(results.pop("training"))
    for result in (results, measured):  # a speed
        result.get("Sym-GNN", {}).pop("frames per 20 ms", None)
    assert measured == results

    for name in pictures | {"report.html"}:
        (out / name).unlink()
    seen = command("view", out)
    assert seen.code == 0, seen.err
    assert pictures | {"report.html"} <= files(out)

    described = command("info", out)
    assert described.code == 0
    assert described.out.startswith(f"run of {task}, by pyg_skeleton ")
    assert " parameters, layout " in described.out


def test_first_lines_say_what_is_trained(command, short, undrawn, tmp_path):
    done = command("train", "motion", *short["motion"], "--max-steps", 6, "--out", tmp_path)
    lines = [line.rpartition("\r")[2].strip() for line in done.out.splitlines()]  # the bar
    parameters = sum(p.numel() for p in SkeletonModel.load(tmp_path / "model.pt").parameters())
    first = lines.index(f"sym_gnn (tiny), {parameters:,} parameters")
    assert lines[first + 1 : first + 3] == [
        "embedded: 15 samples, 3 held out",
        "recipe tiny: 6 steps, batches of 3, learning rate 0.003; 6 steps to go",
    ]
    assert re.search(r"about \d+ second", done.out)
    quiet = command("train", "motion", *short["motion"], "--quiet", "--out", tmp_path / "quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 second"), (59, "59 seconds"), (150, "2.5 minutes"), (9000, "2.5 hours"),
     (432_000, "5.0 days")],
)  # fmt: skip
def test_durations(seconds, text):
    assert duration(seconds) == text


# Folders ##########################################################################################


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("task", FILES)
def test_an_existing_run_is_never_overwritten(task, command, refused, short, tmp_path):
    line = ("train", task, *short[task], "--out", tmp_path)
    assert command(*line).code == 0
    before = weights(tmp_path)
    message = refused(*line)
    for way in ("--resume", "--out", "--overwrite"):
        assert way in message
    assert refused(*line, "--resume", "--overwrite").startswith("expected --resume or --overwrite")

    changed = refused(*line, "--resume", "--seed", 5)
    assert changed == f"the run in {tmp_path} is another: seed 0 there, 5 here"
    assert all(torch.equal(value, before[name]) for name, value in weights(tmp_path).items())
    assert command(*line, "--overwrite", "--seed", 5).code == 0
    assert Run.read(tmp_path).seed == 5


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("task", ["motion", "recognition"])
def test_resumed_is_never_stopped(task, command, short, tmp_path):
    longer = ("--max-steps", 8) if task == "motion" else ("--epochs", 4)
    line = ("train", task, *short[task], "--schedule", "constant")
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert command(*line, *longer, "--out", whole).code == 0
    assert command(*line, "--out", parts).code == 0
    assert command(*line, *longer, "--out", parts, "--resume").code == 0
    one, two = weights(whole), weights(parts)
    assert all(torch.equal(value, two[name]) for name, value in one.items())
    assert len(pd.read_csv(whole / "metrics.csv")) == len(pd.read_csv(parts / "metrics.csv"))


def test_resumes_from_nothing(command, short, undrawn, tmp_path):
    assert command("train", "motion", *short["motion"], "--out", tmp_path, "--resume").code == 0


def test_out_is_a_file(refused, short, tmp_path):
    path = tmp_path / "out"
    path.write_text("mine")
    assert str(path) in refused("train", "motion", *short["motion"], "--out", path)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(tmp_path, number):
    """A checkpoint is there, and the line that is printed resumes."""
    options = "--max-steps 100000 --steps-per-epoch 1 --batch-size 2 --network.agim-channels 4"
    line = ["train", "motion", *options.split(), "--accelerator", "cpu", "--out"]
    line.append(str(tmp_path / "run"))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    program = [sys.executable, "-m", "pyg_skeleton"]
    process = subprocess.Popen(
        [*program, *line],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.SIG_DFL
        ),  # ignored in the background
    )
    try:
        while process.poll() is None and not (tmp_path / "run" / "last.ckpt").exists():
            time.sleep(0.1)
        process.send_signal(number)
        err = process.communicate()[1].decode()
    finally:
        process.kill()
    assert process.returncode == 128 + number, err
    assert "Traceback" not in err
    last = err.strip().splitlines()[-1]
    text, command = last.split("; continue with: ")
    assert text.split("interrupted at step ")[1].isdigit()
    words = command.split()
    assert words == ["pyg-skeleton", *line, "--resume"]
    assert (tmp_path / "run" / "last.ckpt").exists()


# Results first ####################################################################################


def test_results_survive_pictures_that_fail(command, short, monkeypatch, tmp_path):
    from pyg_skeleton import visualization

    def fails(*args, **kwargs):
        raise ImportError("needs matplotlib")

    monkeypatch.setattr(visualization, "plot_confusion", fails)
    line = ("train", "motion", *short["motion"], "--max-steps", 2)
    done = command(*line, "--out", tmp_path)
    assert done.code == 0
    assert "Sym-GNN" in json.loads((tmp_path / "results.json").read_text())
    assert "warning: confusion.png is not drawn: needs matplotlib" in done.err
    assert {"results.json", "curves.png", "model.pt"} <= files(tmp_path)
    assert "confusion.png" not in done.out


# Options that reach the network, the data and the trainer #########################################


@pytest.mark.usefixtures("undrawn")
def test_options_reach_everything(command, short, tmp_path):
    line = ("--network.no-bone", "--network.order", 1, "--network.differences", 0, 2)
    more = ("--balance", 0.25, "--precision", "bf16", "--observation-ratio", 0.4)
    noise = ("--shuffle-labels", 0.5, "--shuffle-targets", 0.5, "--perturbation")
    done = command("train", "motion", *short["motion"], *line, *more, *noise, "--out", tmp_path)
    assert done.code == 0, done.err
    model = SkeletonModel.load(tmp_path / "model.pt")
    assert model.config["bone"] is False
    assert model.config["order"] == 1
    assert tuple(model.config["differences"]) == (0, 2)
    assert model.config["num_future"] == 45  # 30 of 75 frames are observed
    assert pd.read_csv(tmp_path / "metrics.csv")["lambda"].dropna().unique().tolist() == [0.25]
    results = json.loads((tmp_path / "results.json").read_text())
    assert len(results["Sym-GNN"]["perturbation"]) == 11


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    "line",
    [
        ("--model", "st_gcn"),
        ("--model", "agcn", "--gcl", "paper", "--contrast.per-class", 4),
        ("--model", "info_gcn", "--loss", "info_gcn", "--network.latent-channels", 8),
        ("--model", "skeletal_gnn_classifier", "--val-share", 0.4),
        ("--stream", "bone", "--diagnose"),
    ],
    ids=lambda line: " ".join(map(str, line)),
)
def test_networks_that_recognize(line, command, short, tmp_path):
    done = command("train", "recognition", *short["recognition"], *line, "--out", tmp_path)
    assert done.code == 0, done.err
    assert "top-1" in done.out
    assert ("graph_ranks.csv" in files(tmp_path)) == ("--diagnose" in line)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (("--model", "martinez_mlp", "--network.dropout", 0.1), {"dropout": 0.1}),
        (("--preset", "channelwise", "--network.init", "glorot"), {"channelwise": True}),
        (("--model", "skeletal_gnn", "--preset", "temporal"), {"num_frames": 9}),
        (("--loss", "joint_bone", "--bone-weight", 0.5, "--no-flip", "--calibrate"), {}),
        (("--target-space", "pixel-depth", "--noise", 2.5, "--flip-test", "on"), {}),
        (("--recipe", "sem-gcn-paper"), {}),
    ],
    ids=lambda line: " ".join(map(str, line)) if isinstance(line, tuple) else "",
)
def test_networks_that_lift(line, expected, command, short, tmp_path):
    done = command("train", "lifting", *short["lifting"], *line, "--out", tmp_path)
    assert done.code == 0, done.err
    config = SkeletonModel.load(tmp_path / "model.pt").config
    assert {name: config[name] for name in expected} == expected
    notes = {
        "--calibrate": "embedded gt 2-D, no flip, calibrated) mm",
        "--noise": "pixel-depth, embedded gt 2-D with noise of 2.5 px, flip, not calibrated) mm",
        "--recipe": "no flip, not calibrated) mm",
    }
    for word, note in notes.items():
        assert word not in line or note in done.out


@pytest.mark.usefixtures("undrawn")
def test_evaluate_mirrors_poses_if_the_training_did(command, short, tmp_path):
    """Unless told otherwise."""
    run, again = tmp_path / "run", tmp_path / "again"
    done = command("train", "lifting", *short["lifting"], "--no-flip", "--out", run)
    assert done.code == 0, done.err
    trained = json.loads((run / "results.json").read_text())["SemGCN"]
    first = next(iter(trained["metrics"]))
    assert ", no flip, " in first
    measured = []
    for words in ((), ("--flip-test", "on")):
        done = command("evaluate", run, *words, "--out", again)
        assert done.code == 0, done.err
        measured.append(json.loads((again / "evaluation.json").read_text())["SemGCN"])
    assert measured[0] == trained
    mirrored = measured[1]["metrics"][first.replace(", no flip, ", ", flip, ")]
    assert mirrored["average over poses"] != trained["metrics"][first]["average over poses"]


@pytest.mark.usefixtures("undrawn")
def test_lifting_from_images(command, tmp_path):
    line = ("--data", "rendered", "--clips-per-class", 6, "--image-size", 32, "--max-steps", 4)
    few = ("--batch-size", 8, "--network.hidden-channels", 8, "--network.num-blocks", 1)
    done = command("train", "lifting", *line, *few, "--accelerator", "cpu", "--no-image-features",
                   "--out", tmp_path / "run")  # fmt: skip
    assert done.code == 0, done.err
    assert "2-D error: " in done.out
    again = command("evaluate", tmp_path / "run", "--out", tmp_path / "again")
    assert again.code == 0, again.err
    one, two = (
        json.loads((tmp_path / name).read_text())
        for name in ("run/results.json", "again/evaluation.json")
    )
    assert list(one) == ["joints", "training"]
    assert one["joints"] == two["joints"]


# Data sets in files ###############################################################################


@pytest.mark.usefixtures("undrawn")
def test_motion_capture(command, refused, short, cmu, tmp_path):
    data = ("--data", "cmu", "--root", cmu)
    done = command("train", "motion", *short["motion"], *data, "--preset", "tiny",
                   "--recipe", "tiny", "--out", tmp_path / "out")  # fmt: skip
    assert done.code == 0, done.err
    assert "mean angle error (rad), literature, 8 windows per action" in done.out
    assert "jumping (no test recording)" in done.out
    warnings = [line for line in done.err.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 2  # of train and of test
    assert all("files are missing" in line for line in warnings)
    base = command("evaluate", "zero-velocity", *data, "--windows", "sturdy", "--out", tmp_path)
    assert base.code == 0, base.err
    assert "sturdy, 256 windows per action" in base.out
    assert set(json.loads((tmp_path / "evaluation.json").read_text())) == {"zero-velocity"}
    assert "root" in refused("train", "motion", "--data", "cmu")
    assert "/nowhere" in refused("train", "motion", "--data", "cmu", "--root", "/nowhere")
    path = cmu / "train" / "walking" / "walking_1.txt"
    path.write_bytes(path.read_bytes()[:-200])
    message = refused("train", "motion", *data, "--out", tmp_path / "new")
    assert message.startswith(f"{path}:240: ")
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("undrawn")
def test_a_test_clip_of_more_persons_than_in_training(command, short, tmp_path):
    generator = np.random.default_rng(0)
    for split, persons in (("train", (1, 1)), ("test", (3, 2))):
        for label in ("wave", "clap"):
            folder = tmp_path / "clips" / split / label
            folder.mkdir(parents=True)
            for number, count in enumerate(persons):
                joints = generator.normal(size=(count, 20, 17, 3)).astype("f4")
                np.save(folder / f"{number}.npy", joints)
    data = ("--data", "clips", "--layout", "h36m17", "--root", tmp_path / "clips")
    options = (*short["recognition"], *data, "--batch-size", 2, "--out", tmp_path / "run")
    done = command("train", "recognition", *options)
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "run" / "results.json").read_text())
    again = command("evaluate", tmp_path / "run", "--root", tmp_path / "clips")
    assert again.code == 0, again.err


@pytest.mark.usefixtures("undrawn")
def test_a_pickle_of_one_to_three_persons(command, short, recognition_files, tmp_path):
    data, _ = recognition_files.pose_annotations_kinect(tmp_path)
    network = short["recognition"][: short["recognition"].index("--epochs")]
    few = ("--max-steps", 2, "--batch-size", 3, "--num-frames", 8, "--milestones")
    done = command("train", "recognition", *network, *few, *data, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert results.popitem()[0] == "training"
    ((_, result),) = results.items()
    assert 0 <= result["top1"] <= 1


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("data", "options", "note"),
    [
        (
            "h36m",
            ("--keypoints", "gt"),
            "16 joints, root-aligned, root-relative, h36m gt 2-D, protocol 1, on S11+S9",
        ),
        (
            "h36m",
            ("--keypoints", "cpn"),
            "h36m cpn 2-D, protocol 1, on S11+S9, flip, not calibrated",
        ),
        ("h36m", ("--protocol", 2), "protocol 2, on S11, stride 64, flip"),
        (
            "human-eva",
            ("--keypoints", "detectron_pt_coco"),
            "15 joints, root-aligned, root-relative, human-",
        ),
    ],
)
def test_poses_in_files(data, options, note, command, short, request, tmp_path):
    root = request.getfixturevalue(data.replace("-", ""))
    where = ("--data", data, "--root", root, *options, "--recipe", "tiny")
    done = command("train", "lifting", *short["lifting"], *where, "--out", tmp_path)
    assert done.code == 0, done.err
    assert note in done.out
    again = command("evaluate", tmp_path, "--root", root)
    assert again.code == 0, again.err
    assert again.out.splitlines()[:-1] == done.out.splitlines()[-len(again.out.splitlines()) : -1]


@pytest.mark.usefixtures("undrawn")
def test_cameras_and_distortion_of_the_command_line(command, short, h36m, tmp_path):
    """True keypoints without a file are projected by the cameras."""
    root, mine, other = (tmp_path / name for name in ("root", "mine.json", "other.json"))
    root.mkdir()
    shutil.copy(h36m / "data_3d_h36m.npz", root)
    content = json.loads((h36m / "cameras.json").read_text())
    for path in (mine, other):
        path.write_text(json.dumps(content))
        for camera in content["intrinsics"]:
            camera["focal_length"] = [900, 900]
    data = ("--data", "h36m", "--root", root, "--cameras", mine, "--distortion", "martinez")
    run = tmp_path / "run"
    done = command("train", "lifting", *short["lifting"], *data, "--recipe", "tiny", "--out", run)
    assert done.code == 0, done.err
    trained = json.loads((run / "results.json").read_text())["SemGCN"]
    changes = {(): True, ("--distortion", "videopose3d"): False, ("--cameras", other): False}
    for words, same in changes.items():
        done = command("evaluate", run, "--root", root, *words)
        assert done.code == 0, done.err
        measured = json.loads((run / "evaluation.json").read_text())["SemGCN"]
        assert (measured == trained) == same
