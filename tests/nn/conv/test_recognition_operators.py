"""The operators of ST-GCN, 2s-AGCN, CTR-GCN and InfoGCN against their equations."""

import copy

import pytest
import torch

from pyg_skeleton.nn import (
    AdaptiveGraphConv,
    CTRGConv,
    MultiScaleTemporalConv,
    SelfAttentionGraphConv,
    SpatialGraphConv,
)
from pyg_skeleton.skeleton import Skeleton, partition_neighbors
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
    assert_union_equals_static,
    requires_cpp_compiler,
)

KINECT = Skeleton.get("kinect20")

LAYERS = {
    "spatial": lambda: SpatialGraphConv(8, 16, KINECT),
    "spatial, distance": lambda: SpatialGraphConv(8, 4, KINECT, "distance", edge_importance=False),
    "adaptive": lambda: AdaptiveGraphConv(8, 16, KINECT),
    "adaptive, tanh": lambda: AdaptiveGraphConv(8, 16, KINECT, attention="tanh"),
    "ctrg": lambda: CTRGConv(8, 16, KINECT),
    "self-attention": lambda: SelfAttentionGraphConv(8, 16, KINECT),
}


def make(name):
    torch.manual_seed(0)
    layer = LAYERS[name]()
    for p in layer.parameters():  # nothing starts at zero or one
        if p.dim() <= 1:
            torch.nn.init.normal_(p)
    return layer


@pytest.mark.parametrize("name", LAYERS)
def test_forms_agree(name):
    layer = make(name)
    x = torch.randn(3 * 20, 5, 8)
    assert_fused_equals_propagate(layer, x)
    assert_union_equals_static(layer, KINECT, 8)


@pytest.mark.parametrize("name", LAYERS)
def test_gradients_state_and_autocast(name):
    layer, x = make(name), torch.randn(2 * 20, 5, 8)
    assert_all_parameters_get_gradients(layer, x)
    assert_state_dict_round_trip(lambda: copy.deepcopy(layer), x)
    assert_autocast(layer, 0.3 * x, tolerance=0.1)


@requires_cpp_compiler
@pytest.mark.parametrize("name", ["adaptive", "ctrg"])
def test_compiles(name):
    assert_compiles(make(name), torch.randn(2 * 20, 5, 8))


def check(layer, x, expected):
    """Values and gradients."""
    torch.testing.assert_close(layer(x), expected)
    weight = torch.randn_like(expected)
    inputs = [x, *layer.parameters()]
    ours = torch.autograd.grad((layer(x) * weight).sum(), inputs)
    theirs = torch.autograd.grad((expected * weight).sum(), inputs)
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b)


def one_body(frames=4, channels=8):
    return torch.randn(20, frames, channels, dtype=torch.float64, requires_grad=True)


def test_spatial_is_the_printed_equation():
    conv, x = make("spatial").double(), one_body()
    expected = 0
    for k, a in enumerate(partition_neighbors(KINECT).double() * conv.importance):
        h = x @ conv.weight[k].t() + conv.bias[k]
        expected = expected + torch.einsum("wv,vtc->wtc", a, h)
    check(conv, x, expected)


@pytest.mark.parametrize("name", ["adaptive", "adaptive, tanh"])
def test_adaptive_is_the_printed_equation(name):
    conv, x = make(name).double(), one_body()
    theta, phi = conv.similarity.embed(x).view(20, 4, 2, 3, 4).permute(2, 3, 0, 1, 4)
    expected = conv.bias.sum(0)
    for k, a in enumerate(partition_neighbors(KINECT, "directed").double()):
        product = torch.einsum("wtc,vtc->wv", phi[k], theta[k]) / (4 * 4)
        if conv.alpha is None:
            graph = a + conv.learned[k] + product.softmax(dim=1)
        else:
            graph = conv.learned[k] + conv.alpha * product.tanh()
        expected = expected + torch.einsum("wv,vtc,dc->wtd", graph, x, conv.weight[k])
    check(conv, x, expected)


def test_ctrg_is_the_printed_equation():
    conv, x = make("ctrg").double(), one_body()
    mean = x.mean(1)
    psi_i, psi_j = conv.refinement.embed(mean).view(20, 2, 3, 1).permute(1, 2, 0, 3)
    expected = 0
    for k in range(3):
        difference = (psi_i[k].unsqueeze(1) - psi_j[k].unsqueeze(0)).tanh()  # [V, V, 1]
        q = difference @ conv.refinement.weight[k].t() + conv.refinement.bias[k]
        graph = conv.shared[k].unsqueeze(-1) + conv.alpha * q
        h = x @ conv.weight[k].t() + conv.bias[k]
        expected = expected + torch.einsum("uvc,vtc->utc", graph, h)
    check(conv, x, expected)
    torch.testing.assert_close(
        conv.refinement(x)[0, 2], q.permute(2, 0, 1)
    )  # what SkeletonGCL contrasts


def test_self_attention_is_the_printed_equation():
    conv, x = make("self-attention").double(), one_body()
    h = conv.attention.norm(x)
    q, key = conv.attention.embed(h).view(20, 4, 2, 3, 1).permute(2, 3, 1, 0, 4)
    expected = conv.bias.sum(0)
    for k in range(3):
        attention = (q[k] @ key[k].transpose(1, 2)).softmax(dim=-1)  # [T, V, V]
        graph = conv.shared[k] * attention
        expected = expected + torch.einsum("tuv,vtc,dc->utd", graph, x, conv.weight[k])
    check(conv, x, expected)


def test_how_they_start():
    shared = CTRGConv(8, 16, KINECT).shared
    torch.testing.assert_close(shared.data, partition_neighbors(KINECT, "directed").transpose(1, 2))
    assert SelfAttentionGraphConv(8, 16, KINECT).shared.eq(torch.eye(20)).all()
    conv = AdaptiveGraphConv(8, 16, KINECT, attention="tanh")
    assert float(conv.alpha.detach()) == 0
    assert torch.equal(conv.learned.data, partition_neighbors(KINECT, "directed"))
    with pytest.raises(ValueError, match="'softmax' or 'tanh', got 'relu'"):
        AdaptiveGraphConv(8, 16, KINECT, attention="relu")


@pytest.mark.parametrize("kind", ["ctrg", "adaptive", "self-attention"])
def test_hooks_see_the_graph(kind):
    conv, seen = make(kind), []
    layer = {"ctrg": "refinement", "adaptive": "similarity", "self-attention": "attention"}[kind]
    handle = conv.get_submodule(layer).register_forward_hook(lambda m, a, out: seen.append(out))
    x = torch.randn(2 * 20, 5, 8)
    with_hook = conv(x)
    assert seen[0].shape[-2:] == (20, 20)
    handle.remove()
    torch.testing.assert_close(conv(x), with_hook)


def test_partitions():
    ntu = Skeleton.get("ntu25")
    sizes = {s: [int(a.gt(0).sum()) for a in partition_neighbors(ntu, s)] for s in STRATEGIES}
    assert sizes == STRATEGIES
    for strategy in ("spatial", "legacy", "distance", "uniform"):
        rows = partition_neighbors(ntu, strategy).sum((0, 2))
        torch.testing.assert_close(rows, torch.ones(25))
    eye, parent, children = partition_neighbors(ntu, "directed")
    assert torch.equal(eye, torch.eye(25))
    for child, above in ntu.bones:
        assert parent[child, above] == 1
        assert children[above, child] == 1 / sum(p == above for _, p in ntu.bones)
    with pytest.raises(ValueError, match="got 'random'"):
        partition_neighbors(ntu, "random")


STRATEGIES = {
    "spatial": [25, 24, 24],
    "legacy": [25, 40, 8],
    "distance": [25, 48],
    "uniform": [73],
    "directed": [25, 24, 24],
}


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("activation", [False, True])
def test_multi_scale_temporal_conv_is_four_branches(stride, activation):
    conv = MultiScaleTemporalConv(6, 8, stride=stride, activation=activation).double()
    x = torch.randn(5, 13, 6, dtype=torch.float64)
    h = conv.squeeze_norm(conv.squeeze(x)).relu().transpose(1, 2)
    branches = []
    for b, dilation in enumerate((1, 2)):
        c = conv.convs[b]
        part = h[:, 2 * b : 2 * b + 2]
        branches.append(
            torch.nn.functional.conv1d(part, c.weight, c.bias, stride, 2 * dilation, dilation)
        )
    branches.append(torch.nn.functional.max_pool1d(h[:, 4:], 3, stride, 1))
    branches.append(conv.point(x[:, ::stride]).transpose(1, 2))
    twin = copy.deepcopy(conv.norm)
    twin.reset_running_stats()
    expected = twin(torch.cat(branches, dim=1).transpose(1, 2))
    expected = expected.relu() if activation else expected
    torch.testing.assert_close(conv(x), expected)
    with pytest.raises(ValueError, match="divisible by 4 branches, got 6"):
        MultiScaleTemporalConv(6, 6)
