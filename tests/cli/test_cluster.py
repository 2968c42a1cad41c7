import inspect
from types import SimpleNamespace

import pytest

from pyg_skeleton.cli.cluster import cluster, read
from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.saved_run import SavedRun
from pyg_skeleton.cli.tasks import TASKS


@pytest.fixture
def run(monkeypatch, tmp_path):
    """A run of a task, whose network clusters nothing."""
    saved = SimpleNamespace(path=tmp_path, task=TASKS["clustering"], run="run")
    saved.load = lambda accelerator: f"network on {accelerator}"
    monkeypatch.setattr(SavedRun, "find", lambda path: saved)
    return saved


def test_clusters_are_in_the_folder_of_the_run(run, monkeypatch, tmp_path):
    calls = []

    def clusters(*args):
        calls.append(args)
        args[3].mkdir()
        return Report({}, "two clusters", ["clusters.csv"])

    module = "pyg_skeleton.cli.tasks.clustering"
    monkeypatch.setattr(f"{module}.own_clips", lambda model, folder: f"clips of {folder.name}")
    monkeypatch.setattr(f"{module}.cluster", clusters)
    (tmp_path / "mine").mkdir()
    cluster(tmp_path, tmp_path / "mine", accelerator="cpu", quiet=True)
    cluster(tmp_path, tmp_path / "mine", tmp_path / "out", "cpu", quiet=True)
    known = ("run", "network on cpu", "clips of mine")
    assert calls == [(*known, tmp_path / "clusters"), (*known, tmp_path / "out")]


def test_other_runs_and_folders(run, tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder of clips at"):
        cluster(tmp_path, tmp_path / "none")
    run.task = TASKS["motion"]
    with pytest.raises(UsageError, match=r"expected a clustering run, .* is of motion"):
        cluster(tmp_path, tmp_path)


def test_the_command_line(tmp_path):
    called = read(["runs/codt", "clips", "--out", "out", "--quiet"])
    values = inspect.signature(cluster).bind(*called.args, **called.keywords).arguments
    assert {name: str(value) for name, value in values.items()} == {
        "run": "runs/codt",
        "clips": "clips",
        "out": "out",
        "accelerator": "auto",
        "quiet": "True",
    }
