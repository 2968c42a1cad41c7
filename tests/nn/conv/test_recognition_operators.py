"""The operators of ST-GCN, 2s-AGCN, CTR-GCN and InfoGCN against their equations."""

import copy

import pytest
import torch

from pyg_skeleton.nn import AdaptiveGraphConv, CTRGConv, SelfAttentionGraphConv, SpatialGraphConv
from pyg_skeleton.skeleton import Skeleton
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
    assert_autocast(layer, 0.3 * x)


@requires_cpp_compiler
@pytest.mark.parametrize("name", ["adaptive", "ctrg"])
def test_compiles(name):
    assert_compiles(make(name), torch.randn(2 * 20, 5, 8))


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
