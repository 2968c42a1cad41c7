"""The same seed gives the same run; `docs/training.rst` says where that ends."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

PROGRAM = Path(__file__).with_name("small_runs.py")
pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # on few cores
]


@pytest.fixture(scope="module")
def trained(small_runs, tmp_path_factory):
    """Trains with all that is random; returns the final weights."""

    def call(name, threads=1, workers=0):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            out = tmp_path_factory.mktemp(name)
            model = small_runs.small_train(name, out, workers=workers, random=True)
        finally:
            torch.set_num_threads(before)
        return model.state_dict()

    return call


def assert_equal(first, second):
    for key, value in first.items():
        assert torch.equal(value, second[key]), key


@pytest.mark.parametrize("name", ["recognition", "motion", "clustering"])
def test_any_number_of_workers(trained, name):
    assert_equal(trained(name), trained(name, workers=3))


def test_workers_that_are_spawned(small_runs, trained, tmp_path):
    options = ["--out", str(tmp_path), "--random", "--workers", "2", "--start", "spawn"]
    line = [sys.executable, str(PROGRAM), "recognition", *options]
    done = subprocess.run(line, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    spawned = torch.load(tmp_path / "recognition" / "rank0.pt", weights_only=True)
    assert_equal(trained("recognition"), spawned)


@pytest.mark.parametrize("name", ["recognition", "motion", "lifting"])
def test_any_number_of_threads_but_for_rounding(trained, name):
    one, two, again = (trained(name, threads) for threads in (1, 2, 2))
    assert_equal(two, again)
    floats = [key for key, value in one.items() if value.is_floating_point()]
    x, y = (torch.cat([s[key].flatten().double() for key in floats]) for s in (one, two))
    assert float((x - y).norm() / x.norm()) < 1e-3
