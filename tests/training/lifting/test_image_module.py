import copy

import pandas as pd
import pytest
import torch

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import RenderedPoses, SyntheticLifting
from pyg_skeleton.metrics import mpjpe
from pyg_skeleton.nn import ImageBackbone, SmallResNet, integral_loss
from pyg_skeleton.nn.loss import pose_loss
from pyg_skeleton.nn.models import ImageLifter, SemGCN
from pyg_skeleton.training import (
    ImageLiftingModule,
    ImageLiftingRecipe,
    SkeletonDataModule,
    SkeletonModule,
    create_trainer,
    lift_images,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]


@pytest.fixture(scope="module")
def pictures():
    options = {"clips_per_class": 1, "clip_length": 4, "num_subjects": 3, "num_cameras": 1}
    poses = SyntheticLifting("train", "h36m16", classes=["walking", "kicking"], **options)
    return RenderedPoses(poses.sequences, poses.skeleton, image_size=32)


def a_model(pictures):
    torch.manual_seed(0)
    backbone = ImageBackbone(SmallResNet((4, 4, 4, 4, 4)))
    graph = SemGCN(pictures.skeleton, 18, hidden_channels=8, num_blocks=1, channelwise=True)
    return ImageLifter(backbone, graph, head_channels=4)


def a_recipe(steps, stages, **kwargs):
    return ImageLiftingRecipe(
        max_steps=steps, batch_size=4, lr=0.01, stages=stages, gradient_clip=1.0, **kwargs
    )


def fit(folder, model, pictures, recipe, val=None, resume=False, **kwargs):
    module = ImageLiftingModule(model, recipe)
    data = SkeletonDataModule(pictures, val, 4, steps_per_epoch=2)
    trainer = create_trainer(folder, recipe.max_steps, resume, accelerator="cpu", **kwargs)
    trainer.fit(module, data, ckpt_path=folder / "last.ckpt" if resume else None)
    return module


def state(module):
    return {name: value.clone() for name, value in module.state_dict().items()}


def changed(before, module):
    after = module.state_dict()
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_first_stage_trains_the_2d_network_alone(pictures, tmp_path):
    model = a_model(pictures)
    before = state(model)
    fit(tmp_path, model, pictures, a_recipe(4, (1, 0, 0)))
    assert {name.split(".")[0] for name in changed(before, model)} == {"backbone", "head"}
    assert any("running_mean" in name for name in changed(before, model))


def test_second_stage_leaves_the_2d_network_alone(pictures, tmp_path):
    """Bit for bit, running statistics and all."""
    model = a_model(pictures)
    before = state(model)
    fit(tmp_path, model, pictures, a_recipe(4, (0, 1, 0), weight_decay=0.1))
    assert {name.split(".")[0] for name in changed(before, model)} == {"graph"}
    assert all(p.requires_grad for p in model.parameters())


def test_second_stage_after_the_first(pictures, tmp_path):
    """Neither momentum nor old gradients move the 2-D network on."""
    model = a_model(pictures)
    states = []

    class Spy(ImageLiftingModule):
        def on_train_batch_end(self, *args):
            states.append((self.recipe.stage(self.global_step - 1), state(self.model)))

    recipe = a_recipe(8, (1, 2, 1), weight_decay=0.1)
    data = SkeletonDataModule(pictures, None, 4, steps_per_epoch=3)
    create_trainer(tmp_path, 8, accelerator="cpu").fit(Spy(model, recipe), data)
    assert [stage for stage, _ in states] == [1, 1, 2, 2, 2, 2, 3, 3]
    (_, first), (_, second), (_, third) = states[1], states[5], states[6]
    two_d = [name for name in first if not name.startswith("graph.")]
    assert all(torch.equal(first[name], second[name]) for name in two_d)
    moved = {name for name in second if not torch.equal(second[name], third[name])}
    assert {name.split(".")[0] for name in moved} == {"backbone", "head", "graph"}


def test_losses(pictures, monkeypatch):
    model = a_model(pictures)
    monkeypatch.setattr(SkeletonModule, "on_train_batch_start", lambda *args: None)
    torch.nn.init.normal_(model.head.out.weight, std=2.0)
    batch = next(iter(SkeletonLoader(pictures, 4)))
    for stage, expected in ((1, {"loss_2d"}), (2, {"loss_3d"}), (3, {"loss_2d", "loss_3d"})):
        lengths = tuple(float(i == stage) for i in (1, 2, 3))
        module = ImageLiftingModule(model, a_recipe(4, lengths, bone_weight=0.5))
        logged = {}
        monkeypatch.setattr(
            module, "log_dict", lambda losses, logged=logged, **_: logged.update(losses)
        )
        module.on_train_batch_start(batch, 0)
        twin = copy.deepcopy(model)
        total = module.training_step(batch, 0)
        assert set(logged) == expected
        pose, keypoints = twin(batch)
        losses = {
            "loss_2d": integral_loss(keypoints / 2, batch.x / 2, 4),
            "loss_3d": pose_loss(pose, batch.target, model.skeleton, 0.5),
        }
        for name in expected:
            torch.testing.assert_close(logged[name], losses[name])
        torch.testing.assert_close(total, sum(losses[name] for name in expected))


def test_joints_that_nobody_sees(pictures, monkeypatch):
    module = ImageLiftingModule(a_model(pictures), a_recipe(4, (1, 0, 0)))
    monkeypatch.setattr(module, "log_dict", lambda *args, **kwargs: None)
    batch = next(iter(SkeletonLoader(pictures, 4)))
    batch.visible = torch.zeros(64, dtype=torch.bool)
    assert float(module.training_step(batch, 0).detach()) == 0


def test_learns(pictures, tmp_path):
    """A few pictures by heart."""
    model = a_model(pictures)
    recipe = a_recipe(60, (1, 1, 1), fine_tuning=1.0)
    before = lift_images(model, pictures)
    fit(tmp_path, model, pictures, recipe)
    after = lift_images(model, pictures)
    for old, new, true in zip(before, after, (pictures.positions, pictures.keypoints), strict=True):
        assert (new - true).norm(dim=-1).mean() < 0.7 * (old - true).norm(dim=-1).mean()


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_held_out_errors(pictures, tmp_path, average):
    model, recipe = a_model(pictures), a_recipe(2, (0, 0, 1), average=average)
    fit(tmp_path, model, pictures, recipe, pictures, check_val_every_n_epoch=1)
    row = pd.read_csv(tmp_path / "metrics.csv").iloc[-1]
    poses, keypoints = lift_images(model, pictures)
    assert row["val_mpjpe_mm"] == pytest.approx(
        float(mpjpe(poses, pictures.positions).mean()), 1e-4
    )
    pixels = (keypoints - pictures.keypoints).norm(dim=-1).mean() * 16
    assert row["val_pixels"] == pytest.approx(float(pixels), 1e-4)


def test_resumed_equals_never_stopped(pictures, tmp_path):
    """Across the border of two stages."""
    recipe = a_recipe(8, (1, 1, 1), schedule="cosine")
    whole = fit(tmp_path / "whole", a_model(pictures), pictures, recipe)

    class Stop(ImageLiftingModule):
        def on_train_batch_end(self, *args):
            self.trainer.should_stop = self.global_step >= 4

    data = SkeletonDataModule(pictures, None, 4, steps_per_epoch=2)
    trainer = create_trainer(tmp_path / "halves", 8, accelerator="cpu")
    trainer.fit(Stop(a_model(pictures), recipe), data)
    assert trainer.global_step == 4
    halves = fit(tmp_path / "halves", a_model(pictures), pictures, recipe, resume=True)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, halves.state_dict()[name]), name


def test_refuses_to_resume_another_network(pictures, tmp_path):
    fit(tmp_path, a_model(pictures), pictures, a_recipe(2, (1, 0, 0)))
    with pytest.raises(ValueError, match=r"another training: stages=\[1, 0, 0\] there, \[0, 1, 0"):
        fit(tmp_path, a_model(pictures), pictures, a_recipe(4, (0, 1, 0)), resume=True)
