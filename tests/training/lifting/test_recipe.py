import pytest

from pyg_skeleton.training import LIFTING_RECIPES, LiftingRecipe


def test_refuses_an_unknown_loss_or_schedule():
    with pytest.raises(ValueError, match="loss mse, l1 or joint_bone, got 'huber'"):
        LiftingRecipe(1, 1, 0.1, loss="huber")
    with pytest.raises(ValueError, match="staircase or plateau, got 'linear'"):
        LiftingRecipe(1, 1, 0.1, schedule="linear")
    assert LiftingRecipe(1, 1, 0.1, schedule="plateau").learning_rate_factor(10) == 1


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
    code = LIFTING_RECIPES["sem-gcn-code"].learning_rate_factor
    assert [code(step) for step in (0, 99_999, 100_000, 250_000)] == [1, 1, 0.96, 0.96**2]
    lcn = LIFTING_RECIPES["lcn"].learning_rate_factor
    assert lcn(16_000) == pytest.approx(0.96**0.5)
    hcsf = LIFTING_RECIPES["hcsf"]
    epoch = hcsf.max_steps // 80
    assert [hcsf.learning_rate_factor(step) for step in (epoch - 1, epoch)] == [1, 0.95]
    paper = LIFTING_RECIPES["sem-gcn-paper"]
    assert (paper.schedule, paper.decay, paper.bone_weight) == ("plateau", 0.5, 0)
