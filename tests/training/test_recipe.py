import math
from dataclasses import replace

import pytest
import torch

from pyg_skeleton.training import (
    CODT_RECIPES,
    IMAGE_LIFTING_RECIPES,
    LIFTING_RECIPES,
    RECOGNITION_RECIPES,
    SYM_GNN_RECIPES,
    Recipe,
)


def recipe(**changes):
    return Recipe(**({"max_steps": 100, "batch_size": 4, "lr": 0.1} | changes))


# The learning rates of the four recipes that this one replaced, as they were.


def old_rate_by_step(recipe, step, max_steps=None):
    max_steps = recipe.max_steps if max_steps is None else max_steps
    if step < recipe.warmup:
        return recipe.lr * (step + 1) / recipe.warmup
    done = min(step / max_steps, 1.0)
    factor = {
        "step": lambda: 0.1 ** int(done / 0.3),
        "cosine": lambda: 0.5 * (1 + math.cos(math.pi * done)),
        "exponential": lambda: recipe.decay ** (step / recipe.decay_steps),
        "staircase": lambda: recipe.decay ** (step // recipe.decay_steps),
    }.get(recipe.schedule, lambda: 1.0)()
    return recipe.lr * factor


def old_rate_by_epoch(recipe, epoch):
    warm = min(1.0, (epoch + 1) / recipe.warmup) if recipe.warmup else 1.0
    if recipe.schedule == "cosine":
        return recipe.lr * warm * (1 + math.cos(math.pi * epoch / recipe.epochs)) / 2
    return recipe.lr * warm * recipe.decay ** sum(m <= epoch for m in recipe.milestones)


def old_rate_of_codt(recipe, epoch):
    return recipe.lr if epoch < recipe.clustering_epoch else recipe.clustering_lr


def old_rate_of_images(recipe, step):
    ends = recipe.stage_ends()
    stage = next((i for i, end in enumerate(ends, 1) if step < end), 3)
    start, end = (0, *ends)[stage - 1 : stage + 1]
    rate = old_rate_by_step(recipe, step - start, max(1, end - start))
    return rate * recipe.fine_tuning if stage == 3 else rate


@pytest.mark.parametrize(
    ("recipes", "old"),
    [
        (SYM_GNN_RECIPES, old_rate_by_step),
        (LIFTING_RECIPES, old_rate_by_step),
        (IMAGE_LIFTING_RECIPES, old_rate_of_images),
        (RECOGNITION_RECIPES, old_rate_by_epoch),
        (CODT_RECIPES, old_rate_of_codt),
    ],
)
def test_the_learning_rates_of_the_recipes_are_what_they_were(recipes, old):
    for name, settings in recipes.items():
        length = settings.length()
        times = range(length) if length <= 2000 else range(0, length, length // 1999)
        for time in {*times, length - 1, length}:
            rate = settings.learning_rate(time)
            assert rate == pytest.approx(old(settings, time), rel=1e-12, abs=1e-18), (name, time)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_steps": 0}, "max_steps >= 1, got 0"),
        ({"epochs": 3}, "either epochs or max_steps, got epochs=3 and max_steps=100"),
        ({"max_steps": None}, "either epochs or max_steps, got epochs=None and max_steps=None"),
        ({"batch_size": 0}, "batch_size >= 1, got 0"),
        ({"steps_per_epoch": 0}, "steps_per_epoch >= 1, got 0"),
        ({"lr": 0.0}, "lr > 0, got 0.0"),
        ({"schedule": "linear"}, "constant, .* staircase or plateau, got 'linear'"),
        ({"schedule": "cosin"}, r"got 'cosin' \(did you mean 'cosine'\?\)"),
        ({"decay": 1.5}, "0 < decay <= 1, got 1.5"),
        ({"decay_steps": 0}, "decay_steps >= 1, got 0"),
        ({"warmup": -1}, "warmup >= 0, got -1"),
        ({"frozen_epochs": -1}, "frozen_epochs >= 0, got -1"),
        ({"average": 1.0}, r"average in \[0, 1\), got 1.0"),
        ({"gradient_clip": -0.5}, "gradient_clip >= 0, got -0.5"),
        ({"algorithm": "rmsprop"}, "adam or sgd, got 'rmsprop'"),
        ({"unit": "hour"}, "step or epoch, got 'hour'"),
        ({"milestones": (3,)}, r"no milestones with schedule 'constant', got \(3,\)"),
    ],
)
def test_refuses_values_out_of_range(changes, message):
    with pytest.raises(ValueError, match=message):
        recipe(**changes)


def test_constant_schedule_after_a_warm_up():
    factor = recipe(warmup=4).factor
    assert [factor(step) for step in (0, 1, 3, 4, 99, 1000)] == [0.25, 0.5, 1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("max_steps", [100, 84_000, 500_000, 700])
def test_step_schedule_falls_at_30_60_and_90_percent(max_steps):
    factor = recipe(schedule="step", max_steps=max_steps).factor
    for number in (1, 2, 3):
        step = max_steps * 3 * number // 10
        assert factor(step) == pytest.approx(0.1**number)
        assert factor(step - 1) == pytest.approx(0.1 ** (number - 1))
    assert factor(5 * max_steps) == pytest.approx(0.001)


def test_milestones():
    factor = recipe(schedule="milestones", milestones=(2, 4), decay=0.5).factor
    assert [factor(time) for time in range(6)] == [1, 1, 0.5, 0.5, 0.25, 0.25]


def test_cosine_schedule():
    factor = recipe(schedule="cosine", warmup=10).factor
    assert factor(9) == 1.0
    assert factor(25) == pytest.approx(0.5 * (1 + math.cos(math.pi / 4)))
    assert factor(50) == pytest.approx(0.5)
    assert factor(100) == factor(200) == pytest.approx(0.0)


def test_exponential_schedules():
    smooth = recipe(schedule="exponential", decay=0.5, decay_steps=10).factor
    assert [smooth(step) for step in (0, 5, 10, 20)] == pytest.approx([1, 0.5**0.5, 0.5, 0.25])
    stairs = recipe(schedule="staircase", decay=0.5, decay_steps=10).factor
    assert [stairs(step) for step in (0, 9, 10, 19, 20)] == [1, 1, 0.5, 0.5, 0.25]


def test_lengths():
    by_step, by_epoch = recipe(), recipe(max_steps=None, epochs=7, unit="epoch")
    assert (by_step.num_steps(30), by_step.length()) == (100, 100)
    assert (by_epoch.num_steps(30), by_epoch.length()) == (210, 7)
    assert by_step.replace(epochs=7).length(30) == 210
    assert by_epoch.replace(max_steps=100).length(30) == 4
    with pytest.raises(ValueError, match="the length in epochs needs the number of steps"):
        by_epoch.replace(max_steps=100).length()


def test_replacing():
    changed = recipe().replace(epochs=3, lr=0.5)
    assert (changed.epochs, changed.max_steps, changed.lr) == (3, None, 0.5)
    assert changed.replace(max_steps=9) == replace(changed, epochs=None, max_steps=9)
    with pytest.raises(ValueError, match=r"got 'batch' \(did you mean 'batch_size'\?\)"):
        recipe().replace(batch=3)


def test_optimizers():
    weight = [torch.nn.Parameter(torch.zeros(1))]
    sgd = recipe(algorithm="sgd", weight_decay=0.5, momentum=0.8, nesterov=False).optimizer(weight)
    assert isinstance(sgd, torch.optim.SGD)
    group = sgd.param_groups[0]
    assert (group["lr"], group["momentum"], group["nesterov"]) == (0.1, 0.8, False)
    assert group["weight_decay"] == 0.5
    adam = recipe(weight_decay=0.5).optimizer(weight)
    assert isinstance(adam, torch.optim.AdamW)
    assert (adam.param_groups[0]["lr"], adam.param_groups[0]["weight_decay"]) == (0.1, 0.5)


@pytest.mark.parametrize("algorithm", ["adam", "sgd"])
def test_one_kernel_for_all_weights_on_a_gpu(algorithm):
    class OnGPU(torch.nn.Parameter):
        is_cuda = True

    for parameter, fused in ((torch.nn.Parameter, None), (OnGPU, True)):
        optimizer = recipe(algorithm=algorithm).optimizer([parameter(torch.zeros(2))])
        assert optimizer.defaults["fused"] is fused
