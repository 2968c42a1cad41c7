import pytest
import torch
from torch_geometric.utils import to_torch_csr_tensor

from pyg_skeleton.nn import ActionalConv
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_close,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_permutation_equivariant,
    assert_state_dict_round_trip,
    max_activation_elements,
    requires_package,
)


@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3), (4, 4)])
def test_equals_dense(dense, assert_equals_dense, complete_graph, C, D):
    conv, graph = ActionalConv(C, D), complete_graph(7, 3, dtype=torch.float64)
    x = torch.randn(3 * 7, 5, C, dtype=torch.float64)
    dense_args = (dense.to_dense(x, 7), graph.adjacency())
    assert_equals_dense(conv, dense.ActionalConv(conv), (x, graph), dense_args)


@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3)])
def test_fused_equals_propagate(complete_graph, C, D):
    conv = ActionalConv(C, D, bias=True)
    assert_fused_equals_propagate(conv, torch.randn(3 * 7, 5, C), complete_graph(7, 3))
    assert_fused_equals_propagate(conv, torch.randn(7, C), complete_graph(7, 1))
    static = complete_graph(7, 3, static=True)
    assert_fused_equals_propagate(conv, torch.randn(7, 3, 5, C), static)
    assert_fused_equals_propagate(conv, torch.randn(7, 3, C), static)


def test_any_weighted_edges(complete_graph):
    conv, x = ActionalConv(4, 6), torch.randn(10, 5, 4)
    edges, weight = torch.randint(10, (2, 30)), torch.randn(30)
    expected = torch.zeros_like(x).index_add(0, edges[1], weight.view(-1, 1, 1) * x[edges[0]])
    torch.testing.assert_close(conv(x, edges, weight), expected @ conv.weight.t())
    graph = complete_graph(5, 2)
    torch.testing.assert_close(conv(x, graph.edge_index, graph.edge_weight), conv(x, graph))


def test_sparse_matrices_hold_targets_in_rows():
    conv, x = ActionalConv(4, 6), torch.randn(5, 4)
    edges = torch.tensor([[3, 0, 1, 4], [0, 2, 2, 4]])  # sorted by target, as in CSR
    weight = torch.randn(4)
    csr = to_torch_csr_tensor(edges.flip(0), size=(5, 5))
    torch.testing.assert_close(conv(x, csr, weight), conv(x, edges, weight))


@requires_package("torch_sparse")
def test_sparse_tensor():
    from torch_sparse import SparseTensor

    conv, x = ActionalConv(4, 6), torch.randn(5, 4)
    edges, weight = torch.tensor([[3, 0, 1, 4], [0, 2, 2, 4]]), torch.randn(4)
    adj_t = SparseTensor(row=edges[1], col=edges[0], sparse_sizes=(5, 5))
    torch.testing.assert_close(conv(x, adj_t, weight), conv(x, edges, weight))


def test_permutation_equivariant():
    edges, weight = torch.randint(10, (2, 30)), torch.randn(30)
    x = torch.randn(10, 5, 4)
    assert_permutation_equivariant(ActionalConv(4, 6), x, edges, edge_weight=weight)


def test_union_equals_static_batch(complete_graph):
    conv, union = ActionalConv(4, 6).double(), complete_graph(7, 3, dtype=torch.float64)
    x = torch.randn(7, 3, 5, 4, dtype=torch.float64)
    static = union._replace(
        edge_index=union.edge_index[:, :49], edge_weight=union.edge_weight.view(3, 49).t()
    )
    assert torch.equal(static.adjacency(), union.adjacency())
    expected = conv(x.transpose(0, 1).flatten(0, 1), union)
    assert_close(conv(x, static).transpose(0, 1).flatten(0, 1), expected, "static batch differs")


def test_hooks_and_explain_see_messages(complete_graph):
    conv, seen, graph = ActionalConv(4, 6), [], complete_graph(7, 2)
    x = torch.randn(14, 4)
    expected = conv(x, graph)
    handle = conv.register_propagate_forward_pre_hook(lambda m, args: seen.append(len(args)))
    torch.testing.assert_close(conv(x, graph), expected)
    assert len(seen) == 1
    handle.remove()
    conv.explain = True
    conv._edge_mask, conv._loop_mask, conv._apply_sigmoid = torch.full((98,), 0.5), None, False
    torch.testing.assert_close(conv(x, graph), 0.5 * expected)


def test_refuses_what_it_cannot_weigh(complete_graph):
    conv, x = ActionalConv(4, 6), torch.randn(14, 4)
    with pytest.raises(ValueError, match="edge_weight beside edge_index, or an ActionalGraph"):
        conv(x, torch.tensor([[0], [1]]))
    with pytest.raises(ValueError, match="x of 3 copies, one per graph, got 2"):
        conv(x, complete_graph(7, 3))
    with pytest.raises(ValueError, match="copies of a graph of 7 nodes"):
        conv(torch.randn(15, 4), complete_graph(7, 2))


def test_no_messages_on_the_fast_path(complete_graph):
    x, graph = torch.randn(2 * 25, 8, 16), complete_graph(25, 2)
    for C, D in ((16, 16), (16, 4), (4, 16)):
        conv = ActionalConv(C, D)
        assert max_activation_elements(conv, x[..., :C], graph, backward=True) <= 2 * 25 * 8 * 16
        conv.fuse = False
        assert max_activation_elements(conv, x[..., :C], graph) >= 2 * 25 * 25 * 8 * C


def test_usual_checks(complete_graph):
    x, graph = torch.randn(2 * 7, 5, 4), complete_graph(7, 2)
    conv = ActionalConv(4, 6, bias=True)
    assert str(conv) == "ActionalConv(4, 6)"
    assert conv(x, graph).shape == (14, 5, 6)
    assert_all_parameters_get_gradients(conv, x, graph)
    assert_state_dict_round_trip(lambda: ActionalConv(4, 6), x, graph)
    assert conv.state_dict().keys() == {"weight", "bias"}
    assert_autocast(conv, x, graph)
    conv.bias.data.fill_(1.0)
    before = conv.weight.clone()
    conv.reset_parameters()
    assert not conv.bias.any()
    assert (conv.weight != before).all()


def test_compiles(complete_graph):
    x, graph = torch.randn(2 * 7, 5, 4), complete_graph(7, 2)
    assert_compiles(ActionalConv(4, 6), x, graph)
    assert_compiles(ActionalConv(4, 6), x, graph.edge_index, graph.edge_weight)
