import pytest

from pyg_skeleton.training import TASKS, get_task


def test_names():
    assert list(TASKS) == ["recognition", "motion", "lifting", "image-lifting", "clustering"]
    with pytest.raises(ValueError, match=r"expected task .* got 'liftin' \(did you mean 'lifting'"):
        get_task("liftin")


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_every_network_has_a_preset_and_a_recipe_for_any_data(task):
    for model, kind in task.models.items():
        for data in ("embedded", "ntu60", "ntu120", "nw-ucla", "kinetics", "clips", "h36m", "cmu"):
            preset, recipe = task.plan(data, model)
            assert preset in kind.presets
            assert recipe in task.recipes.values()


@pytest.mark.parametrize(
    ("task", "data", "model", "preset", "recipe"),
    [
        ("recognition", "ntu60", "ctr_gcn", "ntu60", "ctr-gcn-ntu"),
        ("recognition", "ntu120", "info_gcn", "ntu120", "info-gcn-ntu"),
        ("recognition", "pose-annotations", "ctr_gcn", "ntu60", "ctr-gcn-ntu"),
        ("recognition", "kinetics", "st_gcn", "kinetics", "st-gcn-kinetics"),
        ("recognition", "nw-ucla", "ctr_gcn", "nw-ucla", "ctr-gcn-nw-ucla"),
        ("recognition", "utd-mhad", "ctr_gcn", "nw-ucla-small", "nw-ucla-small"),
        ("recognition", "clips", "sym_gnn", "tiny", "nw-ucla-small"),
        ("recognition", "embedded", "st_gcn", "quarter", "tiny"),
        ("recognition", "embedded", "info_gcn", "nw-ucla", "info-gcn-small"),
        ("motion", "h36m", "sym_gnn", "h36m", "h36m"),
        ("motion", "embedded", "sym_gnn", "tiny", "tiny"),
        ("lifting", "h36m", "skeletal_gnn", "paper", "hcsf"),
        ("lifting", "embedded", "sem_gcn", "paper", "tiny"),
        ("clustering", "ntu60-skeletics", "codt", "paper", "paper"),
        ("clustering", "embedded", "codt", "small", "small"),
    ],
)
def test_defaults_fit_the_data(task, data, model, preset, recipe):
    task = TASKS[task]
    assert task.plan(data, model) == (preset, task.recipes[recipe])


def test_aagcn_is_a_preset_with_a_recipe_of_its_own():
    task = TASKS["recognition"]
    assert task.plan("ntu60", "agcn")[1] == task.recipes["agcn-ntu"]
    assert task.plan("ntu60", "agcn", "aagcn-ntu60")[1] == task.recipes["aagcn-ntu"]


def test_changes_of_the_recipe():
    task = TASKS["recognition"]
    _, recipe = task.plan("ntu60", "ctr_gcn", lr=0.5, max_steps=3, batch_size=None)
    assert recipe == task.recipes["ctr-gcn-ntu"].replace(lr=0.5, max_steps=3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "ctrgcn"}, r"expected model .* got 'ctrgcn' \(did you mean 'ctr_gcn'\?\)"),
        ({"preset": "ntu6"}, r"expected preset of ctr_gcn .* \(did you mean 'ntu60'\?\)"),
        ({"recipe": "ctr-gcn"}, r"expected recipe .* \(did you mean 'ctr-gcn-ntu'\?\)"),
        ({"lr": -1.0}, "expected lr > 0, got -1.0"),
    ],
)
def test_wrong_names_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        TASKS["recognition"].plan(**{"data": "ntu60", "model": "ctr_gcn"} | changes)
