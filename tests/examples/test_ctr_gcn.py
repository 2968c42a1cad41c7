from pathlib import Path

import pytest
import torch

from pyg_skeleton import SkeletonLoader
from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.nn.models import create_model


@pytest.fixture(scope="module")
def example(load_example):
    return load_example("ctr_gcn")


def few_clips(skeleton, split, **kwargs):
    classes = ["walking", "sitting_down"]
    return SyntheticMotion(skeleton, split, 30, 0, clips_per_class=24, classes=classes)


def test_network_is_that_of_the_preset(example):
    preset = create_model("ctr_gcn", "nw-ucla-small").eval()
    model = example.CTRGCN(preset.skeleton, 10).eval()
    assert sum(p.numel() for p in model.parameters()) == 234_744
    missing, _ = model.load_state_dict(dict(preset.named_parameters()), strict=False)
    assert not set(missing) & dict(model.named_parameters()).keys()
    clips = few_clips("kinect20", "test")
    (batch,) = SkeletonLoader([clips[i] for i in range(3)], batch_size=3)
    torch.testing.assert_close(model(batch.x, batch.batch), preset(batch))


def test_learns(example, monkeypatch, capsys):
    monkeypatch.setattr(example, "SyntheticMotion", few_clips)
    short = ["--epochs", "8", "--num_frames", "16", "--batch_size", "8", "--lr", "0.03"]
    accuracy = example.main([*short])
    assert accuracy > 0.6  # chance: a half
    assert f"test accuracy {accuracy:.1%}" in capsys.readouterr().out


def test_loop_is_its_own(example):
    source = Path(example.__file__).read_text()
    assert "(torch.nn.Module):" in source
    assert ".backward(" in source
    assert "optimizer.step()" in source
    assert "pyg_skeleton.training" not in source
    assert "lightning" not in source
