import pandas as pd
import pytest
import torch
from lightning.pytorch.callbacks import Callback

from pyg_skeleton.data import batch_poses
from pyg_skeleton.nn.models import SkeletalGNN
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.training import LiftingModule, LiftingRecipe, SkeletonDataModule, create_trainer

pytestmark = [
    pytest.mark.filterwarnings("ignore:::lightning.*"),
    pytest.mark.filterwarnings("ignore:.*LeafSpec:"),
]


def recipe(**changes):
    options = {"max_steps": 8, "batch_size": 8, "lr": 0.01, "schedule": "cosine", "flip": True}
    return LiftingRecipe(**(options | changes))


@pytest.fixture
def fit(bodies, little_sem_gcn):
    def run(out, resume=False, callbacks=(), model=None, val=True, seed=0, epochs=2, **changes):
        model = little_sem_gcn(dropout=0.2) if model is None else model
        frames = {"num_frames": model.num_frames, "skeleton": model.skeleton.name}
        held_out = bodies(seed=1, **frames) if val else None
        plan = recipe(**changes)
        data = SkeletonDataModule(bodies(**frames), held_out, plan.batch_size, 3, seed)
        hardware = {"accelerator": "cpu", "devices": 1, "check_val_every_n_epoch": epochs}
        trainer = create_trainer(out, plan.max_steps, resume, **hardware)
        trainer.callbacks.extend(callbacks)
        module = LiftingModule(model, plan, seed)
        trainer.fit(module, data, ckpt_path=out / "last.ckpt" if resume else None)
        return trainer, module

    return run


class Interrupt(Exception):
    pass


class InterruptAt(Callback):
    def __init__(self, step):
        self.step = step

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        if trainer.global_step == self.step:
            raise Interrupt


@pytest.mark.parametrize("schedule", ["cosine", "plateau"])
def test_interrupted_and_resumed_equals_never_interrupted(fit, tmp_path, schedule):
    changes = {"schedule": schedule, "decay": 0.5, "gradient_clip": 0.5, "epochs": 1}
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    _, expected = fit(whole, **changes)
    for step in (4, 7):
        with pytest.raises(Interrupt):
            fit(broken, broken.exists(), [InterruptAt(step)], **changes)
    _, resumed = fit(broken, True, **changes)
    for name, value in expected.model.state_dict().items():
        assert torch.equal(resumed.model.state_dict()[name], value), name
    ends = [torch.load(out / "last.ckpt", weights_only=True) for out in (whole, broken)]
    one, two = (end["optimizer_states"][0]["state"] for end in ends)
    assert all(torch.equal(one[i][key], two[i][key]) for i in one for key in one[i])
    assert ends[0]["lr_schedulers"] == ends[1]["lr_schedulers"]
    assert (whole / "metrics.csv").read_text() == (broken / "metrics.csv").read_text()


def test_what_a_run_logs(fit, tmp_path):
    fit(tmp_path)
    table = pd.read_csv(tmp_path / "metrics.csv")
    assert table.dropna(subset="loss")["step"].tolist() == list(range(8))
    held_out = table.dropna(subset="val_mpjpe_mm")
    assert held_out["step"].tolist() == [5]
    assert held_out["val_mpjpe_mm"].between(1, 10_000).all()
    hparams = (tmp_path / "hparams.yaml").read_text()
    for line in ("model: SemGCN", "space: root-relative", "hidden_channels: 8", "loss: mse"):
        assert line in hparams


@pytest.mark.parametrize("average", [0.0, 0.9])
def test_the_error_of_held_out_poses_is_in_millimeters(fit, bodies, tmp_path, average):
    _, module = fit(tmp_path, max_steps=6, average=average)
    val = bodies(seed=1)
    pose = module.model.lift(val.keypoints)
    pose = 1000 * (pose - pose[:, :1])
    expected = (pose - val.positions).norm(dim=-1).mean()
    logged = pd.read_csv(tmp_path / "metrics.csv")["val_mpjpe_mm"].dropna().item()
    assert logged == pytest.approx(float(expected), rel=1e-4)


def test_learns(fit, tmp_path):
    fit(tmp_path, max_steps=60, val=False, flip=False)
    losses = pd.read_csv(tmp_path / "metrics.csv")["loss"].dropna()
    assert losses.iloc[-3:].mean() < 0.5 * losses.iloc[0]


def test_trains_on_windows(fit, tmp_path):
    skeleton = Skeleton.get("h36m17-lcn")
    model = SkeletalGNN(skeleton, hidden_channels=8, num_frames=9, dynamic=True)
    trainer, _ = fit(tmp_path, model=model, max_steps=2)
    assert trainer.global_step == 2


def test_losses_by_hand(little_sem_gcn):
    model = little_sem_gcn()
    prediction, target = torch.randn(2, 32, 3)
    error = (prediction - target).view(2, 16, 3)
    child, parent = torch.tensor(model.skeleton.bones).T
    bones = error[:, parent] - error[:, child]

    def loss(**changes):
        return LiftingModule(model, recipe(**changes)).loss(prediction, target)

    assert torch.allclose(loss(loss="mse"), error.square().mean())
    assert torch.allclose(loss(loss="l1"), error.abs().mean())
    joints = error.square().sum((1, 2)).mean()
    both = joints + bones.square().sum((1, 2)).mean()
    assert torch.allclose(loss(loss="joint_bone"), both)
    assert torch.allclose(loss(loss="joint_bone", bone_weight=0.0), joints)


@pytest.mark.parametrize("frames", [1, 9])
def test_mirrors_half_of_the_poses_with_their_targets(little_sem_gcn, frames):
    model = little_sem_gcn()
    shape = (400, 16, 2) if frames == 1 else (400, 16, frames, 2)
    x, target = torch.randn(shape), torch.randn(400, 16, 3)
    batch = batch_poses(model.skeleton, x, target=target)
    torch.manual_seed(0)
    mirrored = LiftingModule(model, recipe())._mirror_some(batch)
    assert torch.equal(batch.x, x.flatten(0, 1))  # the batch itself is left alone
    other = mirrored.x.view(x.shape)
    same = (other == x).flatten(1).all(1)
    assert 150 < int(same.sum()) < 250
    swapped = x[:, model.skeleton.mirror_index].clone()
    swapped[..., 0] *= -1
    assert torch.equal(other[~same], swapped[~same])
    swapped = target[:, model.skeleton.mirror_index] * torch.tensor([-1, 1, 1])
    assert torch.equal(mirrored.target.view(400, 16, 3)[~same], swapped[~same])
    assert torch.equal(mirrored.target.view(400, 16, 3)[same], target[same])


def test_clips_the_gradient(fit, tmp_path):
    norms = []

    class Watch(Callback):
        def on_train_batch_end(self, trainer, pl_module, *args):
            gradients = [p.grad for p in pl_module.parameters() if p.grad is not None]
            norms.append(float(torch.nn.utils.get_total_norm(gradients)))

    fit(tmp_path, callbacks=[Watch()], max_steps=3, gradient_clip=1e-3)
    assert norms == pytest.approx([1e-3] * 3, rel=1e-3)


def test_halves_the_rate_when_held_out_poses_get_no_better(fit, tmp_path, monkeypatch):
    monkeypatch.setattr("pyg_skeleton.training.module.PATIENCE", 1)
    monkeypatch.setattr(
        LiftingModule, "validation_step", lambda self, batch, i: self.log("val_loss", 1.0)
    )
    changes = {"schedule": "plateau", "decay": 0.5, "max_steps": 15, "epochs": 1}
    trainer, _ = fit(tmp_path, **changes)
    # The first epoch sets the mark, the third and the fifth are the second without a better one.
    assert trainer.optimizers[0].param_groups[0]["lr"] == pytest.approx(0.01 / 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lr": 0.02}, "another training: lr=0.01 there, 0.02 here"),
        ({"loss": "l1"}, "another training: loss='mse' there, 'l1' here"),
        ({"seed": 1}, "another training: seed=0 there, 1 here"),
    ],
)
def test_refuses_a_checkpoint_of_another_training(fit, tmp_path, changes, message):
    fit(tmp_path, max_steps=3)
    with pytest.raises(ValueError, match=message):
        fit(tmp_path, True, max_steps=3, **changes)


def test_refuses_a_checkpoint_of_another_network(fit, little_sem_gcn, tmp_path):
    fit(tmp_path, max_steps=3)
    other = little_sem_gcn("h36m17", dropout=0.2)
    with pytest.raises(ValueError, match=r"another skeleton: joints: only there \[head\]"):
        fit(tmp_path, True, model=other, max_steps=3)
    other = little_sem_gcn(dropout=0.2)
    other.target_space = "pixel-depth"
    with pytest.raises(ValueError, match="space='root-relative' there, 'pixel-depth' here"):
        fit(tmp_path, True, model=other, max_steps=3)


def test_image_features_cannot_be_mirrored(little_sem_gcn):
    model = little_sem_gcn(in_channels=66)
    with pytest.raises(ValueError, match="the network reads 66 channels per joint"):
        LiftingModule(model, recipe())
    LiftingModule(model, recipe(flip=False))
