import importlib.util
import json
from pathlib import Path

import pytest

from pyg_skeleton.nn.models import LiftingModel, model_class

PATH = Path(__file__).parents[2] / "examples" / "hcsf.py"
SHORT = ("--max-steps", 4, "--steps-per-epoch", 2, "--batch-size", 8, "--accelerator", "cpu")


def example(path):
    spec = importlib.util.spec_from_file_location("an_example", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_is_short():
    lines = PATH.read_text().splitlines()
    assert len(lines) < 150
    assert max(map(len, lines)) <= 100


def test_a_run_of_the_dynamic_network(hcsf, tmp_path):
    done = hcsf(*SHORT, "--preset", "dynamic", "--recipe", "hcsf", "--out", tmp_path)
    assert done.code == 0
    name = "MPJPE (17 joints, P1, root-relative, synthetic gt 2-D, flip, not calibrated) mm"
    results = json.loads((tmp_path / "results.json").read_text())
    assert name in results["SkeletalGNN"]["metrics"]
    assert results["SkeletalGNN"]["hard_poses"]["of"] == name


def test_a_run_on_nine_frames(hcsf, tmp_path):
    done = hcsf(*SHORT, "--preset", "temporal", "--out", tmp_path)
    assert done.code == 0
    assert LiftingModel.load(tmp_path / "model.pt").num_frames == 9
    again = hcsf("--evaluate", tmp_path / "model.pt", "--out", tmp_path)
    assert again.code == 0
    assert again.out.splitlines()[2:] == done.out.splitlines()[2:]


def test_pixel_depth_is_what_the_paper_learns(hcsf, tmp_path):
    done = hcsf(*SHORT, "--target-space", "pixel-depth", "--out", tmp_path)
    assert done.code == 0
    assert "17 joints, P1, pixel-depth, synthetic gt 2-D" in done.out
    assert LiftingModel.load(tmp_path / "model.pt").target_space == "pixel-depth"


def test_two_networks_on_each_others_hard_poses(hcsf, tmp_path):
    for model in ("skeletal_gnn", "lcn"):
        assert hcsf(*SHORT, "--model", model, "--out", tmp_path / model).code == 0
    files = [tmp_path / model / "model.pt" for model in ("skeletal_gnn", "lcn")]
    done = hcsf("--evaluate", *files, "--out", tmp_path / "both")
    assert done.code == 0
    results = json.loads((tmp_path / "both" / "evaluation.json").read_text())
    assert list(results) == [f"SkeletalGNN {files[0]}", f"LCN {files[1]}", "hard poses"]
    shares = [row["share"] for row in results["hard poses"]]
    assert shares == [50, 40, 30, 20, 10, 5] * 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--short-range", 2, "--long-range", 5, "--squeeze", 0.5), (2, 5, 0.5)),
        (("--hop-mode", "ball", "--no-hop-aware"), (1, 2, 0.125)),
    ],
)
def test_switches(hcsf, tmp_path, options, expected):
    done = hcsf(*SHORT, *options, "--out", tmp_path)
    assert done.code == 0
    config = LiftingModel.load(tmp_path / "model.pt").config
    assert (config["short_range"], config["long_range"], config["squeeze"]) == expected
    assert (config["hop_mode"] == "ball") == ("ball" in options)


def test_two_runs_of_an_experiment(hcsf, tmp_path):
    options = ("--experiment", "hops", "--dropout", 0.1, "--out", tmp_path)
    done = hcsf(*SHORT, *options)
    assert done.code == 0
    models = [LiftingModel.load(tmp_path / name / "model.pt") for name in ("ring", "ball")]
    assert [model.config["hop_mode"] for model in models] == ["ring", "ball"]
    assert [model.config["dropout"] for model in models] == [0.1, 0.1]


@pytest.mark.parametrize("name", ["hcsf", "sem_gcn"])
def test_every_run_of_every_experiment_is_a_network(little_lifting, name):
    module = example(PATH.with_name(f"{name}.py"))
    for runs in module.EXPERIMENTS.values():
        networks = []
        for change in runs.values():
            assert set(change) <= {"model", "preset", "network", "loss", "bone_weight"}
            kind = model_class(change.get("model", module.MODELS[0]))
            assert change.get("model", module.MODELS[0]) in module.MODELS
            model = kind.from_preset(change.get("preset"), **change.get("network", {}))
            loss = change.get("loss"), change.get("bone_weight")
            networks.append((kind, json.dumps(model.config), loss))
        assert len(set(networks)) == len(runs)  # no two alike
