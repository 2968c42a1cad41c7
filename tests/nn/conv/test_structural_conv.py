import pytest
import torch
from torch_geometric.loader import DataLoader
from torch_geometric.utils import to_torch_csr_tensor

from pyg_skeleton.nn import StructuralConv
from pyg_skeleton.nn.sums.copies import repeat_edges
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_permutation_equivariant,
    assert_state_dict_round_trip,
    assert_union_equals_static,
    max_activation_elements,
    requires_package,
)


def make(skeleton, in_channels=4, out_channels=4, order=3, **kwargs):
    conv = StructuralConv(in_channels, out_channels, skeleton, order, **kwargs)
    torch.nn.init.uniform_(conv.edge_weight, 0.5, 1.5)
    return conv


def orders(skeleton, order, copies=1, mode="power"):
    V = skeleton.num_joints
    edges = (skeleton.hop_edge_index(k, mode) for k in range(1, order + 1))
    return [repeat_edges(e, copies, V, V) for e in edges]


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3), (4, 4)])
def test_equals_dense(dense, assert_equals_dense, skeleton, order, C, D):
    conv = make(skeleton, C, D, order)
    reference = dense.StructuralConv(conv, skeleton)
    x = torch.randn(3 * 9, 5, C, dtype=torch.float64)
    assert_equals_dense(conv, reference, (x,), (dense.to_dense(x, 9),))


@pytest.mark.parametrize(
    ("layout", "sizes"), [("ntu25", [73, 127, 187, 253]), ("openpose18", [52, 92, 144, 206])]
)
def test_one_weight_per_non_zero_of_a_power(layout, sizes):
    conv = StructuralConv(3, 8, Skeleton.get(layout), order=4)
    assert conv.edge_weight.shape == (sum(sizes),)
    assert conv.template.sizes == sizes
    assert [int((a != 0).sum()) for a in conv.adjacency()] == sizes
    torch.testing.assert_close(conv.adjacency().sum(dim=-1), torch.ones(4, conv.template.num_nodes))


@pytest.mark.parametrize("mode", ["ring", "ball", "power"])
def test_other_readings_of_an_order(skeleton, mode):
    conv = make(skeleton, order=2, mode=mode)
    adjacency = conv.adjacency()
    for k in (1, 2):
        reach = skeleton.distances == k if mode == "ring" else skeleton.distances <= k
        assert torch.equal(adjacency[k - 1] != 0, reach)
    x = torch.randn(9, 4)
    expected = sum(a @ x @ w.t() for a, w in zip(adjacency, conv.weight, strict=True))
    torch.testing.assert_close(conv(x), expected)


def test_order_beyond_the_diameter_adds_nothing_to_a_ring(skeleton):
    conv = make(skeleton, order=skeleton.diameter + 1, mode="ring")
    assert conv.template.sizes[-1] == 0
    assert_fused_equals_propagate(conv, torch.randn(9, 5, 4))


@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3), (4, 4)])
@pytest.mark.parametrize("order", [1, 3])
def test_fused_equals_propagate(skeleton, C, D, order):
    conv = make(skeleton, C, D, order, bias=True)
    assert_fused_equals_propagate(conv, torch.randn(3 * 9, 5, C))
    assert_fused_equals_propagate(conv, torch.randn(9, C))


def test_given_edges_equal_its_own(skeleton):
    conv = make(skeleton)
    x = torch.randn(2 * 9, 5, 4)
    expected = conv(x)
    given = orders(skeleton, 3, copies=2)
    torch.testing.assert_close(conv(x, given), expected)
    shuffled = [e[:, torch.randperm(e.size(1))] for e in given]
    torch.testing.assert_close(conv(x, tuple(shuffled)), expected)
    csr = [to_torch_csr_tensor(e.flip(0), size=(18, 18)) for e in given]
    torch.testing.assert_close(conv(x, csr), expected)


@requires_package("torch_sparse")
def test_given_sparse_tensors_equal_its_own(skeleton):
    from torch_sparse import SparseTensor

    conv = make(skeleton)
    x = torch.randn(2 * 9, 5, 4)
    given = orders(skeleton, 3, copies=2)
    given = [SparseTensor(row=e[1], col=e[0], sparse_sizes=(18, 18)) for e in given]
    torch.testing.assert_close(conv(x, given), conv(x))


def test_edges_that_pyg_batched_equal_its_own(skeleton):
    conv = make(skeleton, 3, order=1)
    clips = [skeleton.to_data(torch.randn(m, 9, 5, 3)) for m in (1, 2, 1)]
    batch = next(iter(DataLoader(clips, batch_size=3)))
    loops = torch.arange(4 * 9).expand(2, -1)
    edges = torch.cat([batch.edge_index, loops], dim=1)
    torch.testing.assert_close(conv(batch.x, edges), conv(batch.x))


def test_no_edges_leave_a_joint_with_itself(skeleton):
    conv, x = make(skeleton, order=2), torch.randn(2 * 9, 5, 4)
    own = conv.template.dense(conv.edge_weight).diagonal(dim1=1, dim2=2).repeat(1, 2)  # [2, 18]
    expected = sum(m.view(18, 1, 1) * (x @ w.t()) for m, w in zip(own, conv.weight, strict=True))
    torch.testing.assert_close(conv(x, torch.empty(2, 0, dtype=torch.long)), expected)


def test_unknown_edge_raises(skeleton):
    conv = make(skeleton, order=1)
    far = (skeleton.distances > 1).nonzero()[0]
    with pytest.raises(ValueError, match=r"edge \d+ -> \d+ .* is not among the 25 edges"):
        conv(torch.randn(9, 4), far.view(2, 1))


def test_any_number_of_hops_means_the_same(skeleton):
    conv, x = make(skeleton, order=3), torch.randn(9, 4)
    conv.fuse = False
    for mode in ("ring", "ball", "power"):
        for hops in (1, 2, 4):
            torch.testing.assert_close(conv(x, orders(skeleton, hops, mode=mode)), conv(x))


def test_wrong_arguments_raise(skeleton):
    with pytest.raises(ValueError, match="expected order >= 1, got 0"):
        make(skeleton, order=0)
    with pytest.raises(ValueError, match="copies of a graph of 9 nodes"):
        make(skeleton)(torch.randn(10, 4))


def carried(skeleton, renamed, order):
    """Carries the weights of a layer's edges to where their joints went."""

    def relabel(layer, perm):
        other = StructuralConv(4, 4, renamed(skeleton, perm), order).double()
        other.weight.data = layer.weight.data
        dense = layer.template.dense(layer.edge_weight.data)[:, perm][:, :, perm]
        other.edge_weight.data = dense.flatten()[other.template.slot]
        return other

    return relabel


def test_permutation_equivariant(skeleton, renamed):
    edges = skeleton.hop_edge_index(1, "power")
    conv, x = make(skeleton, order=1), torch.randn(9, 5, 4)
    assert_permutation_equivariant(conv, x, edges, relabel=carried(skeleton, renamed, 1))
    conv = make(skeleton, order=3).double()
    relabel = carried(skeleton, renamed, 3)
    assert_permutation_equivariant(
        lambda x, _: conv(x), x, edges, relabel=lambda _, perm: lambda x, _: relabel(conv, perm)(x)
    )


def test_copies_may_change_places(skeleton):
    conv = make(skeleton, order=1)
    perm = torch.arange(3 * 9).view(3, 9)[[2, 0, 1]].flatten()
    x = torch.randn(3 * 9, 5, 4)
    assert_permutation_equivariant(conv, x, orders(skeleton, 1, copies=3)[0], perm=perm)


def test_union_equals_static_batch(skeleton):
    assert_union_equals_static(make(skeleton, 4, 6), skeleton, 4)
    conv = make(skeleton, 6, 4, order=1)
    assert_union_equals_static(conv, skeleton, 6)
    edges = skeleton.hop_edge_index(1, "power")
    assert_union_equals_static(conv, skeleton, 6, edge_index=edges)


def test_hooks_and_explain_see_messages(skeleton):
    conv, seen = make(skeleton, order=2), []
    x = torch.randn(9, 5, 4)
    expected = conv(x)
    handle = conv.register_message_forward_hook(lambda m, args, out: seen.append(out.size(0)))
    torch.testing.assert_close(conv(x), expected)
    assert seen == conv.template.sizes
    handle.remove()
    conv(x)
    assert len(seen) == 2


def test_an_explainers_mask_weighs_edges(skeleton):
    conv = make(skeleton, order=1)
    x, edges = torch.randn(9, 5, 4), skeleton.hop_edge_index(1, "power")
    mask = torch.rand(edges.size(1))
    expected = conv(x, edges, mask)
    conv.explain = True
    conv._edge_mask, conv._loop_mask, conv._apply_sigmoid = mask, None, False
    torch.testing.assert_close(conv(x, edges), expected)


def test_another_aggregation_is_not_mistaken_for_a_sum(skeleton):
    conv = make(skeleton, order=1, aggr="max")
    x = torch.randn(9, 4)
    messages = conv.adjacency()[0].unsqueeze(-1) * x
    messages[(conv.adjacency()[0] == 0)] = -torch.inf
    torch.testing.assert_close(conv(x), messages.amax(dim=1) @ conv.weight[0].t())


def test_no_messages_on_the_fast_path(skeleton):
    full = Skeleton.get("ntu25")
    x = torch.randn(2 * 25, 8, 16)
    for C, D in ((16, 16), (16, 4), (4, 16)):
        conv = StructuralConv(C, D, full, order=4)
        allowed = 4 * 2 * 25 * 8 * 16  # the features once per order
        assert max_activation_elements(conv, x[..., :C], backward=True) <= allowed
        conv.fuse = False
        assert max_activation_elements(conv, x[..., :C]) > 2 * 127 * 8 * min(C, D)


def test_usual_checks(skeleton):
    x = torch.randn(2 * 9, 5, 4)
    conv = make(skeleton, 4, 6, bias=True)
    assert str(conv) == "StructuralConv(4, 6, order=3)"
    assert conv(x).shape == (18, 5, 6)
    assert_all_parameters_get_gradients(conv, x)
    assert_state_dict_round_trip(lambda: StructuralConv(4, 6, skeleton, 3), x)
    assert conv.state_dict().keys() == {"edge_weight", "weight", "bias"}
    assert_autocast(conv, x)


def test_reset_parameters(skeleton):
    conv = make(skeleton, bias=True)
    before = conv.weight.clone()
    conv.bias.data.fill_(1.0)
    conv.reset_parameters()
    assert torch.equal(conv.edge_weight, torch.ones_like(conv.edge_weight))
    assert not conv.bias.any()
    assert (conv.weight != before).all()


def test_compiles(skeleton):
    x = torch.randn(2 * 9, 5, 4)
    assert_compiles(make(skeleton, 4, 6), x)
    assert_compiles(make(skeleton, 6, 4, order=2), torch.randn(9, 3, 6))
    assert_compiles(make(skeleton, order=2), x, orders(skeleton, 2, copies=2))
