from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from pyg_skeleton.training import LIFTING_RECIPES
from pyg_skeleton.training.module import SkeletonModule

RECIPE = LIFTING_RECIPES["tiny"]


@pytest.fixture
def make(little_sem_gcn):
    def module(recipe=RECIPE, seed=0, skeleton="h36m16", **options):
        return SkeletonModule(little_sem_gcn(skeleton, **options), recipe, seed)

    return module


def checkpoint(module):
    content = {module.CHECKPOINT_HYPER_PARAMS_KEY: dict(module.hparams)}
    module.on_save_checkpoint(content)
    return content


def test_an_epoch_has_a_random_state_of_its_own(make):
    def draw(seed, epoch):
        module = make(seed=seed)
        module._trainer = SimpleNamespace(current_epoch=epoch, global_rank=0)
        torch.rand(epoch + 1)  # whatever happened before
        module.on_train_epoch_start()
        return float(torch.rand(()))

    drawn = [draw(seed, epoch) for seed in (0, 1) for epoch in (0, 1, 2)]
    assert len(set(drawn)) == 6
    assert draw(1, 2) == drawn[-1]


def test_a_longer_run_may_go_on(make):
    content = checkpoint(make())
    make().on_load_checkpoint(content)
    make(replace(RECIPE, max_steps=RECIPE.max_steps + 1)).on_load_checkpoint(content)


def test_a_setting_may_be_newer_than_the_checkpoint(make):
    content = checkpoint(make())
    del content["hyper_parameters"]["accumulate"]
    make().on_load_checkpoint(content)
    with pytest.raises(ValueError, match="accumulate=1 there, 2 here"):
        make(replace(RECIPE, accumulate=2)).on_load_checkpoint(content)


def test_another_run_may_not(make):
    content = checkpoint(make())
    with pytest.raises(ValueError, match=r"another training: lr=.* there, 0.5 here; seed=0 there"):
        make(replace(RECIPE, lr=0.5), seed=1).on_load_checkpoint(content)
    with pytest.raises(ValueError, match="another training: hidden_channels=8 there, 4 here"):
        make(hidden_channels=4).on_load_checkpoint(content)
    with pytest.raises(ValueError, match="another skeleton: "):
        make(skeleton="h36m17").on_load_checkpoint(content)
    with pytest.raises(ValueError, match="the checkpoint is not of a SkeletonModule"):
        make().on_load_checkpoint({})


def test_optimizer_and_schedule_of_the_recipe(make):
    assert make().configure_optimizers().defaults["lr"] == RECIPE.lr
    module = make(replace(RECIPE, schedule="plateau", decay=0.25))
    module._trainer = SimpleNamespace(check_val_every_n_epoch=3)
    found = module.configure_optimizers()
    assert found["lr_scheduler"]["scheduler"].factor == 0.25
    assert found["lr_scheduler"]["frequency"] == 3


def test_the_learning_rate_of_a_step(make, monkeypatch):
    module = make()
    optimizer = module.configure_optimizers()
    module._trainer = SimpleNamespace(optimizers=[optimizer], global_step=50, current_epoch=3)
    monkeypatch.setattr(module, "log", lambda *args, **kwargs: None)
    module.on_train_batch_start(None, 0)
    assert optimizer.param_groups[0]["lr"] == RECIPE.learning_rate(50) == RECIPE.lr * 51 / 100
