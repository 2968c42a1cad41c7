"""Two processes on one machine train as one does with their batches together."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch

PROGRAM = Path(__file__).with_name("small_runs.py")
NAMES = ["recognition", "contrast", "motion", "lifting", "images", "clustering"]
pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]


def run(out, *names, **options):
    """Trains in two processes; returns what they print."""
    line = [sys.executable, str(PROGRAM), *names, "--out", str(out), "--devices", "2"]
    for name, value in options.items():
        line += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ends(out):
    return [torch.load(out / f"rank{rank}.pt", weights_only=True) for rank in (0, 1)]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """The folders of runs in two processes, all by the same two."""
    out = tmp_path_factory.mktemp("pairs")
    run(out, *NAMES)
    return out


@pytest.mark.parametrize("name", NAMES)
def test_two_processes_are_one(small_runs, pairs, tmp_path, name):
    small_runs.small_train(name, tmp_path, callbacks=[small_runs.Keep(tmp_path)])
    one = torch.load(tmp_path / "rank0.pt", weights_only=True)
    first, second = ends(pairs / name)
    assert one.keys() == first.keys() == second.keys()
    for key, value in first.items():
        assert torch.equal(value, second[key]), key
    # As one vector: biases before a batch norm have no gradient but rounding, which Adam amplifies.
    floats = [key for key, value in one.items() if value.is_floating_point()]
    x, y = (torch.cat([s[key].flatten().double() for key in floats]) for s in (one, first))
    assert float((x - y).norm() / x.norm()) < 1e-3
    for key in one.keys() - set(floats):
        assert torch.equal(one[key], first[key]), key


@pytest.mark.parametrize("name", NAMES)
def test_metrics_are_over_all_processes(small_runs, pairs, tmp_path, name):
    small_runs.small_train(name, tmp_path)
    expected, table = (pd.read_csv(out / "metrics.csv") for out in (tmp_path, pairs / name))
    pd.testing.assert_frame_equal(table, expected, rtol=2e-3, atol=1e-4)


def test_all_stop_when_one_is_terminated(tmp_path):
    run(tmp_path / "whole", "recognition", random=True)
    said = run(tmp_path / "stopped", "recognition", random=True, stop=5)
    assert said == 2 * "stopped at 6\n"
    whole, stopped = (ends(tmp_path / name / "recognition") for name in ("whole", "stopped"))
    for expected, state in zip(whole, stopped, strict=True):
        for key, value in expected.items():
            assert torch.equal(value, state[key]), key
