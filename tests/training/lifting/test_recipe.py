import pytest

from pyg_skeleton.training import LIFTING_RECIPES, ImageLiftingRecipe, LiftingRecipe

SHORT = {"max_steps": 1, "batch_size": 1, "lr": 0.1}


def test_refuses_an_unknown_loss_or_schedule():
    with pytest.raises(ValueError, match="loss mse, l1 or joint_bone, got 'huber'"):
        LiftingRecipe(**SHORT, loss="huber")
    with pytest.raises(ValueError, match="staircase or plateau, got 'linear'"):
        LiftingRecipe(**SHORT, schedule="linear")
    assert LiftingRecipe(**SHORT, schedule="plateau").factor(10) == 1


@pytest.mark.parametrize(
    ("name", "batch_size", "epochs", "loss", "flip"),
    [
        ("sem-gcn-paper", 64, 200, "joint_bone", False),
        ("sem-gcn-code", 64, 50, "mse", False),
        ("martinez", 64, 200, "mse", False),
        ("lcn", 200, 200, "mse", False),
        ("hcsf", 256, 80, "l1", True),
    ],
)
def test_recipes_of_the_papers(name, batch_size, epochs, loss, flip):
    recipe = LIFTING_RECIPES[name]
    assert recipe.batch_size == batch_size
    # Passes over the 1,559,752 poses of the five training subjects at 50 frames per second.
    assert recipe.max_steps * batch_size / 1_559_752 == pytest.approx(epochs, rel=1e-4)
    assert (recipe.loss, recipe.flip) == (loss, flip)
    assert (recipe.algorithm, recipe.lr, recipe.weight_decay) == ("adam", 1e-3, 0)


def test_schedules_of_the_papers():
    code = LIFTING_RECIPES["sem-gcn-code"].factor
    assert [code(step) for step in (0, 99_999, 100_000, 250_000)] == [1, 1, 0.96, 0.96**2]
    lcn = LIFTING_RECIPES["lcn"].factor
    assert lcn(16_000) == pytest.approx(0.96**0.5)
    hcsf = LIFTING_RECIPES["hcsf"]
    epoch = hcsf.max_steps // 80
    assert [hcsf.factor(step) for step in (epoch - 1, epoch)] == [1, 0.95]
    paper = LIFTING_RECIPES["sem-gcn-paper"]
    assert (paper.schedule, paper.decay, paper.bone_weight) == ("plateau", 0.5, 0)


def test_stages():
    recipe = ImageLiftingRecipe(max_steps=100, batch_size=4, lr=0.1, stages=(2, 1, 1))
    assert recipe.stage_ends() == (50, 75, 100)
    assert [recipe.stage(step) for step in (0, 49, 50, 74, 75, 99, 100)] == [1, 1, 2, 2, 3, 3, 3]


@pytest.mark.parametrize("only", [1, 2, 3])
def test_one_stage_alone(only):
    lengths = [float(stage == only) for stage in (1, 2, 3)]
    recipe = ImageLiftingRecipe(max_steps=7, batch_size=4, lr=0.1, stages=tuple(lengths))
    assert {recipe.stage(step) for step in range(7)} == {only}


def test_stages_cover_all_steps():
    recipe = ImageLiftingRecipe(max_steps=10, batch_size=4, lr=0.1, stages=(1, 1, 1))
    assert recipe.stage_ends()[-1] == 10
    assert sorted(recipe.stage(step) for step in range(10)) == [1, 1, 1, 2, 2, 2, 2, 3, 3, 3]


def test_the_schedule_begins_anew():
    options = {"schedule": "cosine", "warmup": 2, "fine_tuning": 0.5}
    recipe = ImageLiftingRecipe(max_steps=40, batch_size=4, lr=0.1, stages=(2, 1, 1), **options)
    factors = [recipe.factor(step) for step in range(41)]
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
        ImageLiftingRecipe(max_steps=10, batch_size=4, lr=0.1, stages=stages)
