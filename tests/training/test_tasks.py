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
