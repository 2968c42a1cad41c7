"""A disk that is full at any moment: one line, nothing half-written, and the run goes on later."""

import json
import os
import shutil
import subprocess

import numpy as np
import pytest

from pyg_skeleton.cli.errors import run_command
from pyg_skeleton.datasets import ClipTable

pytestmark = [
    pytest.mark.usefixtures("little"),
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]


@pytest.fixture
def disk(tmp_path):
    """A disk of its own of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(line, capture_output=True).returncode:
        pytest.skip("only root may mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(disk, left):
    """Leaves some bytes of a disk; returns the file that takes the rest."""
    free = os.statvfs(disk)
    path = disk / "ballast"
    path.write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - left)))
    return path


def content(file):
    if file.name != "results.json":
        return file.read_bytes()
    results = json.loads(file.read_text())
    del results["training"]  # time and memory
    return results


def files(out):
    names = ("run.json", "metrics.csv", "model.pt", "scores.csv", "results.json", "report.html")
    return {name: content(out / name) for name in names}


def test_a_run(command, short, disk, tmp_path):
    line = ("train", "recognition", *short["recognition"], "--quiet", "--out")
    assert command(*line, tmp_path / "whole").code == 0
    whole = files(tmp_path / "whole")
    size = sum(file.stat().st_size for file in (tmp_path / "whole").iterdir())
    refused = set()
    for left in (0, *np.linspace(4096, size, 7).astype(int).tolist()):
        ballast = fill(disk, left)
        done = command(*line, disk / "run", "--resume")
        errors = [text for text in done.err.splitlines() if not text.startswith("warning: ")]
        if done.code:
            assert errors[0].startswith("error: [Errno 28] No space left on device")
            assert len(errors) == 1
            refused.add(errors[0].split("/")[-1])
        assert not list(disk.rglob(".partial*"))
        for name in whole.keys() & {file.name for file in (disk / "run").glob("*")}:
            if name not in ("metrics.csv", "run.json"):
                assert content(disk / "run" / name) == whole[name], name
        ballast.unlink()
    assert len(refused) >= 2
    assert command(*line, disk / "run", "--resume").code == 0
    assert files(disk / "run") == whole


def test_a_store(disk, tmp_path, capsys):
    for number in range(20):
        (tmp_path / "clips" / str(number % 2)).mkdir(parents=True, exist_ok=True)
        clip = np.random.default_rng(number).normal(size=(30, 17, 3)).astype("f4")
        np.save(tmp_path / "clips" / str(number % 2) / f"{number}.npy", clip)

    def make():
        ClipTable.from_folder(tmp_path / "clips", "coco17", store=disk / "store", progress=False)

    for left in (0, 4096, 50_000):
        ballast = fill(disk, left)
        assert run_command(make) == 1
        said = capsys.readouterr().err
        assert "No space left on device" in said
        assert said.count("\n") == 1
        assert [path.name for path in disk.iterdir()] == ["ballast"]
        ballast.unlink()
    assert run_command(make) == 0
    assert len(list((disk / "store").rglob("index.json"))) == 1
