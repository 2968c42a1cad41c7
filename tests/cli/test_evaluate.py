import json

import pytest

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.cli.evaluate import compare, evaluate, read
from pyg_skeleton.cli.reports.report import Report
from pyg_skeleton.cli.tasks import TASKS
from pyg_skeleton.nn.models import STGCN, SemGCN
from pyg_skeleton.training import Run, get_task

RECOGNITION = TASKS["recognition"]


@pytest.fixture
def saved(tmp_path):
    """Writes a run of a network that has not learned."""

    def save(task, name, model):
        preset, recipe = get_task(task).plan("embedded", name)
        (tmp_path / name).mkdir()
        data = {"name": "embedded", "layout": model.skeleton.name}
        Run(task, data, name, preset, recipe).write(tmp_path / name)
        model.save(tmp_path / name / "model.pt")
        return tmp_path / name

    return save


@pytest.fixture
def recognizer(saved):
    return saved("recognition", "st_gcn", STGCN("kinect20", 3, channels=(4,), strides=(1,)))


@pytest.fixture
def lifter(saved):
    return saved("lifting", "sem_gcn", SemGCN("h36m16", hidden_channels=4, num_blocks=1))


def test_the_data_are_those_of_the_run_unless_others_are_named(recognizer):
    called = read([str(recognizer), "--quiet"])
    assert called.func is evaluate
    paths, task, data, roots, options, out, accelerator, quiet = called.args
    assert (paths, task) == ((recognizer,), RECOGNITION)
    assert data == {"name": "embedded", "layout": "kinect20", "align": False}
    assert (options, out, accelerator, quiet) == ({"diagnose": False}, None, "auto", True)

    line = [str(recognizer), "--data", "ntu60", "--root", "files", "--benchmark", "xview"]
    data, roots = read(line).args[2:4]
    assert (data["name"], data["benchmark"], str(roots["root"])) == ("ntu60", "xview", "files")
    with pytest.raises(UsageError, match="unknown data set 'ntuu'; did you mean ntu"):
        read([str(recognizer), "--data", "ntuu"])
    with pytest.raises(UsageError, match="expected RUN, the folder of a run"):
        read([])


def test_runs_of_two_tasks(recognizer, lifter, monkeypatch):
    monkeypatch.setattr(RECOGNITION, "open_test", lambda run, roots: None)
    monkeypatch.setattr(RECOGNITION, "measure", lambda *args: Report({}, ""))
    with pytest.raises(UsageError, match="runs of one task, got recognition and lifting"):
        evaluate([recognizer, lifter], RECOGNITION, {"name": "embedded"}, {}, {}, quiet=True)


def test_several_runs_have_a_folder_each_and_a_comparison(recognizer, monkeypatch, tmp_path):
    def measure(run, model, test, folder, options):
        return Report({"st_gcn": {"top1": 0.5, "folder": folder.name}}, "")

    monkeypatch.setattr(RECOGNITION, "open_test", lambda run, roots: None)
    monkeypatch.setattr(RECOGNITION, "measure", measure)
    other = recognizer.rename(tmp_path / "other")
    paths, out = [other, other / "model.pt"], tmp_path / "out"
    evaluate(paths, RECOGNITION, {"name": "embedded"}, {}, {}, out, "cpu", quiet=True)
    one = json.loads((out / "1" / "evaluation.json").read_text())
    assert one == {"st_gcn": {"top1": 0.5, "folder": "1"}}
    both = json.loads((out / "results.json").read_text())
    assert {name: result["folder"] for name, result in both.items()} == {
        str(paths[0]): "1",
        str(paths[1]): "2",
    }


def test_methods_of_a_run_keep_their_names(tmp_path):
    reports = {
        "a": Report({"zero-velocity": {"x": 1.0}, "ours": {"x": 2.0}}, ""),
        "b": Report({"ours": {"x": 3.0}}, ""),
    }
    compare(TASKS["motion"], reports, tmp_path, quiet=True)
    found = json.loads((tmp_path / "results.json").read_text())
    assert list(found) == ["a: zero-velocity", "a: ours", "b"]
