import importlib.util
import json
import logging
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest
import torch

from pyg_skeleton.cli import run_example

PATH = Path(__file__).parents[2] / "examples" / "sem_gcn_image.py"
SHORT = ("--steps", 3, 2, 2, "--clips", 1, "--batch-size", 4, "--image-size", 32)
SMALL = ("--hidden-channels", 8, "--num-blocks", 1, "--accelerator", "cpu")


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command line; returns stdout."""
    spec = importlib.util.spec_from_file_location("sem_gcn_image_example", PATH)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    level, threads = logging.getLogger("lightning.pytorch").level, torch.get_num_threads()
    torch.set_num_threads(1)

    def call(*line):
        monkeypatch.setattr(sys, "argv", ["sem_gcn_image.py", *map(str, line)])
        # As outside of pytest, where warnings are no errors.
        with warnings.catch_warnings():
            warnings.resetwarnings()
            warnings.simplefilter("default")
            run_example(example.main)
        out, err = capsys.readouterr()
        assert "warning: " not in err
        return out

    yield call
    torch.set_num_threads(threads)
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(level)


def test_is_short():
    lines = PATH.read_text().splitlines()
    assert len(lines) < 150
    assert max(map(len, lines)) <= 100


def test_a_run(run, tmp_path):
    out = run(*SHORT, *SMALL, "--seeds", 1, "--out", tmp_path)
    results = json.loads((tmp_path / "results.json").read_text())
    names = [
        f"{inputs}, stage {stage}, seed 1"
        for inputs in ("joints", "joints and image features")
        for stage in (2, 3)
    ]
    assert list(results) == names
    first = results[names[0]]
    assert first["found"]["poses"] == 12 * 2 * 5
    assert len(first["found"]["actions"]) == 12
    label = next(iter(first["metrics"]))
    assert label == "MPJPE (16 joints, P1, root-relative, 2-D joints found in the image) mm"
    # The 2-D network is the same for both, and frozen in the second stage.
    pixels = {name: result["2-D error in pixels"] for name, result in results.items()}
    assert pixels[names[0]] == pixels[names[2]] > 0
    assert pixels[names[0]] != pixels[names[1]]

    seed = tmp_path / "seed_1"
    assert len(pd.read_csv(seed / "stage_1" / "metrics.csv")) == 3
    columns = pd.read_csv(seed / "joints_stage_3" / "metrics.csv").columns
    assert {"loss_2d", "loss_3d"} <= set(columns)
    for name in ("images", "joints", "joints_and_image_features"):
        assert (seed / f"{name}.png").stat().st_size > 1000
    lines = out.splitlines()
    assert sum(label in line for line in lines) == len(names)
    assert lines[-1].startswith("stage 3, mean over seeds [1]: ")
