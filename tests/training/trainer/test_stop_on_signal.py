"""Runs that end by SIGTERM or the signal of SLURM, within an epoch and after it."""

import os
import signal

import pytest
import torch

from pyg_skeleton.training import Interrupted

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
    pytest.mark.filterwarnings("ignore:This DataLoader will create"),  # on few cores
]


@pytest.fixture(scope="module")
def whole(small_runs, tmp_path_factory):
    """The folder and the network of runs without an interruption, by their names."""
    runs = {}

    def get(name):
        if name not in runs:
            out = tmp_path_factory.mktemp(name)
            runs[name] = out, small_runs.small_train(name, out, random=True)
        return runs[name]

    return get


def assert_same(out, model, whole):
    expected_out, expected = whole
    for (name, value), other in zip(
        expected.state_dict().items(), model.state_dict().values(), strict=True
    ):
        assert torch.equal(value, other), name
    tables = [(o / "metrics.csv").read_text() for o in (expected_out, out)]
    assert tables[0] == tables[1]


# The run of clustering begins with a first stage of four steps in a folder of its own.
@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("recognition", 5),
        ("recognition", 7),
        ("recognition", 11),
        ("contrast", 6),
        ("motion", 4),
        ("lifting", 2),
        ("images", 7),
        ("clustering", 0),
        ("clustering", 6),
    ],
)
def test_terminated_and_resumed_equals_never_terminated(small_runs, tmp_path, whole, name, step):
    with pytest.raises(Interrupted) as stop:
        small_runs.small_train(name, tmp_path, random=True, callbacks=[small_runs.Signal(step)])
    assert (stop.value.step, stop.value.resumable) == (step + 1, True)
    assert stop.value.signal == signal.SIGTERM
    saved = torch.load(stop.value.out / "last.ckpt", weights_only=True)
    assert saved["global_step"] == step + 1
    model = small_runs.small_train(name, tmp_path, random=True, resume=True)
    assert_same(tmp_path, model, whole(name))


def test_several_times_in_one_epoch_with_workers(small_runs, tmp_path, whole):
    for step in (4, 5, 6):
        options = {"random": True, "workers": 2, "resume": step > 4}
        with pytest.raises(Interrupted):
            small_runs.small_train(
                "lifting", tmp_path, callbacks=[small_runs.Signal(step)], **options
            )
    model = small_runs.small_train("lifting", tmp_path, random=True, resume=True)
    assert_same(tmp_path, model, whole("lifting"))


def test_handlers_are_as_before(small_runs, tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Interrupted):
        small_runs.small_train("motion", tmp_path, callbacks=[small_runs.Signal(1)])
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """A job of SLURM; returns the file in which `scontrol` writes its arguments."""
    tool = tmp_path / "bin" / "scontrol"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=os.pathsep)
    job = {"JOB_ID": "7", "NTASKS": "1", "NTASKS_PER_NODE": "1", "JOB_NAME": "train"}
    job |= {"PROCID": "0", "LOCALID": "0", "NODEID": "0", "NODELIST": "here"}
    for name, value in job.items():
        monkeypatch.setenv(f"SLURM_{name}", value)
    return tmp_path / "called"


@pytest.mark.parametrize("array", [False, True])
def test_a_job_of_slurm_is_requeued(small_runs, tmp_path, whole, slurm, monkeypatch, array):
    if array:
        monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "5")
        monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "2")
    out, signals = tmp_path / "run", [small_runs.Signal(4, signal.SIGUSR1)]
    with pytest.raises(Interrupted) as stop:
        small_runs.small_train("motion", out, random=True, callbacks=signals)
    assert stop.value.signal == signal.SIGUSR1
    assert slurm.read_text() == f"requeue {'5_2' if array else '7'}\n"
    assert not list(out.glob("hpc*"))
    model = small_runs.small_train("motion", out, random=True, resume=True)
    assert_same(out, model, whole("motion"))
