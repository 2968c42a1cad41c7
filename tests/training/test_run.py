import json
from dataclasses import replace

import pytest

from pyg_skeleton.training import RECOGNITION_RECIPES, TASKS, Run, fingerprint
from pyg_skeleton.version import __version__

RUN = Run(
    "recognition",
    {"name": "ntu60", "benchmark": "xsub"},
    "ctr_gcn",
    None,
    RECOGNITION_RECIPES["ctr-gcn-ntu"],
    {"channels": (8,), "blocks": ((4, 4), (4, 8, 2, 3, True))},
    3,
    {"stream": "bone", "contrast": {"temperature": 0.5}},
    {"classes": ["walk", "sit"], "samples": 7},
)


@pytest.mark.parametrize("task", TASKS)
def test_round_trip(task, tmp_path):
    for recipe in TASKS[task].recipes.values():
        run = replace(RUN, task=task, recipe=recipe)
        run.write(tmp_path / "out")
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["run.json"]
        assert Run.read(tmp_path / "out") == run
        run.check_same(tmp_path / "out")


def test_the_version_is_recorded_and_may_differ(tmp_path):
    RUN.write(tmp_path)
    assert json.loads((tmp_path / "run.json").read_text())["version"] == __version__
    replace(RUN, version="0.0").check_same(tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 4}, "seed 3 there, 4 here"),
        ({"recipe": RUN.recipe.replace(lr=0.5)}, "recipe.lr 0.1 there, 0.5 here"),
        ({"network": {"channels": (8,)}}, r"network.blocks \[\[4, 4\], .*\] there, None here"),
        (
            {"data": {"name": "ntu60", "benchmark": "xview"}},
            "data.benchmark 'xsub' there, 'xview' here",
        ),
        ({"options": {"stream": "bone"}}, "options.contrast.temperature 0.5 there, None here"),
        (
            {"fingerprint": {"classes": ["walk", "sit"], "samples": 8}},
            "fingerprint.samples 7 there, 8 here",
        ),
    ],
)
def test_names_only_what_differs(changes, message, tmp_path):
    RUN.write(tmp_path)
    with pytest.raises(ValueError, match=f"is another: {message}$"):
        replace(RUN, **changes).check_same(tmp_path)


def test_the_length_may_differ(tmp_path):
    RUN.write(tmp_path)
    for length in ({"epochs": 99}, {"max_steps": 7}):
        replace(RUN, recipe=RUN.recipe.replace(**length)).check_same(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", "\0", '{"task": "recognition", "recipe": 3}', '{"task": "cooking"}']
)
def test_damaged(content, tmp_path):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(ValueError, match=r"run.json is not the record of a run: "):
        Run.read(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no run in .*nowhere: .*run.json is missing"):
        Run.read(tmp_path / "nowhere")


def test_fingerprints(tiny, bodies, task):
    clips = tiny.Swinging(5)
    content = fingerprint(clips)
    assert content["classes"] == ["slow", "medium", "fast"]
    assert (content["samples"], content["layout"]) == (5, "stick5")
    assert fingerprint(tiny.Swinging(5)) == content != fingerprint(tiny.Swinging(6))
    source = fingerprint(task.source)
    renamed = task.source[:]
    renamed.names = renamed.names[::-1]
    assert fingerprint(renamed) == source | {"clips": fingerprint(renamed)["clips"]} != source
    both = TASKS["clustering"].fingerprint(task)
    assert both["source"] == source
    assert both["clusters"] == 2
    json.dumps([content, both, TASKS["lifting"].fingerprint(bodies())])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(seed="1"), "expected seed as int, got '1'"),
        (lambda c: c.update(network=[1]), r"expected network as dict, got \[1\]"),
        (lambda c: c.update(colour=1), "unknown field 'colour', expected task, data"),
        (lambda c: c["recipe"].update(colour=1), "unknown field 'colour', expected "),
        (lambda c: c["recipe"].update(batch_size={}), r"expected batch_size as int, got {}"),
        (lambda c: c["recipe"].update(lr="0.1"), "expected lr as float, got '0.1'"),
        (lambda c: c["recipe"].update(nesterov=1), "expected nesterov as bool, got 1"),
        (lambda c: c["recipe"].update(epochs="9"), r"expected epochs as int \| None, got '9'"),
        (
            lambda c: c["recipe"].update(milestones=[1, "2"]),
            r"expected milestones as tuple(\[int, \.\.\.\])?, got \[1, '2'\]",
        ),
    ],
)
def test_each_field_is_checked(change, message, tmp_path):
    content = RUN.to_dict()
    change(content)
    (tmp_path / "run.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=rf"run\.json is not the record of a run: {message}"):
        Run.read(tmp_path)
