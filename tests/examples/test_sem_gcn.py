import json
from pathlib import Path

import pandas as pd
import pytest
import torch

from pyg_skeleton.cli import LIFTING_RECIPES
from pyg_skeleton.nn.models import LiftingModel, SemGCN

PATH = Path(__file__).parents[2] / "examples" / "sem_gcn.py"
SHORT = ("--max-steps", 4, "--steps-per-epoch", 2, "--batch-size", 8, "--accelerator", "cpu")
MPJPE = "MPJPE (16 joints, P1, root-relative, synthetic gt 2-D, flip, not calibrated) mm"


def test_is_short():
    lines = PATH.read_text().splitlines()
    assert len(lines) < 150
    assert max(map(len, lines)) <= 100


# What a run leaves behind #########################################################################


@pytest.mark.usefixtures("draws")
def test_a_run_on_the_embedded_data(sem_gcn, tmp_path):
    out = tmp_path / "out"
    done = sem_gcn(*SHORT, "--out", out)
    assert (done.code, done.err.count("\n")) == (0, 1)  # the bar
    assert "4/4" in done.err
    assert f"[1] {MPJPE}" in done.out
    assert "SemGCN: 96 frames, 96 poses in 8 sequences of subjects" in done.out
    pictures = {
        *("curves.png", "error_histogram.png", "lifting.png"),
        *("edge_weights.png", "joint_weights.png"),
    }
    assert (
        done.out.splitlines()[0]
        == f"wrote {', '.join(sorted(pictures, key=done.out.find))} to {out}"
    )
    names = {path.name for path in out.iterdir() if not path.name.startswith("events.")}
    assert names == {
        *pictures,
        *("last.ckpt", "results.json", "hparams.yaml", "metrics.csv", "model.pt"),
    }
    results = json.loads((out / "results.json").read_text())["SemGCN"]
    assert results["found"]["poses"] == 96
    assert results["found"]["actions"] == ["walking", "waving"]
    assert set(results["metrics"][MPJPE]["per_action"]) == {"walking", "waving"}
    assert pd.read_csv(out / "metrics.csv")["step"].tolist() == [0, 1, 2, 3]

    model = SemGCN.load(out / "model.pt")
    assert model.classes == ["walking", "waving"]
    assert 3000 < model.bone_length < 6000

    again = sem_gcn("--evaluate", out / "model.pt", "--out", tmp_path / "evaluation")
    assert (again.code, again.err) == (0, "")
    table = json.loads((tmp_path / "evaluation" / "evaluation.json").read_text())
    assert table == {"SemGCN": results}

    resumed = sem_gcn(*SHORT, "--out", out, "--resume")
    assert resumed.out == done.out
    assert len(pd.read_csv(out / "metrics.csv")) == 4


def test_a_resumed_run_is_an_unbroken_one(sem_gcn, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    sem_gcn(*SHORT, "--out", whole, "--recipe", "sem-gcn-code")
    sem_gcn(*SHORT, "--max-steps", 2, "--out", broken, "--recipe", "sem-gcn-code")
    done = sem_gcn(*SHORT, "--out", broken, "--resume", "--recipe", "sem-gcn-code")
    assert done.code == 0
    one, two = (SemGCN.load(out / "model.pt").state_dict() for out in (whole, broken))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert (whole / "results.json").read_text() == (broken / "results.json").read_text()


def test_the_name_of_a_number_says_how_it_came_about(sem_gcn, tmp_path):
    options = ("--calibrate", "--no-flip-test", "--noise", 2.5, "--target-space", "pixel-depth")
    done = sem_gcn(*SHORT, *options, "--out", tmp_path)
    assert done.code == 0
    assert (
        "PA-MPJPE (16 joints, P2, pixel-depth, synthetic gt 2-D with noise of 2.5 px, no flip, "
        "calibrated) mm"
    ) in done.out
    again = sem_gcn("--evaluate", tmp_path / "model.pt", "--no-flip-test", "--out", tmp_path)
    assert "MPJPE (16 joints, P1, pixel-depth, synthetic gt 2-D, no flip, not" in again.out


@pytest.mark.parametrize("name", ["sem-gcn-paper", "hcsf"])
def test_recipes(sem_gcn, tmp_path, name):
    done = sem_gcn(*SHORT, "--recipe", name, "--out", tmp_path)
    assert done.code == 0
    hparams = (tmp_path / "hparams.yaml").read_text()
    assert f"loss: {LIFTING_RECIPES[name].loss}" in hparams
    held_out = "val_loss" in pd.read_csv(tmp_path / "metrics.csv")
    assert held_out == (name == "sem-gcn-paper")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--model", "martinez_mlp", "--dropout", 0.1), {"dropout": 0.1}),
        (("--model", "res_gcn", "--non-local"), {"non_local": True}),
        (("--channelwise", "--no-non-local"), {"channelwise": True, "non_local": False}),
        (("--preset", "channelwise", "--init", "glorot"), {"channelwise": True, "init": "glorot"}),
        (("--loss", "joint_bone", "--bone-weight", 0.5), {}),
    ],
)
def test_switches(sem_gcn, tmp_path, options, expected):
    done = sem_gcn(*SHORT, *options, "--out", tmp_path)
    assert done.code == 0
    config = LiftingModel.load(tmp_path / "model.pt").config
    assert {name: config[name] for name in expected} == expected


def test_experiments(sem_gcn, tmp_path):
    done = sem_gcn(*SHORT, "--experiment", "baselines", "--out", tmp_path, "--no-flip")
    assert done.code == 0
    names = ["SemGCN", "Martinez MLP", "ResGCN", "GAT"]
    results = json.loads((tmp_path / "results.json").read_text())
    assert list(results) == [*names, "hard poses"]
    assert set(results["hard poses"][0]) == {"hardest for", "share", *names}
    assert "MPJPE (mm) on the hardest poses of each network" in done.out
    kinds = [type(LiftingModel.load(tmp_path / n / "model.pt")).__name__
             for n in ("SemGCN", "Martinez_MLP", "ResGCN", "GAT")]  # fmt: skip
    assert kinds == ["SemGCN", "MartinezMLP", "ResGCN", "PoseGAT"]


# Files in the documented layouts ##################################################################


@pytest.mark.parametrize("keypoints", ["gt", "cpn", "sh"])
def test_human36m(sem_gcn, h36m, tmp_path, keypoints):
    data = ("--dataset", "h36m", "--root", h36m, "--keypoints", keypoints)
    done = sem_gcn(*SHORT, *data, "--out", tmp_path)
    assert done.code == 0
    again = sem_gcn(*data, "--evaluate", tmp_path / "model.pt", "--out", tmp_path)
    assert again.code == 0
    # Two takes of two actions, four cameras, five frames; one take of S11 is left out.
    assert "SemGCN: 140 frames, 140 poses in 28 sequences of subjects S11, S9" in again.out
    name = f"16 joints, P1, root-relative, h36m {keypoints} 2-D, on S11+S9, flip, not calibrated"
    assert f"[1] MPJPE ({name}) mm" in again.out
    rows = [line.split()[0] for line in again.out.splitlines() if line.strip()]
    assert "Directions" in rows
    assert "Walking" in rows
    table = json.loads((tmp_path / "evaluation.json").read_text())["SemGCN"]
    assert set(table["metrics"][f"MPJPE ({name}) mm"]["per_action"]) == {"Directions", "Walking"}


def test_protocol_2_is_every_64th_frame_of_one_person(sem_gcn, h36m, tmp_path):
    data = ("--dataset", "h36m", "--root", h36m, "--protocol", 2)
    done = sem_gcn(*SHORT, *data, "--out", tmp_path)
    assert done.code == 0
    assert "60 frames, 12 poses in 12 sequences of subjects S11" in done.out
    assert "on S11, flip" in done.out


@pytest.mark.parametrize("keypoints", ["gt", "detectron_pt_coco"])
def test_humaneva(sem_gcn, humaneva, tmp_path, keypoints):
    data = ("--dataset", "humaneva", "--root", humaneva, "--keypoints", keypoints)
    done = sem_gcn(*SHORT, *data, "--out", tmp_path)
    assert done.code == 0
    name = f"15 joints, P1, root-relative, humaneva {keypoints} 2-D, flip, not calibrated"
    assert f"[1] MPJPE ({name}) mm" in done.out
    again = sem_gcn(*data, "--evaluate", tmp_path / "model.pt", "--out", tmp_path)
    assert again.out.splitlines()[1:] == done.out.splitlines()[1:]


# Mistakes #########################################################################################


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "model.pt"
    SemGCN.from_preset("paper", hidden_channels=4, num_blocks=1).save(path)
    return path


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("--dataset", "cmu"), "error: --dataset cmu needs --root, the folder of its files"),
        (
            ("--dataset", "h36m", "--root", "/none"),
            "error: /none: has neither data_3d_h36m.npz nor",
        ),
        (("--dataset", "kinetics"), "invalid choice: 'kinetics'"),
        (("--model", "lcnn"), "argument --model: invalid choice: 'lcnn' (choose from "),
        (("--preset", "tiny"), "error: unknown preset 'tiny' of SemGCN, expected one of paper, "),
        (("--recipe", "none"), "argument --recipe: invalid choice: 'none'"),
        (("--skeleton", "h36m18"), "error: unknown skeleton 'h36m18'; did you mean"),
        (("--target-space", "pixel"), "error: unknown target space 'pixel', expected one of"),
        (("--keypoints", "cpn"), "error: --dataset synthetic has the true 2-D joints only"),
        (("--evaluate", "none.pt"), "error: no checkpoint at none.pt"),
        (("--max-steps", 0), "error: expected max_steps >= 1, got 0"),
        (("--init", "zero"), "'zero'"),
        (("--resume", "--experiment", "none"), "argument --experiment: invalid choice: 'none'"),
    ],
)
def test_a_mistake_is_one_line(sem_gcn, tmp_path, line, message):
    done = sem_gcn(*line, "--out", tmp_path)
    assert done.code in (1, 2)
    assert message in done.err
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err


def test_a_checkpoint_of_16_joints_on_17(sem_gcn, h36m, saved, tmp_path):
    for data in ((), ("--dataset", "h36m", "--root", h36m)):
        done = sem_gcn(*data, "--skeleton", "h36m17", "--evaluate", saved, "--out", tmp_path)
        assert done.code == 1
        assert done.err.startswith(
            "error: the network was trained on the 16 joints of 'h36m16', the poses have the 17 of "
            "'h36m17': joints: only there [head]"
        )
        assert done.err.count("\n") == 1


def test_missing_cameras(sem_gcn, h36m, saved, tmp_path):
    for name in ("data_3d_h36m.npz", "data_2d_h36m_gt.npz"):
        (tmp_path / name).symlink_to(h36m / name)
    done = sem_gcn("--dataset", "h36m", "--root", tmp_path, "--evaluate", saved)
    assert done.code == 1
    assert "cameras" in done.err
    assert done.err.count("\n") == 1


def test_detections_that_are_not_there(sem_gcn, h36m, saved, tmp_path):
    line = ("--dataset", "h36m", "--root", h36m, "--keypoints", "detectron", "--evaluate", saved)
    done = sem_gcn(*line, "--out", tmp_path)
    assert done.code == 1
    assert "detectron" in done.err
    assert done.err.count("\n") == 1


def test_noise_is_for_virtual_cameras(sem_gcn, h36m, tmp_path):
    done = sem_gcn("--dataset", "h36m", "--root", h36m, "--noise", 2, "--out", tmp_path)
    assert done.code == 1
    assert done.err == "error: --noise is for cmu and synthetic, got --dataset h36m\n"


def test_help_lists_the_switches_of_the_chosen_network(sem_gcn):
    done = sem_gcn("--model", "skeletal_gnn", "--help")
    assert done.code == 0
    for option in ("--short-range", "--long-range", "--squeeze", "--fusion", "--hop-mode"):
        assert option in done.out
    assert "--channelwise" not in done.out
    assert "--channelwise" in sem_gcn("--help").out
