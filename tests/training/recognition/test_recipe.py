import pytest
import torch

from pyg_skeleton.training import RECOGNITION_RECIPES, RecognitionRecipe


def rates(recipe):
    return [recipe.learning_rate(epoch) for epoch in range(recipe.epochs)]


def test_skeleton_gcl_on_ntu():
    """0.1 after five epochs of warm-up, a tenth of it from 35 on, a hundredth from 55 on."""
    recipe = RECOGNITION_RECIPES["ctr-gcn-ntu"]
    expected = [0.02, 0.04, 0.06, 0.08] + 31 * [0.1] + 20 * [0.01] + 10 * [0.001]
    assert rates(recipe) == pytest.approx(expected)
    assert (recipe.batch_size, recipe.weight_decay, recipe.num_frames) == (64, 4e-4, 64)


def test_skeleton_gcl_on_nw_ucla():
    recipe = RECOGNITION_RECIPES["ctr-gcn-nw-ucla"]
    assert rates(recipe) == pytest.approx([0.02, 0.04, 0.06, 0.08] + 46 * [0.1] + 15 * [0.01])
    assert (recipe.batch_size, recipe.weight_decay) == (16, 1e-4)
    assert (recipe.num_frames, recipe.repeat) == (52, 5)


@pytest.mark.parametrize(
    ("name", "epochs", "batch", "decay", "falls"),
    [
        ("st-gcn-ntu", 80, 64, 1e-4, [10, 50]),
        ("st-gcn-kinetics", 50, 256, 1e-4, [20, 30, 40]),
        ("agcn-ntu", 50, 64, 1e-4, [30, 40]),
        ("aagcn-ntu", 50, 64, 1e-4, [30, 40]),
        ("info-gcn-ntu", 110, 128, 5e-4, [90, 100]),
        ("hcsf-ntu", 60, 64, 5e-4, [35, 45]),
    ],
)
def test_recipes_of_the_papers(name, epochs, batch, decay, falls):
    recipe = RECOGNITION_RECIPES[name]
    assert (recipe.epochs, recipe.batch_size, recipe.weight_decay) == (epochs, batch, decay)
    rate = rates(recipe)
    assert max(rate) == pytest.approx(0.1)
    assert [e for e in range(1, epochs) if rate[e] < rate[e - 1]] == falls


def test_a_cosine_falls_from_the_rate_to_nearly_nothing():
    recipe = RecognitionRecipe(epochs=4, batch_size=1, lr=0.2, schedule="cosine")
    half = 0.5**0.5
    assert rates(recipe) == pytest.approx([0.2, 0.1 * (1 + half), 0.1, 0.1 * (1 - half)])


def test_the_loss_of_info_gcn():
    recipe = RECOGNITION_RECIPES["info-gcn-ntu"]
    assert (recipe.loss, recipe.label_smoothing) == ("info_gcn", 0.1)


def test_optimizer():
    recipe = RecognitionRecipe(epochs=1, batch_size=1, lr=0.3, weight_decay=0.01)
    optimizer = recipe.optimizer([torch.nn.Parameter(torch.zeros(1))])
    group = optimizer.param_groups[0]
    assert isinstance(optimizer, torch.optim.SGD)
    assert (group["lr"], group["momentum"], group["nesterov"]) == (0.3, 0.9, True)
    assert group["weight_decay"] == 0.01


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "expected epochs >= 1, got 0"),
        ({"repeat": 0}, "expected repeat >= 1, got 0"),
        ({"warmup": -1}, "expected warmup >= 0, got -1"),
        ({"lr": 0.0}, "expected lr > 0, got 0.0"),
        ({"decay": 0.0}, "expected 0 < decay <= 1, got 0.0"),
        ({"label_smoothing": 1.0}, "expected 0 <= label_smoothing < 1, got 1.0"),
        ({"milestones": (5, 3)}, r"expected increasing milestones >= 1, got \(5, 3\)"),
        ({"milestones": (0, 3)}, r"expected increasing milestones >= 1, got \(0, 3\)"),
        ({"pipeline": "sgn"}, "expected pipeline ctrgcn, .* got .sgn."),
        ({"schedule": "linear"}, "expected schedule constant, milestones, .* got 'linear'"),
        ({"schedule": "cosine", "milestones": (1,)}, r"milestones with schedule 'cosine', got \(1"),
        (
            {"loss": "info_gcn", "class_weights": True},
            "class_weights are those of the c",
        ),
        ({"loss": "focal"}, "expected loss cross_entropy or info_gcn, got 'focal'"),
    ],
)
def test_refuses_what_makes_no_sense(changes, message):
    with pytest.raises(ValueError, match=message):
        RecognitionRecipe(**{"epochs": 2, "batch_size": 2} | changes)
