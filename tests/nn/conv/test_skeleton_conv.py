import pytest
import torch
from torch_geometric.utils import to_torch_csr_tensor

from pyg_skeleton.nn import SkeletonConv
from pyg_skeleton.nn.conv import skeleton_conv
from pyg_skeleton.nn.conv.skeleton_conv import as_edge_index, num_copies, relational_sum
from pyg_skeleton.testing import (
    assert_close,
    max_activation_elements,
    requires_package,
    run_with_gradients,
)


def looped(x, adj, weight):
    """The sum, one message after the other."""
    G, D, _ = weight.shape
    V = adj.size(-1)
    out = x.new_zeros(*x.shape[:-1], D)
    for b in range(x.size(0) // V):
        graphs = adj[b] if adj.dim() == 4 else adj
        for g in range(G):
            for i in range(V):
                for j in range(V):
                    out[b * V + i] += graphs[g, i, j] * (x[b * V + j] @ weight[g].t())
    return out


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("per_copy", [False, True])
@pytest.mark.parametrize(("relations", "C", "D"), [(1, 3, 5), (2, 5, 3), (3, 4, 4)])
@pytest.mark.parametrize("lead", [(), (2,), (2, 3)])
def test_relational_sum(copies, per_copy, relations, C, D, lead):
    V = 4
    x = torch.randn(copies * V, *lead, C, dtype=torch.float64, requires_grad=True)
    shape = (copies, relations, V, V) if per_copy else (relations, V, V)
    adj = torch.randn(shape, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(relations, D, C, dtype=torch.float64, requires_grad=True)
    ours, theirs = relational_sum(x, adj, weight), looped(x, adj, weight)
    torch.testing.assert_close(ours, theirs)
    factor = torch.randn_like(ours)
    grads = [torch.autograd.grad((o * factor).sum(), [x, adj, weight]) for o in (ours, theirs)]
    assert_close(*grads, "gradients differ", rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("per_copy", [False, True])
@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3)])
@pytest.mark.parametrize("copies", [1, 2, 3, 7])
def test_relational_sum_in_chunks(monkeypatch, per_copy, C, D, copies):
    x = torch.randn(7 * 4, 6, C, dtype=torch.float64)
    adj = torch.randn(*((7,) if per_copy else ()), 2, 4, 4, dtype=torch.float64)
    weight = torch.randn(2, D, C, dtype=torch.float64)
    expected = run_with_gradients(relational_sum, (x, adj, weight))
    whole = max_activation_elements(relational_sum, x, adj, weight)
    monkeypatch.setattr(skeleton_conv, "CHUNK", copies * 2 * 4 * 6 * 3)
    assert_close(run_with_gradients(relational_sum, (x, adj, weight)), expected, "chunks differ")
    if copies < 3:
        assert max_activation_elements(relational_sum, x, adj, weight) < whole


def test_relational_sum_of_another_number_of_graphs_raises():
    x, weight = torch.randn(6, 5), torch.randn(1, 5, 5)
    with pytest.raises(ValueError, match="x of 3 copies, one per graph, got 2"):
        relational_sum(x, torch.randn(3, 1, 3, 3), weight)
    with pytest.raises(ValueError, match="x of 1 copies"):
        relational_sum(x, torch.randn(1, 1, 3, 3), weight)


def test_num_copies():
    assert num_copies(torch.empty(12, 2), 4) == 3
    with pytest.raises(ValueError, match=r"4 nodes.*shape \(10, 2\) \(10 is no multiple of 4\)"):
        num_copies(torch.empty(10, 2), 4)
    with pytest.raises(ValueError, match="copies of a graph"):
        num_copies(torch.empty(0, 2), 4)


def test_as_edge_index():
    edges = torch.tensor([[2, 0, 1], [0, 0, 2]])  # sorted by target
    assert as_edge_index(edges) is edges
    transposed = to_torch_csr_tensor(edges.flip(0), size=(3, 3))
    assert torch.equal(as_edge_index(transposed), torch.tensor([[0, 2, 1], [0, 0, 2]]))


@requires_package("torch_sparse")
def test_as_edge_index_of_sparse_tensor():
    from torch_sparse import SparseTensor

    edges = torch.tensor([[2, 0, 1], [0, 0, 2]])
    adj_t = SparseTensor(row=edges[1], col=edges[0], sparse_sizes=(3, 3))
    assert torch.equal(as_edge_index(adj_t), torch.tensor([[0, 2, 1], [0, 0, 2]]))


def test_message_broadcasts_over_trailing_dimensions():
    conv, x = SkeletonConv(), torch.randn(6, 2, 3)
    weight = torch.rand(6)
    assert torch.equal(conv.message(x, weight), x * weight.view(6, 1, 1))
    weight = torch.rand(6, 2)
    assert torch.equal(conv.message(x, weight), x * weight.view(6, 2, 1))
    assert torch.equal(conv.message(x[:, 0, 0], weight[:, 0]), x[:, 0, 0] * weight[:, 0])


@pytest.mark.parametrize("kind", ["propagate", "message", "aggregate", "edge_update"])
@pytest.mark.parametrize("when", ["forward_pre", "forward"])
def test_any_hook_ends_the_fused_form(kind, when):
    conv = SkeletonConv()
    assert conv.fused
    handle = getattr(conv, f"register_{kind}_{when}_hook")(lambda *args: None)
    assert not conv.fused
    handle.remove()
    assert conv.fused


def test_switches_of_the_fused_form():
    conv = SkeletonConv()
    conv.fuse = False
    assert not conv.fused
    conv = SkeletonConv()
    conv.explain = True
    assert not conv.fused
    assert SkeletonConv(aggr="add").fused
    assert not SkeletonConv(aggr="max").fused


def test_takes_no_other_layout():
    with pytest.raises(ValueError, match="source_to_target"):
        SkeletonConv(flow="target_to_source")
    with pytest.raises(TypeError, match="node_dim"):
        SkeletonConv(node_dim=-2)
