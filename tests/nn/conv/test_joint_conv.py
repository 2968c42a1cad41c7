import pytest
import torch

from pyg_skeleton.nn import AGIM, JointConv
from pyg_skeleton.nn.sums.copies import repeat_edges
from pyg_skeleton.nn.sums.relational_sum import relational_sum
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_close,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_state_dict_round_trip,
    assert_union_equals_static,
    max_activation_elements,
    requires_cpp_compiler,
)

SWITCHES = [(True, True), (True, False), (False, True)]


def make(skeleton, in_channels=4, out_channels=4, order=2, lambda_act=0.7, **kwargs):
    conv = JointConv(in_channels, out_channels, skeleton, order, lambda_act, **kwargs)
    if conv.structural is not None:
        torch.nn.init.uniform_(conv.structural.edge_weight, 0.5, 1.5)
    return conv


@pytest.mark.parametrize(("structural", "actional"), SWITCHES)
@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3), (4, 4)])
def test_equals_dense(
    dense, assert_equals_dense, skeleton, complete_graph, structural, actional, C, D
):
    conv = make(skeleton, C, D, structural=structural, actional=actional)
    graph = complete_graph(9, 3, dtype=torch.float64)
    x = torch.randn(3 * 9, 5, C, dtype=torch.float64)
    dense_args = (dense.to_dense(x, 9), graph.adjacency())
    assert_equals_dense(conv, dense.JointConv(conv, skeleton), (x, graph), dense_args)


@pytest.mark.parametrize(("structural", "actional"), SWITCHES)
def test_fused_equals_propagate(skeleton, complete_graph, structural, actional):
    for C, D in ((3, 5), (5, 3)):
        conv = make(skeleton, C, D, structural=structural, actional=actional)
        assert_fused_equals_propagate(conv, torch.randn(3 * 9, 5, C), complete_graph(9, 3))
        assert_fused_equals_propagate(conv, torch.randn(9, C), complete_graph(9, 1))
        static = complete_graph(9, 3, static=True)
        assert_fused_equals_propagate(conv, torch.randn(9, 3, 5, C), static)


def test_is_the_weighted_sum_of_its_parts(skeleton, complete_graph):
    conv, graph = make(skeleton), complete_graph(9, 2)
    x = torch.randn(2 * 9, 5, 4)
    expected = 0.7 * conv.actional(x, graph) + conv.structural(x)
    torch.testing.assert_close(conv(x, graph), expected)
    conv.lambda_act = 0.0
    torch.testing.assert_close(conv(x, graph), conv.structural(x))


def test_given_edges(skeleton, complete_graph):
    conv, graph = make(skeleton), complete_graph(9, 2)
    x = torch.randn(2 * 9, 5, 4)
    expected = conv(x, graph)
    pair = (graph.edge_index, graph.edge_weight)
    torch.testing.assert_close(conv(x, pair), expected)
    union = [repeat_edges(skeleton.edge_index(hop), 2, 9, 9) for hop in (1, 2)]
    torch.testing.assert_close(conv(x, graph, union), expected)
    torch.testing.assert_close(conv(x, pair, union), expected)
    fewer = [e[:, ::2] for e in union]
    expected = 0.7 * conv.actional(x, graph) + conv.structural(x, fewer)
    torch.testing.assert_close(conv(x, graph, fewer), expected)
    with pytest.raises(ValueError, match="not within one of 2 bodies"):
        conv(x, graph, [torch.tensor([[0], [9]])] * 2)


def test_relations_are_what_it_sums(skeleton, complete_graph):
    graph, x = complete_graph(9, 2), torch.randn(2 * 9, 5, 4)
    for structural, actional in SWITCHES:
        conv = make(skeleton, structural=structural, actional=actional)
        graphs, weight = conv.relations(graph)
        assert graphs.shape[-3:] == (2 * structural + actional, 9, 9)
        assert weight.shape == (2 * structural + actional, 4, 4)
        torch.testing.assert_close(relational_sum(x, graphs, weight), conv(x, graph))


def test_union_equals_static_batch(skeleton, complete_graph):
    conv = make(skeleton, actional=False)
    assert_union_equals_static(conv, skeleton, 4)
    conv, union = make(skeleton).double(), complete_graph(9, 3, dtype=torch.float64)
    weight = union.edge_weight.view(3, 81).t()
    static = union._replace(edge_index=union.edge_index[:, :81], edge_weight=weight)
    x = torch.randn(9, 3, 5, 4, dtype=torch.float64)
    expected = conv(x.transpose(0, 1).flatten(0, 1), union)
    assert_close(conv(x, static).transpose(0, 1).flatten(0, 1), expected, "static batch differs")


def test_permutation_equivariant(skeleton, renamed, complete_graph):
    conv, graph = make(skeleton).double(), complete_graph(9, 1, dtype=torch.float64)
    x, perm = torch.randn(9, 5, 4, dtype=torch.float64), torch.randperm(9)
    other = make(renamed(skeleton, perm)).double()
    other.structural.weight.data = conv.structural.weight.data
    other.actional.load_state_dict(conv.actional.state_dict())
    template = conv.structural.template
    moved = template.dense(conv.structural.edge_weight.data)[:, perm][:, :, perm]
    other.structural.edge_weight.data = moved.flatten()[other.structural.template.slot]
    moved = graph._replace(edge_weight=graph.adjacency()[:, perm][:, :, perm].flatten())
    assert_close(other(x[perm], moved), conv(x, graph)[perm], "not permutation equivariant")


def test_hooks_on_its_parts_end_the_fused_form(skeleton, complete_graph):
    conv, graph = make(skeleton), complete_graph(9, 2)
    x = torch.randn(2 * 9, 4)
    expected = conv(x, graph)
    for part, sizes in ((conv.structural, conv.structural.template.sizes), (conv.actional, [81])):
        seen = []
        hook = part.register_message_forward_hook(
            lambda m, args, out, seen=seen: seen.append(out.size(0))
        )
        assert not conv.fused
        torch.testing.assert_close(conv(x, graph), expected)
        assert seen == [2 * size for size in sizes]
        hook.remove()
        assert conv.fused
        part.explain = True
        assert not conv.fused
        part.explain = False


def test_refuses_impossible_arguments(skeleton, complete_graph):
    with pytest.raises(ValueError, match="structural or actional or both, got neither"):
        make(skeleton, structural=False, actional=False)
    x = torch.randn(2 * 9, 4)
    for fuse in (True, False):
        conv = make(skeleton)
        conv.fuse = fuse
        with pytest.raises(ValueError, match="expected the actional graph"):
            conv(x)
    with pytest.raises(ValueError, match="expected the actional graph"):
        make(skeleton).relations(None)
    with pytest.raises(ValueError, match="x of 3 copies, one per graph, got 2"):
        make(skeleton)(x, complete_graph(9, 3))


def test_no_messages_on_the_fast_path(complete_graph):
    skeleton, graph = Skeleton.get("ntu25"), complete_graph(25, 2)
    x = torch.randn(2 * 25, 8, 16)
    for C, D in ((16, 16), (16, 4), (4, 16)):
        conv = make(skeleton, C, D, order=4)
        allowed = 5 * 2 * 25 * 8 * 16  # the features once per relation
        assert max_activation_elements(conv, x[..., :C], graph, backward=True) <= allowed
        for part in (conv, conv.structural, conv.actional):
            part.fuse = False
        assert max_activation_elements(conv, x[..., :C], graph) >= 2 * 25 * 25 * 8 * C


@pytest.mark.parametrize(("structural", "actional"), SWITCHES)
def test_usual_checks(skeleton, complete_graph, structural, actional):
    args = torch.randn(2 * 9, 5, 4), complete_graph(9, 2)
    switches = {"structural": structural, "actional": actional}
    conv = make(skeleton, 4, 6, **switches)
    assert str(conv) == "JointConv(4, 6, lambda_act=0.7)"
    assert conv(*args).shape == (18, 5, 6)
    assert_all_parameters_get_gradients(conv, *args)
    assert_state_dict_round_trip(lambda: make(skeleton, 4, 6, **switches), *args)
    expected = {"structural.edge_weight", "structural.weight"} if structural else set()
    assert conv.state_dict().keys() == expected | ({"actional.weight"} if actional else set())
    assert_autocast(conv, *args)
    assert_compiles(conv, *args)
    before = {name: p.clone() for name, p in conv.named_parameters()}
    conv.reset_parameters()
    assert all((p != before[name]).any() for name, p in conv.named_parameters())


def test_trains_with_agim_under_autocast(skeleton):
    agim, conv = AGIM(10, 9, hidden_channels=8), make(skeleton, 2, 4)
    x = torch.randn(3 * 9, 5, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = conv(x, agim(x.flatten(1)))
    out.float().square().sum().backward()
    assert agim.node_mlps[0].first.weight.grad.isfinite().all()
    assert conv.structural.edge_weight.grad.any()


def test_compiles_message_by_message(skeleton, complete_graph):
    conv, graph = make(skeleton), complete_graph(9, 2)
    x = torch.randn(2 * 9, 5, 4)
    assert_compiles(conv, x, (graph.edge_index, graph.edge_weight))


@requires_cpp_compiler
def test_compiles_to_machine_code(skeleton, complete_graph):
    args = torch.randn(2 * 9, 5, 4), complete_graph(9, 2)
    assert_compiles(make(skeleton, 4, 6), *args, backend="inductor")
