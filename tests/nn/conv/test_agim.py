import pytest
import torch

from pyg_skeleton.nn import AGIM, ActionalGraph
from pyg_skeleton.nn.conv.agim import TwoLayerMLP
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_close,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
    max_activation_elements,
)


def make(num_nodes=7, in_channels=6, num_iterations=2, **kwargs):
    return AGIM(in_channels, num_nodes, hidden_channels=5, num_iterations=num_iterations, **kwargs)


@pytest.mark.parametrize("K", [0, 1, 2, 4])
@pytest.mark.parametrize("training", [True, False])
def test_equals_dense(dense, assert_equals_dense, K, training):
    agim = make(num_iterations=K).train(training)
    reference = dense.AGIM(agim).train(training)
    x = torch.randn(3 * 7, 6, dtype=torch.float64)

    class Weights(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.agim = agim

        def forward(self, x):
            return self.agim(x).edge_weight

    class Reference(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.agim = reference

        def forward(self, x):
            return self.agim(x.view(3, 7, 6)).flatten()

    assert_equals_dense(Weights(), Reference(), (x,), (x,), lambda out: out)


@pytest.mark.parametrize("static", [False, True])
def test_every_row_sums_to_one(static):
    x = torch.randn(7, 3, 6) if static else torch.randn(3 * 7, 6)
    graph = make()(x)
    assert isinstance(graph, ActionalGraph)
    adjacency = graph.adjacency()
    assert adjacency.shape == (3, 7, 7)
    assert (adjacency > 0).all()
    torch.testing.assert_close(adjacency.sum(dim=-1), torch.ones(3, 7))
    assert not torch.allclose(adjacency.sum(dim=-2), torch.ones(3, 7))


def test_edges_are_those_of_the_matrices():
    graph = make()(torch.randn(2 * 7, 6))
    assert graph.edge_index.shape == (2, 2 * 49)
    source, target = graph.edge_index
    assert torch.equal(source // 7, target // 7)
    weight = graph.adjacency()[target // 7, target % 7, source % 7]
    assert torch.equal(weight, graph.edge_weight)
    assert graph.num_nodes == 7


def test_mean_over_all_other_joints():
    agim = make(num_iterations=1).eval()
    p = torch.randn(2 * 7, 5)
    mlp = agim.edge_mlps[0]
    for fuse in (True, False):
        agim.fuse = fuse
        gathered = agim._gather(p, 0, 2)
        for b in range(2):
            for i in range(7):
                others = [j for j in range(7) if j != i]
                q = [mlp(torch.cat([p[b * 7 + i], p[b * 7 + j]])[None]) for j in others]
                torch.testing.assert_close(gathered[b * 7 + i], sum(q)[0] / 6)


def test_no_iteration_reads_each_joint_alone():
    agim = make(num_iterations=0).eval()
    assert len(agim.edge_mlps) == 0
    x = torch.randn(7, 6)
    changed = x.clone()
    changed[3] += 1
    p, q = (agim.node_mlps[0](v) for v in (x, changed))
    assert [bool((a != b).any()) for a, b in zip(p, q, strict=True)] == [i == 3 for i in range(7)]
    agim.fuse = False
    assert_close(agim(x), make_fused(agim)(x), "forms differ", rtol=1e-5, atol=1e-6)


def make_fused(agim):
    agim.fuse = True
    return agim


@pytest.mark.parametrize("training", [True, False])
def test_fused_equals_propagate(training):
    agim = make().train(training)
    assert_fused_equals_propagate(agim, torch.randn(3 * 7, 6))
    assert_fused_equals_propagate(agim, torch.randn(7, 6))
    assert_fused_equals_propagate(agim, torch.randn(7, 3, 6))


@pytest.mark.parametrize("fuse", [True, False])
def test_union_equals_static_batch(fuse):
    agim = make().double()
    agim.fuse = fuse
    static = torch.randn(7, 3, 6, dtype=torch.float64)
    union = agim(static.transpose(0, 1).flatten(0, 1))
    out = agim(static)
    assert out.edge_weight.shape == (49, 3)
    assert out.edge_index.shape == (2, 49)
    assert_close(out.adjacency(), union.adjacency(), "static batch differs")
    deeper = agim(static.view(7, 3, 1, 6).expand(-1, -1, 2, -1))
    assert deeper.edge_weight.shape == (49, 3, 2)
    assert_close(deeper.adjacency().view(3, 2, 7, 7)[:, 1], union.adjacency(), "deeper differs")


def test_bodies_do_not_see_each_other():
    agim, x = make().eval(), torch.randn(3 * 7, 6)
    alone = agim(x[7:14]).adjacency()[0]
    torch.testing.assert_close(agim(x).adjacency()[1], alone)


def test_permutation_equivariant():
    agim, x, perm = make().double(), torch.randn(7, 6, dtype=torch.float64), torch.randperm(7)
    expected = agim(x).adjacency()[:, perm][:, :, perm]
    assert_close(agim(x[perm]).adjacency(), expected, "not permutation equivariant")


def test_hooks_and_explain_see_messages():
    x = torch.randn(2 * 7, 6)
    for kind in ("message", "edge_update"):
        agim, seen = make().eval(), []
        expected = agim(x)
        register = getattr(agim, f"register_{kind}_forward_hook")
        register(lambda m, args, out, seen=seen: seen.append(len(out)))
        assert_close(agim(x), expected, "hooked form differs", rtol=1e-4, atol=1e-6)
        assert seen == ([2 * 42] * 2 if kind == "message" else [2 * 49])
    agim = make(num_iterations=1).eval()
    expected = agim._gather(torch.ones(14, 5), 0, 2)
    agim.explain = True
    agim._edge_mask, agim._loop_mask, agim._apply_sigmoid = torch.full((84,), 0.5), None, False
    torch.testing.assert_close(agim._gather(torch.ones(14, 5), 0, 2), 0.5 * expected)


def test_another_aggregation_is_not_mistaken_for_the_mean():
    agim, p = make(aggr="sum").eval(), torch.randn(7, 5)
    mean = make(aggr="mean").eval()
    mean.load_state_dict(agim.state_dict())
    torch.testing.assert_close(agim._gather(p, 0, 1), 6 * mean._gather(p, 0, 1))


def test_refuses_impossible_arguments():
    with pytest.raises(ValueError, match=r"num_iterations \(K\) >= 0, got -1"):
        make(num_iterations=-1)
    with pytest.raises(ValueError, match="at least 2 nodes, got 1"):
        make(num_nodes=1)
    with pytest.raises(ValueError, match="copies of a graph of 7 nodes"):
        make()(torch.randn(8, 6))


def test_memory_is_that_of_the_pairs():
    agim = AGIM(30, 25, hidden_channels=8, num_iterations=2)
    x = torch.randn(2 * 25, 30)
    assert max_activation_elements(agim, x, backward=True) <= 2 * 25 * 24 * 8
    agim.fuse = False
    assert max_activation_elements(agim, x) >= 2 * 25 * 24 * 16  # concatenated


def test_untrained_graph_is_uniform():
    adjacency = AGIM(147, 21).eval()(torch.randn(8 * 21, 147)).adjacency()
    assert abs(adjacency.square().sum(dim=-1).mean().sqrt() * 21**0.5 - 1) < 0.01


def test_float64_is_not_rounded():
    agim, x = make().double(), torch.randn(7, 6, dtype=torch.float64)
    total = agim(x).adjacency().sum(dim=-1)
    assert (total - 1).abs().max() < 1e-14


@pytest.mark.parametrize("K", [0, 2])
def test_usual_checks(K):
    x, agim = torch.randn(3 * 7, 6), make(num_iterations=K)
    assert str(agim) == f"AGIM(6, num_nodes=7, num_iterations={K})"
    assert_all_parameters_get_gradients(
        agim,
        x,
        # A softmax does not see what is the same for all sources.
        allow_zero=["source_embedding.1.bias", "source_embedding.0.norm.bias"],
    )
    assert_state_dict_round_trip(lambda: make(num_iterations=K), x)
    assert not {"edges", "pairs"}.intersection(agim.state_dict())
    assert_autocast(agim.eval(), x, tolerance=0.1)
    assert_compiles(agim, x)
    agim.fuse = False
    assert_compiles(agim, x)


def test_number_of_parameters():
    agim = AGIM(147, 21)

    def mlp(n):
        return n * 128 + 128 + 128 * 128 + 128 + 2 * 128

    expected = mlp(147) + 2 * (mlp(256) + mlp(128)) + 2 * (mlp(128) + 128 * 128 + 128)
    assert sum(p.numel() for p in agim.parameters()) == expected


def test_dropout_only_in_training():
    agim, x = make(dropout=0.5), torch.randn(7, 6)
    assert not torch.equal(agim(x).edge_weight, agim(x).edge_weight)
    agim.eval()
    assert torch.equal(agim(x).edge_weight, agim(x).edge_weight)


def test_reset_parameters():
    agim, x = make(), torch.randn(7, 6)
    before = {name: p.clone() for name, p in agim.named_parameters()}
    agim(x)
    agim.reset_parameters()
    for name, p in agim.named_parameters():
        assert name.endswith("bias") or "norm" in name or (p != before[name]).any()
    assert not agim.node_mlps[0].norm.running_mean.any()


def test_two_layer_mlp():
    mlp = TwoLayerMLP(3, 4).eval()
    x = torch.randn(5, 3)
    h = torch.nn.functional.linear(x, mlp.first.weight, mlp.first.bias).clamp(min=0)
    h = torch.nn.functional.linear(h, mlp.second.weight, mlp.second.bias).clamp(min=0)
    torch.testing.assert_close(mlp(x), h / (1 + 1e-5) ** 0.5)
