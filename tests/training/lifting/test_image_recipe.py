import pytest

from pyg_skeleton.training import ImageLiftingRecipe


def test_stages():
    recipe = ImageLiftingRecipe(100, 4, 0.1, stages=(2, 1, 1))
    assert recipe.stage_ends == (50, 75, 100)
    assert [recipe.stage(step) for step in (0, 49, 50, 74, 75, 99, 100)] == [1, 1, 2, 2, 3, 3, 3]


@pytest.mark.parametrize("only", [1, 2, 3])
def test_one_stage_alone(only):
    lengths = [float(stage == only) for stage in (1, 2, 3)]
    recipe = ImageLiftingRecipe(7, 4, 0.1, stages=tuple(lengths))
    assert {recipe.stage(step) for step in range(7)} == {only}


def test_stages_cover_all_steps():
    recipe = ImageLiftingRecipe(10, 4, 0.1, stages=(1, 1, 1))
    assert recipe.stage_ends[-1] == 10
    assert sorted(recipe.stage(step) for step in range(10)) == [1, 1, 1, 2, 2, 2, 2, 3, 3, 3]


def test_the_schedule_begins_anew():
    options = {"schedule": "cosine", "warmup_steps": 2, "fine_tuning": 0.5}
    recipe = ImageLiftingRecipe(40, 4, 0.1, stages=(2, 1, 1), **options)
    factors = [recipe.learning_rate_factor(step) for step in range(41)]
    assert factors[0] == factors[20] == 0.5  # warming up
    assert factors[1] == factors[21] == 1.0
    assert factors[10] == pytest.approx(0.5)
    assert factors[25] == pytest.approx(0.5)
    assert factors[30] == 0.25
    assert factors[31] == 0.5
    assert factors[35] == pytest.approx(0.25)
    assert factors[40] == pytest.approx(0.0)
    assert factors[2:20] == sorted(factors[2:20], reverse=True)


@pytest.mark.parametrize("stages", [(1, 1), (0, 0, 0), (1, -1, 1)])
def test_refuses(stages):
    with pytest.raises(ValueError, match=r"expected three lengths of stages, not all zero, got \("):
        ImageLiftingRecipe(10, 4, 0.1, stages=stages)
