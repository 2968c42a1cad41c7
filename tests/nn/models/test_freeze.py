"""Parts of networks that keep their weights."""

import copy

import pytest
import torch
from torch.nn.modules.batchnorm import _BatchNorm

from pyg_skeleton.nn import ImageBackbone, SmallResNet
from pyg_skeleton.nn.models import (
    CTRGCN,
    ImageLifter,
    InfoGCN,
    SemGCN,
    list_models,
)

SMALL = {"channels": (8,), "strides": (1,)}


@pytest.mark.parametrize("name", list_models())
def test_every_network_is_backbone_and_head(name, small_network):
    model = small_network(name)
    learns = {n for n, p in model.named_parameters() if p.requires_grad}
    frozen = {}
    for part in ("backbone", "head"):
        model.freeze(part)
        assert model.frozen == (part,)
        frozen[part] = {n for n in learns if not model.get_parameter(n).requires_grad}
        model.unfreeze()
        assert {n for n, p in model.named_parameters() if p.requires_grad} == learns
    assert frozen["backbone"] | frozen["head"] == learns
    assert frozen["backbone"]
    assert frozen["head"]
    assert not frozen["backbone"] & frozen["head"]


def test_parts_of_a_part():
    model = CTRGCN("kinect20", 3, channels=(8, 8), strides=(1, 1))
    model.freeze("graphs", "norm", "blocks.0")
    fixed = {n for n, p in model.named_parameters() if not p.requires_grad}
    first = {n for n, _ in model.named_parameters() if n.startswith("blocks.0.")}
    assert fixed == first | {"norm.weight", "norm.bias", "blocks.1.conv.shared"}
    assert model.frozen == ("graphs", "norm", "blocks.0")
    heads = InfoGCN("kinect20", 3, **SMALL, hidden_channels=8).named_parts()["head"]
    assert set(heads) == {"hidden", "latent_mean", "latent_log_std", "classifier"}
    images = ImageLifter(ImageBackbone(SmallResNet((4,) * 5)), SemGCN("h36m16", 18), 4)
    images.freeze("backbone")
    assert not any(p.requires_grad for p in images.backbone.parameters())
    assert all(p.requires_grad for p in (*images.head.parameters(), *images.graph.parameters()))


def test_unknown_parts_are_refused():
    model = CTRGCN("kinect20", 3, **SMALL)
    with pytest.raises(
        ValueError, match="unknown part 'bakbone' of CTRGCN; did you mean 'backbone"
    ):
        model.freeze("head", "bakbone")
    with pytest.raises(ValueError, match=r"unknown part 'decoder' .* expected one of \['backbone"):
        model.freeze("decoder")
    assert model.frozen == ()
    assert all(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize(
    ("parts", "statistics"), [(("backbone",), False), (("backbone",), True), ((), True)]
)
def test_statistics_of_frozen_parts(parts, statistics):
    model = CTRGCN("kinect20", 3, **SMALL).freeze(*parts, statistics=statistics)
    assert all(p.requires_grad for p in model.blocks.parameters()) is (not parts)
    data = model.example_input(4, num_frames=8)
    for _ in range(2):  # the mode may change in between, and copies keep it
        before = {n: b.clone() for n, b in model.named_buffers()}
        model.train()(data)
        changed = {n for n, b in model.named_buffers() if not torch.equal(b, before[n])}
        assert bool(changed) is not statistics
        model.eval()
        model = copy.deepcopy(model)
    norms = [m for m in model.modules() if isinstance(m, _BatchNorm)]
    model.train()
    assert {norm.training for norm in norms} == {not statistics}
    model.unfreeze()
    assert all(norm.training for norm in norms)


def test_the_head_alone_learns():
    model = SemGCN("h36m16", hidden_channels=8, num_blocks=1).freeze("backbone")
    before = {n: p.clone() for n, p in model.named_parameters()}
    optimizer = torch.optim.SGD((p for p in model.parameters() if p.requires_grad), lr=1.0)
    model(model.example_input(3)).square().sum().backward()
    optimizer.step()
    changed = {n for n, p in model.named_parameters() if not torch.equal(p, before[n])}
    assert changed
    assert all(name.startswith("output.") for name in changed)
