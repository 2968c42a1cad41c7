from pathlib import Path

import pytest
import torch

from pyg_skeleton.datasets import SyntheticLifting
from pyg_skeleton.metrics import mpjpe
from pyg_skeleton.nn.models import create_model


@pytest.fixture(scope="module")
def example(load_example):
    return load_example("hcsf")


def few_poses(split, skeleton, **kwargs):
    few = {"train": 6, "test": 2}[split]
    return SyntheticLifting(split, skeleton, clips_per_class=few, classes=["walking", "waving"])


def baseline(skeleton):
    """The error of the mean training pose."""
    train, test = few_poses("train", skeleton), few_poses("test", skeleton)
    mean = train.positions.mean(0).expand_as(test.positions)
    return float(mpjpe(mean, test.positions, test.skeleton.root).mean())


@pytest.mark.parametrize(
    ("preset", "num_parameters"), [("paper", 4_309_619), ("dynamic", 4_376_611)]
)
def test_network_is_that_of_the_preset(example, preset, num_parameters):
    preset = create_model("skeletal_gnn", preset).eval()
    model = example.SkeletalGNN(preset.skeleton, dynamic=preset.config["dynamic"]).eval()
    assert sum(p.numel() for p in model.parameters()) == num_parameters
    missing, _ = model.load_state_dict(dict(preset.named_parameters()), strict=False)
    assert not set(missing) & dict(model.named_parameters()).keys()
    x = torch.rand(3 * 17, 2) - 0.5
    torch.testing.assert_close(model(x), preset.forward_poses(x))


def test_mirrored_poses(example):
    data = few_poses("test", "h36m17-lcn")
    x = torch.rand(2 * 17, 3)
    mirrored = example.mirror(x, data.skeleton)
    left, right = data.skeleton.mirror[0]
    torch.testing.assert_close(mirrored[17 + left], x[17 + right] * torch.tensor([-1.0, 1, 1]))
    torch.testing.assert_close(example.mirror(mirrored, data.skeleton), x)


@pytest.mark.parametrize("options", [[], ["--dynamic"]])
def test_learns(example, monkeypatch, capsys, options):
    monkeypatch.setattr(example, "SyntheticLifting", few_poses)
    error = example.main(["--epochs", "3", "--batch_size", "64", *options])
    assert error < 0.9 * baseline("h36m17-lcn")
    out = capsys.readouterr().out
    assert f"MPJPE {error:.1f} mm, PA-MPJPE" in out
    assert "Worst 5 % of the poses" in out


def test_loop_is_its_own(example):
    source = Path(example.__file__).read_text()
    assert "(torch.nn.Module):" in source
    assert ".backward(" in source
    assert "optimizer.step()" in source
    assert "pyg_skeleton.training" not in source
    assert "lightning" not in source
