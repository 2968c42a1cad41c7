from pathlib import Path

import pytest
import torch

from pyg_skeleton import SkeletonLoader
from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.nn.models import SkeletonGCL, create_model


@pytest.fixture(scope="module")
def example(load_example):
    return load_example("skeleton_gcl")


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


def test_contrast_is_that_of_the_library(example):
    clips = few_clips("kinect20", "train")
    model = create_model("ctr_gcn", "nw-ucla-small", num_classes=2)
    gcl = SkeletonGCL(model, num_classes=2, per_class=342)
    contrast = example.GraphContrast(num_joints=20, num_classes=2)
    contrast.head.load_state_dict(gcl.head.state_dict())
    graphs = []
    model.blocks[-1].conv.refinement.register_forward_hook(
        lambda module, args, graph: graphs.append(graph)
    )
    for first in (0, 8, 16):
        (batch,) = SkeletonLoader([clips[first + i] for i in range(8)], batch_size=8)
        torch.manual_seed(2)
        expected = gcl(batch).contrast
        torch.manual_seed(2)
        loss = contrast(graphs.pop(), batch.y)
        torch.testing.assert_close(loss, expected)
    assert float(loss.detach()) > 0


def test_hook_is_gone_after_an_epoch(example):
    clips = few_clips("kinect20", "train")
    loader = SkeletonLoader([clips[i] for i in range(8)], batch_size=8)
    model, contrast = example.CTRGCN(clips.skeleton, 2), example.GraphContrast(20, 2)
    optimizer = torch.optim.SGD([*model.parameters(), *contrast.parameters()], 0.1)
    scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer, 1.0)
    example.train(model, contrast, loader, optimizer, scheduler, "cpu")
    assert not model.blocks[-1].conv.refinement._forward_hooks
    assert int(contrast.instances.count.sum()) == int(contrast.semantics.count.sum()) == 8


@pytest.mark.parametrize("options", [[], ["--no_contrast"]])
def test_learns(example, monkeypatch, capsys, options):
    monkeypatch.setattr(example, "SyntheticMotion", few_clips)
    short = ["--epochs", "8", "--num_frames", "16", "--batch_size", "8", "--lr", "0.03"]
    accuracy = example.main([*short, *options])
    assert accuracy > 0.6  # chance: a half
    assert f"test accuracy {accuracy:.1%}" in capsys.readouterr().out


def test_loop_is_its_own(example):
    source = Path(example.__file__).read_text()
    assert "(torch.nn.Module):" in source
    assert ".backward(" in source
    assert "optimizer.step()" in source
    assert "pyg_skeleton.training" not in source
    assert "lightning" not in source
