import copy

import pytest
import torch

from pyg_skeleton.nn import AdaptiveGraphConv, ChannelBatchNorm, CTRGConv, SelfAttentionGraphConv
from pyg_skeleton.nn.optimized import Affine, form
from pyg_skeleton.nn.optimized.learned_graphs import (
    AdaptiveSum,
    AttendedSum,
    OfFrames,
    RefinedSum,
    sum_graphs,
)
from pyg_skeleton.skeleton import Skeleton

LAYERS = {
    "adaptive": (AdaptiveGraphConv, {}, AdaptiveSum),
    "tanh": (AdaptiveGraphConv, {"attention": "tanh"}, AdaptiveSum),
    "refined": (CTRGConv, {}, RefinedSum),
    "attended": (SelfAttentionGraphConv, {}, AttendedSum),
    "heads": (SelfAttentionGraphConv, {"heads": 2}, AttendedSum),
}


def test_sum_graphs():
    x, graphs = torch.randn(2 * 4, 3, 5), torch.randn(2, 3, 4, 4)
    maps, bias = torch.randn(3, 5, 6), torch.randn(6)
    expected = torch.zeros(2, 4, 3, 6) + bias
    for b in range(2):
        for k in range(3):
            for i in range(4):
                for j in range(4):
                    expected[b, i] += graphs[b, k, i, j] * (x[4 * b + j] @ maps[k])
    torch.testing.assert_close(sum_graphs(x, graphs, maps, bias), expected.flatten(0, 1))
    x = x.transpose(0, 1).contiguous().transpose(0, 1)  # another order in memory
    torch.testing.assert_close(sum_graphs(x, graphs, maps, bias), expected.flatten(0, 1))
    # Of poses, a body has no frames.
    poses = sum_graphs(x[:, 0], graphs, maps, bias)
    torch.testing.assert_close(poses, expected.flatten(0, 1)[:, 0])


@pytest.mark.parametrize("mask", [False, True], ids=["complete", "masked"])
@pytest.mark.parametrize("sizes", [(3, 8), (16, 5)], ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_equals_the_layer(check_form, bodies, skeleton, name, sizes, mask):
    kind, options, expected = LAYERS[name]
    layer = kind(*sizes, skeleton, mask_edges=mask, **options)
    own = check_form(layer, *bodies(9, sizes[0], poses=False), channels=sizes[1])
    assert type(own) is expected
    assert not any(parameter.requires_grad for parameter in own.parameters())


@pytest.mark.parametrize("name", ["adaptive", "tanh", "refined"])
def test_graphs_of_single_frames(check_form, trained, bodies, skeleton, name):
    """Where a layer infers a graph from each frame, so does its form: of no other frame."""
    kind, options, expected = LAYERS[name]
    layer = kind(4, 6, skeleton, **options)
    layer.frame_graphs = True
    own = check_form(layer, *bodies(9, 4, poses=False), channels=6)
    assert isinstance(own, OfFrames)
    assert isinstance(own.layer, expected)
    x = torch.randn(18, 5, 4, dtype=torch.double)
    alone = torch.cat([own(x[:, t : t + 1]) for t in range(5)], dim=1)
    torch.testing.assert_close(own(x), alone)
    layer.frame_graphs = False
    assert not torch.allclose(form(copy.deepcopy(layer))(x), alone)


def test_attention_has_graphs_of_frames_already(trained, skeleton):
    layer = trained(SelfAttentionGraphConv(4, 6, skeleton))
    layer.frame_graphs = True
    assert isinstance(form(layer), AttendedSum)


def test_a_graph_without_a_root(check_form, bodies):
    """It has two subsets instead of three."""
    dual = Skeleton.get("kinect20").dual()
    for kind in (AdaptiveGraphConv, CTRGConv):
        own = check_form(kind(3, 4, dual), *bodies(dual.num_joints, 3, poses=False))
        parameters = dict(own.named_parameters())
        assert len(parameters.get("base", parameters.get("mix"))) == 2


@pytest.mark.parametrize("name", LAYERS)
def test_bodies_do_not_see_each_other(trained, skeleton, name):
    kind, options, _ = LAYERS[name]
    own = form(trained(kind(4, 6, skeleton, **options)))
    x = torch.randn(3 * 9, 5, 4, dtype=torch.double)
    torch.testing.assert_close(own(x)[9:18], own(x[9:18]))


@pytest.mark.parametrize("name", LAYERS)
def test_a_norm_of_both_signs_and_of_zero(trained, skeleton, name):
    kind, options, _ = LAYERS[name]
    layer, norm = trained(kind(4, 3, skeleton, **options)), trained(ChannelBatchNorm(3))
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([2.0, 0.0, -1.0]))
    x = torch.randn(9, 4, 4, dtype=torch.double)
    own = form(copy.deepcopy(layer), Affine.of(norm))
    torch.testing.assert_close(own(x), norm(layer(x)))


def test_constants_are_added_up_once(trained, skeleton):
    layer, x = trained(AdaptiveGraphConv(4, 6, skeleton)), torch.randn(9, 5, 4).double()
    own = form(copy.deepcopy(layer))
    torch.testing.assert_close(own.base, layer.counts.reciprocal() + layer.learned)
    assert own.bias.shape == (6,)  # those of all subsets
    scaled = torch.nn.functional.linear(x, own.embed, own.embed_bias)
    torch.testing.assert_close(
        scaled * layer.similarity.hidden_channels**0.5, layer.similarity.embed(x)
    )
    refined = trained(CTRGConv(4, 6, skeleton))
    mix = form(copy.deepcopy(refined)).mix
    # alpha is part of the maps of pairs; two more features are the shared graph and the bias.
    torch.testing.assert_close(mix[..., :-2], refined.alpha * refined.refinement.weight)
    torch.testing.assert_close(mix[..., -2], torch.ones_like(mix[..., -2]))
    torch.testing.assert_close(mix[..., -1], refined.alpha * refined.refinement.bias)
