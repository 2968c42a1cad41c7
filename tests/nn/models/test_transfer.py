"""Weights by the names of joints and edges, against plain loops."""

import pytest
import torch

from pyg_skeleton.nn.models import CTRGCN, LCN, SemGCN, SkeletalGNN, SymGNN, transfer_weights
from pyg_skeleton.skeleton import Skeleton

NTU, KINECT = Skeleton.get("ntu25"), Skeleton.get("kinect20")
SMALL = {"channels": (8, 16), "strides": (1, 2)}


@pytest.fixture
def pair():
    source, target = CTRGCN(NTU, 5, **SMALL), CTRGCN(KINECT, 3, **SMALL)
    for value in source.state_dict().values():
        if value.is_floating_point():
            value.copy_(torch.randn_like(value))
    return source, target, {n: v.clone() for n, v in target.state_dict().items()}


def test_each_joint_keeps_its_norm_and_each_pair_its_weight(pair):
    source, target, before = pair
    report = transfer_weights(source, target)
    ours, theirs = (m.norm.weight.view(2, m.skeleton.num_joints, 3) for m in (target, source))
    start = before["norm.weight"].view(2, 20, 3)
    there = {name: v for v, name in enumerate(NTU.joints)}
    for v, name in enumerate(KINECT.joints):
        expected = theirs[:, there[name]] if name in there else start[:, v]
        assert torch.equal(ours[:, v], expected)
        for w, other in enumerate(KINECT.joints):
            own = target.blocks[1].conv.shared[:, v, w]
            if name in there and other in there:
                expected = source.blocks[1].conv.shared[:, there[name], there[other]]
            else:
                expected = before["blocks.1.conv.shared"][:, v, w]
            assert torch.equal(own, expected)
    assert report.made == ["classifier.weight", "classifier.bias"]
    assert report.left == []
    assert {"norm.running_var", "blocks.0.conv.shared"} <= set(report.partly)
    assert torch.equal(target.blocks[0].conv.weight, source.blocks[0].conv.weight)


@pytest.mark.parametrize("kind", [SemGCN, LCN, SkeletalGNN])
def test_each_edge_keeps_its_weight(kind):
    options = {"num_blocks": 1, "hidden_channels": 8}
    source, target = (kind(name, **options) for name in ("h36m17", "h36m16"))
    transfer_weights(source, target)
    pairs = 0
    for ours, theirs in zip(target.modules(), source.modules(), strict=True):
        if not hasattr(ours, "template"):
            continue
        weights = [list(getattr(m, "weights", [])) or [m.edge_weight.t()] for m in (ours, theirs)]
        for g, (own, given) in enumerate(zip(*weights, strict=True)):
            edges = [_edges(m, s, g) for m, s in ((ours, target), (theirs, source))]
            for edge, row in edges[0].items():
                if edge in edges[1]:
                    assert torch.equal(own[row], given[edges[1][edge]])
                    pairs += 1
    assert pairs > 40


def _edges(module, model, g):
    edges = module.template.relation(module.template.edge_index, g)
    names = model.skeleton.joints
    return {(names[i], names[j]): row for row, (i, j) in enumerate(edges.t().tolist())}


def test_bones_and_parts_go_by_name(tmp_path):
    source = SymGNN.from_preset("tiny", "ntu25", num_future=2, differences=(0,))
    target = SymGNN.from_preset("tiny", "kinect20", num_future=2, differences=(0,))
    report = transfer_weights(source, target)
    assert any(name.startswith("bone_net") for name in report.partly)
    assert any("part_blocks" in name for name in report.partly)


def test_other_classes_on_the_same_body(tmp_path):
    CTRGCN(NTU, 5, **SMALL).save(tmp_path / "model.pt")
    model = CTRGCN.load(tmp_path / "model.pt", num_classes=4)
    assert model.num_classes == model.config["num_classes"] == 4
    assert model.transfer.made == ["classifier.weight", "classifier.bias"]
    assert model.transfer.partly == []
    model.save(tmp_path / "four.pt")
    assert CTRGCN.load(tmp_path / "four.pt").transfer is None


def test_bodies_without_a_common_joint_raise():
    other = Skeleton("hook", ["a", "b"], [("b", "a")], "a")
    with pytest.raises(ValueError, match="'ntu25' and 'hook' have no joint in common"):
        transfer_weights(CTRGCN(NTU, 5, **SMALL), CTRGCN(other, 5, **SMALL))
