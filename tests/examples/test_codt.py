from pathlib import Path

import pytest
import torch

from pyg_skeleton import datasets
from pyg_skeleton.nn.models import CoDT


@pytest.fixture(scope="module")
def example(load_example):
    return load_example("codt")


def few_clips(name):
    return datasets.load_task(name, clips_per_class=30, test_clips_per_class=10, num_frames=16)


def test_network_is_that_of_the_preset(example):
    task = few_clips("embedded")
    skeleton, shared = task.target_train.skeleton, task.shared
    model = example.CoDT(skeleton, shared, 6, 6, 180).eval()
    preset = CoDT.from_preset(
        "small", skeleton, shared=shared, num_classes=6, num_clusters=6, num_samples=180
    ).eval()
    sizes = [sum(p.numel() for p in net.parameters()) for net in (model, preset)]
    assert sizes[0] == sizes[1]
    for name in ("b0", "b1", "b0.student", "b1.teacher"):
        pair = [sum(p.numel() for p in n.get_submodule(name).parameters()) for n in (model, preset)]
        assert pair[0] == pair[1]
    with torch.no_grad():
        for ours, theirs in zip(model.parameters(), preset.parameters(), strict=True):
            theirs.copy_(ours)
        clips = [task.target_test[i] for i in range(5)]
        to_shared = example.ConvertSkeleton(skeleton, shared)
        (pair,) = example.SkeletonLoader([(to_shared(c), c) for c in clips], batch_size=5)
        output = preset(pair[1])
        features = model(*pair)
    torch.testing.assert_close(features, (output.shared_features, output.features))
    torch.testing.assert_close(model.b1.student.clusters(features[1]), output.logits)


def test_learns(example, monkeypatch, capsys):
    def two_actions(name, clips_per_class):
        classes = {"source_classes": ["walking", "waving"], "target_classes": ["running", "bowing"]}
        assert clips_per_class == 50
        sizes = {"clips_per_class": 40, "test_clips_per_class": 20, "num_frames": 16}
        return datasets.load_task(name, **classes, **sizes)

    monkeypatch.setattr(example, "load_task", two_actions)
    results = example.main(["--epochs", "4", "12", "--batch_size", "16"])
    assert len(results) == 16
    # Of 40 clips; the last five epochs, because single ones vary.
    by_classifier, by_k_means = (
        sum(b0 for b0, _ in by) / 5 for by in zip(*results[-5:], strict=True)
    )
    assert by_classifier > 0.65  # chance: a half, or .56 with the better name for each cluster
    assert by_k_means > 0.65
    assert "Stage 2, epoch 12" in capsys.readouterr().out


def test_loop_is_its_own(example):
    source = Path(example.__file__).read_text()
    assert "(torch.nn.Module):" in source
    assert ".backward(" in source
    assert "optimizer.step()" in source
    assert "pyg_skeleton.training" not in source
    assert "lightning" not in source
