from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import WeightedRandomSampler

from pyg_skeleton import Skeleton
from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.io import write_exp_map
from pyg_skeleton.nn.models import SymGNN
from pyg_skeleton.transforms import Standardize


@pytest.fixture(scope="module")
def example(load_example):
    return load_example("sym_gnn")


#: Six joints, for speed.
STICK = Skeleton(
    "stick6",
    ("pelvis", "neck", "left_wrist", "right_wrist", "left_ankle", "right_ankle"),
    bones=((1, 0), (2, 1), (3, 1), (4, 0), (5, 0)),
    root=0,
    parts={"trunk": (0, 1), "left_arm": (2,), "right_arm": (3,), "legs": (4, 5)},
)


def few_clips(clips_per_class, **kwargs):
    few = {"clips_per_class": clips_per_class // 2, "num_subjects": 8}
    return SyntheticMotion(STICK, classes=["walking", "waving", "jumping"], **few, **kwargs)


def test_network_is_that_of_the_preset(example):
    skeleton = Skeleton.get("cmu26")
    mean, std = torch.randn(26, 3), torch.rand(26, 3) + 0.5
    model = example.Net(skeleton, 8, Standardize(mean, std)).eval()
    preset = SymGNN.from_preset("tiny").eval()
    preset.set_normalization(mean, std)
    assert sum(p.numel() for p in model.parameters()) == 692_391
    with torch.no_grad():
        for ours, theirs in zip(model.parameters(), preset.parameters(), strict=True):
            theirs.copy_(ours)
        x = torch.randn(4 * 26, 20, 3)
        logits, future = model(x, torch.arange(4).repeat_interleave(26))
        output = preset.forward_clips(x, torch.arange(4), num_clips=4)
    torch.testing.assert_close(logits, output.logits)
    torch.testing.assert_close(future, output.prediction)


def test_learns(example, monkeypatch, capsys):
    monkeypatch.setattr(example, "SyntheticMotion", few_clips)
    accuracy, errors, baseline = example.main(["--epochs", "4"])
    assert accuracy > 0.6  # chance: a third
    assert list(errors) == [80, 160, 320, 400, 560, 1000]
    assert errors[400] < 0.9 * baseline[400]
    assert errors[1000] < 0.8 * baseline[1000]
    assert f"test accuracy {accuracy:.1%}, error at 400 ms" in capsys.readouterr().out


def test_each_head_follows_its_own_loss(example):
    """With one task at a weight of zero, the heads take the step that they take alone."""
    train_set = few_clips(8, split="train", num_observed=20, num_future=25)
    train_set.transform = standardize = Standardize(*train_set.statistics)
    model = example.Net(train_set.skeleton, 3, standardize)
    (batch,) = example.SkeletonLoader(train_set, batch_size=12)
    seen = {}

    class Optimizer(torch.optim.SGD):
        def step(self):
            seen.update({name: p.grad.clone() for name, p in model.named_parameters()})

    optimizer = Optimizer(model.parameters(), 1.0)
    schedule = torch.optim.lr_scheduler.ConstantLR(optimizer)
    loss_recg, loss_pred, weight = example.train(model, [batch], optimizer, schedule)
    assert 0 <= weight <= 1
    logits, future = model(batch.x, batch.batch)
    losses = {
        "classifier": torch.nn.functional.cross_entropy(logits, batch.y),
        "decoder": torch.nn.functional.l1_loss(future, batch.target),
    }
    torch.testing.assert_close([loss_recg, loss_pred], [float(x.detach()) for x in losses.values()])
    parameters = dict(model.named_parameters())
    single = [
        dict(
            zip(
                parameters,
                torch.autograd.grad(
                    loss, parameters.values(), retain_graph=True, materialize_grads=True
                ),
                strict=True,
            )
        )
        for loss in losses.values()
    ]
    expected = {
        name: single[0][name]
        if "classifier" in name
        else single[1][name]
        if "decoder" in name
        else weight * single[0][name] + (1 - weight) * single[1][name]
        for name in parameters
    }
    norm = torch.cat([g.flatten() for g in expected.values()]).norm()
    for name, gradient in expected.items():
        expected_gradient = gradient / norm.clamp(min=1)
        torch.testing.assert_close(seen[name], expected_gradient, atol=1e-4, rtol=1e-3)


@pytest.mark.filterwarnings("ignore:.*files are missing", "ignore:.*in both splits")
def test_reads_cmu_mocap(example, monkeypatch, tmp_path):
    names = [f"{split}/{a}/{a}" for split in ("train", "test") for a in ("walking", "running")]
    for seed, name in enumerate(names):
        time = np.arange(240)[:, None] / 60
        table = np.zeros((240, 117))
        table[:, 9:18] = np.sin((1 + seed % 2) * time + np.linspace(0, 3, 9)) / 2
        (tmp_path / name).parent.mkdir(parents=True)
        write_exp_map(tmp_path / f"{name}_1.txt", table)
    monkeypatch.setattr(
        example, "WeightedRandomSampler", lambda w, num_samples: WeightedRandomSampler(w, 32)
    )
    accuracy, errors, baseline = example.main(["--root", str(tmp_path), "--epochs", "1"])
    assert 0 <= accuracy <= 1
    assert 0 < baseline[80] < baseline[400]  # radians
    assert all(0 < error < 10 for error in errors.values())


def test_loop_is_its_own(example):
    source = Path(example.__file__).read_text()
    assert "(torch.nn.Module):" in source
    assert ".backward(" in source
    assert "optimizer.step()" in source
    assert "pyg_skeleton.training" not in source
    assert "lightning" not in source
