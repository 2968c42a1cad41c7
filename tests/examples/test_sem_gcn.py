from pathlib import Path

import pytest
import torch

from pyg_skeleton.datasets import SyntheticLifting
from pyg_skeleton.metrics import mpjpe
from pyg_skeleton.nn.models import create_model


@pytest.fixture(scope="module")
def example(load_example):
    return load_example("sem_gcn")


def few_poses(split, skeleton, **kwargs):
    few = {"train": 6, "test": 2}[split]
    return SyntheticLifting(split, skeleton, clips_per_class=few, classes=["walking", "waving"])


def baseline(skeleton):
    """The error of the mean training pose."""
    train, test = few_poses("train", skeleton), few_poses("test", skeleton)
    mean = train.positions.mean(0).expand_as(test.positions)
    return float(mpjpe(mean, test.positions, test.skeleton.root).mean())


def test_network_is_that_of_the_preset(example):
    preset = create_model("sem_gcn", "paper").eval()
    model = example.SemGCN(preset.skeleton).eval()
    assert sum(p.numel() for p in model.parameters()) == 434_703
    missing, _ = model.load_state_dict(dict(preset.named_parameters()), strict=False)
    assert not set(missing) & dict(model.named_parameters()).keys()
    x = torch.rand(3 * 16, 2) - 0.5
    torch.testing.assert_close(model(x), preset.forward_poses(x))


def test_learns(example, monkeypatch, capsys):
    monkeypatch.setattr(example, "SyntheticLifting", few_poses)
    error = example.main(["--epochs", "4", "--batch_size", "64"])
    assert error < 0.9 * baseline("h36m16")
    out = capsys.readouterr().out
    assert f"MPJPE {error:.1f} mm, PA-MPJPE" in out
    assert "average over actions" in out


def test_loop_is_its_own(example):
    source = Path(example.__file__).read_text()
    assert "(torch.nn.Module):" in source
    assert ".backward(" in source
    assert "optimizer.step()" in source
    assert "pyg_skeleton.training" not in source
    assert "lightning" not in source
