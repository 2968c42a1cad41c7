import math

import pytest
import torch

from pyg_skeleton.nn.models import SymGNN
from pyg_skeleton.training import SYM_GNN_RECIPES, SymGNNRecipe


def recipe(**changes):
    return SymGNNRecipe(**({"max_steps": 100, "batch_size": 4, "lr": 0.1} | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_steps": 0}, "max_steps >= 1, got 0"),
        ({"batch_size": 0}, "batch_size >= 1, got 0"),
        ({"lr": 0.0}, "lr > 0, got 0.0"),
        ({"schedule": "linear"}, "constant, step, cosine, .* or staircase, got 'linear'"),
        ({"schedule": "plateau"}, "or staircase, got 'plateau'"),
        ({"decay": 1.5}, "0 < decay <= 1, got 1.5"),
        ({"decay_steps": 0}, "decay_steps >= 1, got 0"),
        ({"algorithm": "rmsprop"}, "adam or sgd, got 'rmsprop'"),
        ({"balance": "even"}, r"number in \[0, 1\], got 'even'"),
        ({"balance": 1.5}, r"number in \[0, 1\], got 1.5"),
    ],
)
def test_refuses_what_it_cannot_train_with(changes, message):
    with pytest.raises(ValueError, match=message):
        recipe(**changes)


@pytest.mark.parametrize("balance", ["mgda", "mgda-loss", 0.0, 1, "0.25"])
def test_knows_these_balances(balance):
    assert recipe(balance=balance).balance == balance


def test_constant_schedule_after_a_warm_up():
    factor = recipe(warmup_steps=4).learning_rate_factor
    assert [factor(step) for step in (0, 1, 3, 4, 99, 1000)] == [0.25, 0.5, 1.0, 1.0, 1.0, 1.0]


def test_step_schedule_divides_by_ten_at_30_60_and_90_percent():
    factor = recipe(schedule="step").learning_rate_factor
    steps = (0, 29, 30, 59, 60, 89, 90, 100, 500)
    expected = [1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001, 0.001]
    assert [factor(step) for step in steps] == pytest.approx(expected)


@pytest.mark.parametrize("max_steps", [100, 84_000, 500_000, 700])
def test_step_schedule_steps_exactly_there(max_steps):
    factor = recipe(schedule="step", max_steps=max_steps).learning_rate_factor
    for number in (1, 2, 3):
        step = max_steps * 3 * number // 10
        assert factor(step) == pytest.approx(0.1**number)
        assert factor(step - 1) == pytest.approx(0.1 ** (number - 1))


def test_cosine_schedule():
    factor = recipe(schedule="cosine", warmup_steps=10).learning_rate_factor
    assert factor(9) == 1.0
    assert factor(25) == pytest.approx(0.5 * (1 + math.cos(math.pi / 4)))
    assert factor(50) == pytest.approx(0.5)
    assert factor(100) == factor(200) == pytest.approx(0.0)


def test_exponential_schedules():
    smooth = recipe(schedule="exponential", decay=0.5, decay_steps=10).learning_rate_factor
    assert [smooth(step) for step in (0, 5, 10, 20)] == pytest.approx([1, 0.5**0.5, 0.5, 0.25])
    stairs = recipe(schedule="staircase", decay=0.5, decay_steps=10).learning_rate_factor
    assert [stairs(step) for step in (0, 9, 10, 19, 20)] == [1, 1, 0.5, 0.5, 0.25]


def test_optimizers():
    weight = [torch.nn.Parameter(torch.zeros(1))]
    sgd = recipe(algorithm="sgd", weight_decay=0.5).optimizer(weight)
    assert isinstance(sgd, torch.optim.SGD)
    group = sgd.param_groups[0]
    assert (group["lr"], group["momentum"], group["nesterov"]) == (0.1, 0.9, True)
    assert group["weight_decay"] == 0.5
    adam = recipe(weight_decay=0.5).optimizer(weight)
    assert isinstance(adam, torch.optim.AdamW)
    assert (adam.param_groups[0]["lr"], adam.param_groups[0]["weight_decay"]) == (0.1, 0.5)


def test_every_preset_has_its_recipe():
    assert set(SYM_GNN_RECIPES) == set(SymGNN.presets)


def test_recipes_of_the_paper():
    """Section 6.1.2: SGD with Nesterov momentum for NTU and Kinetics, Adam for motion capture."""
    for name in ("ntu", "kinetics"):
        printed = SYM_GNN_RECIPES[name]
        assert (printed.algorithm, printed.lr, printed.schedule) == ("sgd", 0.1, "step")
        assert printed.batch_size == 48
    for name in ("h36m", "cmu"):
        printed = SYM_GNN_RECIPES[name]
        assert (printed.algorithm, printed.lr, printed.batch_size) == ("adam", 1e-4, 64)
        assert printed.num_observed == 50
