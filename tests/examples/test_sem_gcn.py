import importlib.util
from pathlib import Path

import pytest
import torch

from pyg_skeleton.datasets import SyntheticLifting
from pyg_skeleton.metrics import mpjpe
from pyg_skeleton.nn.models import create_model

PATH = Path(__file__).parents[2] / "examples" / "sem_gcn.py"


@pytest.fixture(scope="module")
def example():
    """The example as a module."""
    spec = importlib.util.spec_from_file_location("sem_gcn_example", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def few_poses(split, skeleton, **kwargs):
    few = {"clips_per_class": 2, "num_subjects": 5, "classes": ["walking", "waving"]}
    return SyntheticLifting(split, skeleton, **few)


def test_network_is_that_of_the_preset(example):
    preset = create_model("sem_gcn", "paper").eval()
    model = example.SemGCN(preset.skeleton).eval()
    assert sum(p.numel() for p in model.parameters()) == 434_703
    model.load_state_dict(dict(preset.named_parameters()), strict=False)
    x = torch.rand(3 * 16, 2) - 0.5
    torch.testing.assert_close(model(x), preset.forward_poses(x))


def test_learns(example, monkeypatch, capsys):
    monkeypatch.setattr(example, "SyntheticLifting", few_poses)
    error = example.main(["--epochs", "4", "--batch_size", "64"])
    train, test = few_poses("train", "h36m16"), few_poses("test", "h36m16")
    mean_pose = train.positions.mean(0).expand_as(test.positions)
    baseline = float(mpjpe(mean_pose, test.positions, test.skeleton.root).mean())
    print(error, baseline)
    assert error < 0.7 * baseline
    out = capsys.readouterr().out
    assert f"MPJPE {error:.1f} mm, PA-MPJPE" in out
    assert "average over actions" in out


def test_loop_is_its_own():
    source = PATH.read_text()
    assert "(torch.nn.Module):" in source
    assert ".backward(" in source
    assert "optimizer.step()" in source
    assert "pyg_skeleton.training" not in source
    assert "lightning" not in source
