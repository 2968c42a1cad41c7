import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.nn import AGIM, JointConv
from pyg_skeleton.nn.conv.agim import ActionalGraph
from pyg_skeleton.nn.loss import actional_response, perturbation_ratio, stability_bound
from pyg_skeleton.nn.sums.copies import complete_edges
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import random_skeleton


def random_graph(num_nodes, generator):
    scores = 3 * torch.randn(num_nodes, num_nodes, generator=generator, dtype=torch.float64)
    edges = complete_edges(num_nodes, torch.device("cpu"))
    return ActionalGraph(edges, scores.softmax(dim=-1).flatten(), num_nodes)


@settings(max_examples=60)
@given(
    num_nodes=st.integers(2, 12),
    order=st.integers(1, 4),
    out_channels=st.integers(1, 8),
    lambda_act=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    parts=st.sampled_from([(True, True), (True, False), (False, True)]),
    scale=st.sampled_from([1e-3, 0.1, 10.0]),
    seed=st.integers(0, 2**31),
)
def test_no_layer_moves_further(num_nodes, order, out_channels, lambda_act, parts, scale, seed):
    generator = torch.Generator().manual_seed(seed)
    structural, actional = parts
    conv = JointConv(
        3,
        out_channels,
        random_skeleton(num_nodes, seed % 7),
        order,
        lambda_act,
        structural,
        actional,
    ).double()
    with torch.no_grad():
        for p in conv.parameters():
            p.copy_(2 * torch.randn(p.shape, generator=generator, dtype=torch.float64))
    x = torch.randn(num_nodes, 3, generator=generator, dtype=torch.float64)
    moved = x + scale * torch.randn(x.shape, generator=generator, dtype=torch.float64)
    graph, moved_graph = (random_graph(num_nodes, generator) for _ in range(2))
    change = (conv(moved, moved_graph).relu() - conv(x, graph).relu()).norm()
    response = actional_response(moved, moved_graph) - actional_response(x, graph)
    bound = stability_bound(conv, (moved - x).norm(), response.norm())
    assert change <= bound * (1 + 1e-9)


def test_bound_of_the_theorem():
    skeleton = Skeleton.get("ntu25")
    conv = JointConv(3, 16, skeleton, order=4, lambda_act=0.5)
    torch.nn.init.uniform_(conv.structural.edge_weight, -2, 2)
    epsilon, change = torch.tensor(0.3), torch.tensor(0.1)
    expected = 0.5 * conv.actional.weight.abs().max() * change
    edges = iter(conv.structural.edge_weight.split([73, 127, 187, 253]))
    for size, weight in zip([73, 127, 187, 253], conv.structural.weight, strict=True):
        expected = expected + epsilon * size**0.5 * next(edges).abs().max() * weight.abs().max()
    bound = stability_bound(conv, epsilon, change)
    torch.testing.assert_close(bound, (3 * 16) ** 0.5 * expected)
    # A pose each.
    several = stability_bound(conv, epsilon.expand(4), change.expand(4))
    torch.testing.assert_close(several, bound.expand(4))


def test_equal_poses_do_not_move():
    conv = JointConv(3, 16, Skeleton.get("ntu25"), order=2)
    zero = torch.zeros(())
    assert stability_bound(conv, zero, zero) == 0


def test_actional_response(complete_graph):
    graph, x = complete_graph(9, 2), torch.randn(2 * 9, 5, 3)
    expected = torch.einsum("buv,bvtc->butc", graph.adjacency(), x.view(2, 9, 5, 3)).flatten(0, 1)
    torch.testing.assert_close(actional_response(x, graph), expected)


@pytest.mark.parametrize("num_nodes", [21, 25])
@pytest.mark.parametrize("K", [0, 1, 2])
def test_untrained_agim_damps_noise(num_nodes, K):
    """A graph close to uniform lets one over the root of its size pass."""
    agim = AGIM(30, num_nodes, num_iterations=K).eval()
    x = torch.randn(8 * num_nodes, 10, 3)
    noisy = x + 0.05 * torch.randn_like(x)
    with torch.no_grad():
        ratio = perturbation_ratio(x, noisy, agim(x.flatten(1)), agim(noisy.flatten(1)))
    assert ratio == pytest.approx(num_nodes**-0.5, rel=0.25 if K == 0 else 0.1)


def test_ratio_of_a_fixed_graph(complete_graph):
    graph, x = complete_graph(9, 2), torch.randn(2 * 9, 5, 3)
    shift = torch.zeros_like(x)
    shift[3] = 1.0
    ratio = perturbation_ratio(x, x + shift, graph, graph)
    torch.testing.assert_close(ratio, graph.adjacency()[0, :, 3].norm())
