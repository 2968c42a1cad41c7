import pytest
import torch

from pyg_skeleton.nn import LCNConv
from pyg_skeleton.testing import (
    assert_fused_equals_propagate,
    assert_union_equals_static,
    max_activation_elements,
)


def reference(skeleton):
    """Equation 2 of Skeletal-GNN, pair by pair."""

    def run(conv, x):
        V, D = skeleton.num_joints, conv.out_channels
        weight = conv.weights[0]
        if conv.max_norm is not None and weight.norm() > conv.max_norm:
            weight = weight * conv.max_norm / weight.norm()
        e, out = 0, []
        poses = x.unflatten(0, (-1, V))
        for i in range(V):
            h = torch.zeros((*poses[:, 0].shape[:-1], D), dtype=x.dtype)
            for j in range(V):
                if 0 <= skeleton.distances[i, j] <= conv.hops:
                    h = h + poses[:, j] @ weight[e]
                    e += 1
            out.append(h if conv.bias is None else h + conv.bias[i])
        assert e == len(weight)
        return torch.stack(out, dim=1).flatten(0, 1)

    return run


@pytest.mark.parametrize("max_norm", [None, 1.0, 1e3])
@pytest.mark.parametrize("copies", [2, 40])
@pytest.mark.parametrize(("C", "D", "hops"), [(2, 5, 0), (5, 3, 1), (4, 4, 2), (3, 4, 20)])
def test_equals_the_equation(skeleton, assert_equals_reference, C, D, hops, copies, max_norm):
    conv = LCNConv(C, D, skeleton, hops, max_norm)
    torch.nn.init.normal_(conv.bias)
    assert_equals_reference(conv, reference(skeleton), torch.randn(copies * 9, C))


def test_frames_and_no_bias(skeleton, assert_equals_reference):
    conv = LCNConv(4, 6, skeleton, 1, bias=False)
    assert conv.bias is None
    assert_equals_reference(conv, reference(skeleton), torch.randn(2 * 9, 5, 4))
    assert_union_equals_static(conv, skeleton, 4, num_frames=14)  # 42 poses: large products
    assert_fused_equals_propagate(conv, torch.randn(9, 4, 10, 4))


@pytest.mark.parametrize("hops", [1, 3, 6])
def test_the_measured_dense_form_is_the_same(lifting, lcn17, hops):
    for max_norm in (None, 1.0):
        conv = LCNConv(4, 6, lcn17, hops, max_norm)
        torch.nn.init.normal_(conv.bias)
        x = torch.randn(40 * 17, 4)
        dense = lifting.LCNConv(conv)(x.view(40, 17, 4)).flatten(0, 1)
        torch.testing.assert_close(conv(x), dense)


def test_pairs_of_the_papers_graph(lcn17):
    exact = [17, 40, 54, 64, 62, 36, 16]
    for hops in range(8):
        conv = LCNConv(4, 6, lcn17, hops)
        assert conv.template.num_edges == sum(exact[: hops + 1])
        assert conv.weights[0].shape == (sum(exact[: hops + 1]), 4, 6)


@pytest.mark.parametrize(("hops", "total"), [(1, 1_427_635), (2, 2_772_019), (3, 4_365_363)])
def test_parameters_of_the_network(lcn17, hops, total):
    widths = [(2, 64), *[(64, 64)] * 6, (64, 3)]
    layers = [LCNConv(*pair, lcn17, hops) for pair in widths]
    assert sum(p.numel() for m in layers for p in m.parameters()) + 7 * 2 * 64 == total


@pytest.mark.parametrize("copies", [1, 40])
def test_memory_grows_with_the_edges(lcn17, copies):
    x = torch.randn(copies * 17, 32)
    for hops in (1, 3):
        conv = LCNConv(32, 32, lcn17, hops)
        E = conv.template.num_edges
        largest = max_activation_elements(conv, x, backward=True)
        assert largest <= max(E * 32 * copies, E * 32 * 32) < 17 * 17 * 32 * max(copies, 32)


def test_initialization(lcn17):
    conv = LCNConv(64, 64, lcn17)
    assert not conv.bias.any()
    # The sum of a joint's terms keeps the scale of a layer before a ReLU.
    x = torch.randn(200 * 17, 64)
    assert conv(x).detach().std() == pytest.approx(2**0.5 * 0.88, rel=0.05)
    assert str(conv) == "LCNConv(64, 64, hops=3)"
    with pytest.raises(ValueError, match="expected hops >= 0, got -1"):
        LCNConv(4, 6, lcn17, hops=-1)
