import pytest
import torch

from pyg_skeleton.nn import PartConv, StructuralConv
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import (
    assert_all_parameters_get_gradients,
    assert_autocast,
    assert_compiles,
    assert_fused_equals_propagate,
    assert_permutation_equivariant,
    assert_state_dict_round_trip,
    assert_union_equals_static,
)


def make(skeleton, in_channels=4, out_channels=6, **kwargs):
    conv = PartConv(in_channels, out_channels, skeleton, **kwargs)
    torch.nn.init.uniform_(conv.edge_weight, 0.5, 1.5)
    return conv


@pytest.mark.parametrize(("C", "D"), [(3, 5), (5, 3), (4, 4)])
def test_equals_dense(dense, assert_equals_dense, skeleton, C, D):
    conv = make(skeleton, C, D)
    x = torch.randn(3 * 4, 5, C, dtype=torch.float64)
    reference = dense.StructuralConv(conv, skeleton.part_graph())
    assert_equals_dense(conv, reference, (x,), (dense.to_dense(x, 4),))


def test_one_weight_per_link_of_parts():
    skeleton = Skeleton.get("h36m21")
    conv = PartConv(3, 4, skeleton)
    links = skeleton.part_graph().edges
    assert conv.edge_weight.shape == (10 + 2 * len(links),)
    adjacency = conv.adjacency()[0]
    assert (adjacency.diagonal() > 0).all()
    for i, j in links:
        assert adjacency[i, j] > 0
        assert adjacency[j, i] > 0
    torch.testing.assert_close(adjacency.sum(dim=1), torch.ones(10))


def test_fused_equals_propagate(skeleton):
    assert_fused_equals_propagate(make(skeleton, bias=True), torch.randn(3 * 4, 5, 4))
    assert_fused_equals_propagate(make(skeleton, 6, 4), torch.randn(4, 6))


def test_given_edges(skeleton):
    conv, x = make(skeleton), torch.randn(4, 5, 4)
    edges = skeleton.part_graph().edge_index(self_loops=True)
    torch.testing.assert_close(conv(x, edges.flip(1)), conv(x))
    with pytest.raises(ValueError, match="is not among"):
        conv(x, (skeleton.part_graph().distances > 1).nonzero().t())


def test_union_equals_static_batch(skeleton):
    conv = make(skeleton)
    assert_union_equals_static(conv, skeleton.part_graph(), 4)


def test_copies_may_change_places(skeleton):
    conv, x = make(skeleton), torch.randn(2 * 4, 5, 4)
    edges = conv.template.union(0, x)[0]
    perm = torch.tensor([4, 5, 6, 7, 0, 1, 2, 3])
    assert_permutation_equivariant(conv, x, edges, perm=perm)


def test_explain_sees_messages_whatever_was_made_before(skeleton):
    # PyG generates code per class, and a class above that has some must not hide the plain form.
    StructuralConv(4, 6, skeleton)
    conv, x = make(skeleton), torch.randn(4, 5, 4)
    edges = skeleton.part_graph().edge_index()
    mask = torch.rand(edges.size(1))
    expected = conv.adjacency()[0].diagonal().view(4, 1, 1) * x
    for m, (j, i) in zip(mask, edges.t().tolist(), strict=True):
        expected[i] += m * conv.adjacency()[0, i, j] * x[j]
    conv.explain = True
    conv._edge_mask, conv._loop_mask, conv._apply_sigmoid = mask, None, False
    torch.testing.assert_close(conv(x, edges), expected @ conv.weight[0].t())


def test_usual_checks(skeleton):
    conv, x = make(skeleton), torch.randn(2 * 4, 5, 4)
    assert str(conv) == "PartConv(4, 6)"
    assert conv(x).shape == (8, 5, 6)
    assert_all_parameters_get_gradients(conv, x)
    assert_state_dict_round_trip(lambda: PartConv(4, 6, skeleton), x)
    assert conv.state_dict().keys() == {"edge_weight", "weight"}
    assert_autocast(conv, x)
    assert_compiles(conv, x)
