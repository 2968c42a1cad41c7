from pathlib import Path

import pytest
import torch
from torch_geometric.nn import GCNConv

from pyg_skeleton import Skeleton
from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.nn import SemGConv


@pytest.fixture(scope="module")
def example(load_example):
    return load_example("pyg_layers")


def few_clips(skeleton, split, **kwargs):
    few = {"clips_per_class": 30, "num_subjects": 5, "classes": ["walking", "waving", "jumping"]}
    return SyntheticMotion(skeleton, split, **few, **kwargs)


def test_learns_and_explains(example, monkeypatch, capsys):
    monkeypatch.setattr(example, "SyntheticMotion", few_clips)
    accuracy, mask = example.main(["--epochs", "8"])
    assert list(accuracy) == ["GCNConv", "SemGConv"]
    assert min(accuracy.values()) > 0.5  # chance: a third
    skeleton = Skeleton.get("cmu26")
    assert mask.shape == (2 * len(skeleton.bones),)
    assert mask.min() >= 0
    assert mask.max() <= 1
    assert mask.std() > 0.01
    assert "The edges that make it say 'walking'" in capsys.readouterr().out


def test_only_the_layer_differs(example):
    skeleton = Skeleton.get("cmu26")
    counts = []
    for conv in (GCNConv, lambda i, o: SemGConv(i, o, skeleton)):
        model = example.Net(conv, 30, 64, 12)
        counts.append(sum(p.numel() for p in model.parameters()))
        data = skeleton.to_data(torch.randn(26, 30))
        assert model(data.x, data.edge_index).shape == (1, 12)
    # Twice two matrices instead of one, and a weight for each edge and each self-loop.
    edges = 2 * len(skeleton.bones) + 26
    assert counts[1] - counts[0] == 64 * 30 + 64 * 64 + 2 * edges


def test_loop_is_its_own(example):
    source = Path(example.__file__).read_text()
    assert "(torch.nn.Module):" in source
    assert ".backward(" in source
    assert "optimizer.step()" in source
    assert "pyg_skeleton.training" not in source
    assert "lightning" not in source
