import json
from dataclasses import replace

import pytest

from pyg_skeleton.training import RECOGNITION_RECIPES, RecognitionRun


@pytest.fixture
def run():
    recipe = RECOGNITION_RECIPES["ctr-gcn-ntu"]
    return RecognitionRun(
        "ctr_gcn", None, {"channels": [8]}, "none", {}, recipe, "ntu60", "xsub", "bone", 3, 0.1
    )


def test_round_trip(run, tmp_path):
    run.write(tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["run.json"]
    assert RecognitionRun.read(tmp_path / "out") == run
    changed = replace(run, dataset="clips", layout="coco17")
    changed.write(tmp_path / "out")
    assert RecognitionRun.read(tmp_path / "out") == changed


def test_runs_of_before_there_were_layouts(run, tmp_path):
    run.write(tmp_path)
    content = json.loads((tmp_path / "run.json").read_text())
    del content["layout"], content["ignore"]
    (tmp_path / "run.json").write_text(json.dumps(content))
    assert RecognitionRun.read(tmp_path) == run


def test_title(run):
    assert run.title == "ctr_gcn, bone"
    assert replace(run, gcl="paper").title == "ctr_gcn + SkeletonGCL (paper), bone"


def test_only_a_longer_run_is_the_same(run, tmp_path):
    run.write(tmp_path)
    replace(run, recipe=replace(run.recipe, epochs=99)).check_same(tmp_path)
    other = replace(run, seed=4, recipe=replace(run.recipe, lr=0.5))
    with pytest.raises(ValueError, match=r"is another: recipe=.*'lr': 0.1.*; seed=3 there, 4 here"):
        other.check_same(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"recipe": 3}', '{"recipe": {"milestones": []}}', "\0"]
)
def test_damaged(content, tmp_path):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(ValueError, match=r"run.json holds no settings of a run: "):
        RecognitionRun.read(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no run in .*nowhere: .*run.json is missing"):
        RecognitionRun.read(tmp_path / "nowhere")
