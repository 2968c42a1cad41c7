"""Full disks and signals: one line, nothing lost, and `--resume` goes on."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys

import pytest

from pyg_skeleton import whole_file
from pyg_skeleton.cli.errors import run_command
from pyg_skeleton.training import Interrupted

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]
FILES = ("run.json", "metrics.csv", "last.ckpt", "model.pt", "scores.csv", "results.json")


def contents(out):
    skipped = ("last.ckpt", "hparams.yaml")  # with the place of the folder, the first one
    files = [f for f in out.iterdir() if not f.name.startswith("events") and f.name not in skipped]
    found = {file.name: file.read_bytes() for file in files}
    results = json.loads(found["results.json"])
    assert results.pop("training")["hours"] > 0
    return {**found, "results.json": results}


@pytest.fixture
def line(short, tmp_path):
    return lambda out, *more: (
        "train", "recognition", *short["recognition"], "--out", tmp_path / out, "--quiet", *more
    )  # fmt: skip


@pytest.mark.usefixtures("little", "undrawn")
@pytest.mark.parametrize("name", FILES)
def test_a_full_disk(command, refused, line, tmp_path, monkeypatch, name):
    assert command(*line("whole")).code == 0
    replace = os.replace

    def full(partial, target):
        if target.name == name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(partial, target)

    with monkeypatch.context() as patch:
        patch.setattr(whole_file.os, "replace", full)
        said = refused(*line("run"))
    assert said == f"[Errno 28] No space left on device: '{tmp_path / 'run' / name}'"
    assert not list(tmp_path.glob("run/.partial*"))
    assert command(*line("run", "--resume")).code == 0
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


def test_a_disk_that_fills_in_training(line, tmp_path):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    words = [sys.executable, "-m", "pyg_skeleton", *map(str, line("run"))]
    done = subprocess.run(words, capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 1
    expected = f"error: [Errno 27] File too large: '{tmp_path / 'run' / 'last.ckpt'}'\n"
    assert (done.stdout, done.stderr) == ("", expected)


@pytest.mark.usefixtures("little")
def test_a_folder_that_cannot_be_written_to(refused, line, tmp_path):
    (tmp_path / "file").write_text("mine")
    assert refused(*line("file/run")).endswith("/file/run'")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_how_to_go_on_after_a_signal(command, line, tmp_path, monkeypatch, number):
    def stopped(run, train_set, val_set, out, **options):
        raise Interrupted(out, 3, True, number)

    monkeypatch.setattr("pyg_skeleton.cli.train.train_network", stopped)
    done = command(*line("run"))
    assert done.code == 128 + number
    assert done.err.startswith("interrupted at step 3; continue with: pyg-skeleton train recogn")
    assert done.err.endswith("--resume\n")
    assert done.err.count("\n") == 1


def test_terminated_elsewhere(capsys):
    before = signal.getsignal(signal.SIGTERM)
    assert run_command(lambda: os.kill(os.getpid(), signal.SIGTERM)) == 143
    assert capsys.readouterr() == ("", "terminated\n")
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_worker_says_nothing(capfd):
    def command():
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGTERM)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 143

    assert run_command(command) == 0
    assert capfd.readouterr() == ("", "")
