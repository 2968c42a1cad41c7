"""Two processes on one machine train as one does with their batches together."""

import os
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
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ends(out):
    return [torch.load(out / f"rank{rank}.pt", weights_only=True) for rank in (0, 1)]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """The folders of runs in two processes."""
    out = tmp_path_factory.mktemp("pairs")
    run(out, "contrast")  # which is in 32-bit numbers always
    run(out, *(name for name in NAMES if name != "contrast"), double=True)
    return out


@pytest.fixture(scope="module", params=NAMES)
def one_and_two(request, small_runs, pairs, tmp_path_factory):
    """The folders of a run in one process and of the same one in two."""
    out = tmp_path_factory.mktemp("one")
    double = [] if request.param == "contrast" else [small_runs.Double()]
    small_runs.small_train(request.param, out, callbacks=[small_runs.Keep(out), *double])
    return out, pairs / request.param


def test_two_processes_are_one(one_and_two):
    alone, pair = one_and_two
    one = torch.load(alone / "rank0.pt", weights_only=True)
    first, second = ends(pair)
    assert one.keys() == first.keys() == second.keys()
    for key, value in first.items():
        assert torch.equal(value, second[key]), key
    # As one vector: biases before a batch norm have no gradient but rounding, which Adam amplifies.
    floats = [key for key, value in one.items() if value.is_floating_point()]
    x, y = (torch.cat([s[key].flatten().double() for key in floats]) for s in (one, first))
    assert float((x - y).norm() / x.norm()) < (1e-3 if pair.name == "contrast" else 1e-9)
    for key in one.keys() - set(floats):
        assert torch.equal(one[key], first[key]), key


def test_two_processes_with_two_batches_for_a_step_are_one(small_runs, tmp_path):
    callbacks = [small_runs.Keep(tmp_path), small_runs.Double()]
    small_runs.small_train("motion", tmp_path, accumulate=2, callbacks=callbacks)
    run(tmp_path / "pair", "motion", double=True, accumulate=2)
    one = torch.load(tmp_path / "rank0.pt", weights_only=True)
    for key, value in ends(tmp_path / "pair" / "motion")[0].items():
        torch.testing.assert_close(value, one[key], rtol=1e-6, atol=1e-9, msg=key)


def test_metrics_are_over_all_processes(one_and_two):
    expected, table = (pd.read_csv(out / "metrics.csv") for out in one_and_two)
    pd.testing.assert_frame_equal(table, expected, rtol=2e-3, atol=1e-4)


def test_two_hosts():
    script = Path(__file__).with_name("two_hosts.sh")
    programs = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, env=programs)
    if done.returncode == 77:
        pytest.skip(done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    sent = [int(line.split()[3]) for line in done.stdout.splitlines() if line.startswith("host")]
    assert len(sent) == 2
    assert min(sent) > 10**6


def test_all_stop_when_one_is_terminated(tmp_path, without_gloo):
    run(tmp_path / "whole", "recognition", random=True)
    said = run(tmp_path / "stopped", "recognition", random=True, stop=5)
    assert without_gloo(said) == 2 * "stopped at 6\n"
    whole, stopped = (ends(tmp_path / name / "recognition") for name in ("whole", "stopped"))
    for expected, state in zip(whole, stopped, strict=True):
        for key, value in expected.items():
            assert torch.equal(value, state[key]), key
