import pytest
import torch
from torch_geometric.utils import to_torch_csr_tensor

from pyg_skeleton.nn import SemGConv
from pyg_skeleton.nn.sums.copies import repeat_edges
from pyg_skeleton.testing import (
    assert_fused_equals_propagate,
    max_activation_elements,
    requires_package,
)

KINDS = pytest.mark.parametrize("channelwise", [False, True], ids=["scalar", "channel-wise"])
FORMS = pytest.mark.parametrize("separate_self", [False, True], ids=["one", "two"])


def make(skeleton, C, D, *args, **kwargs):
    conv = SemGConv(C, D, skeleton, *args, **kwargs)
    torch.nn.init.normal_(conv.edge_weight)
    return conv


def reference(skeleton):
    """Equations 2, 3 and 9, target by target."""

    def run(conv, x):
        V, targets = skeleton.num_joints, []
        order = {}
        for e, (j, i) in enumerate(skeleton.edge_index(self_loops=True).t().tolist()):
            order.setdefault(i, []).append((j, e))
        poses = x.unflatten(0, (-1, V))
        for i in range(V):
            ids = [e for _, e in order[i]]
            P = conv.edge_weight[..., ids].exp()
            P = P / P.sum(-1, keepdim=True)
            h = 0
            for n, (j, _) in enumerate(order[i]):
                W = conv.weight[0 if i == j else -1]
                h = h + P[..., n] * (poses[:, j] @ W.t())
            targets.append(h if conv.bias is None else h + conv.bias)
        return torch.stack(targets, dim=1).flatten(0, 1)

    return run


@KINDS
@FORMS
@pytest.mark.parametrize(("C", "D"), [(2, 5), (5, 3), (4, 4)])
def test_equals_the_equations(skeleton, assert_equals_reference, channelwise, separate_self, C, D):
    conv = make(skeleton, C, D, channelwise, separate_self).double()
    assert_equals_reference(conv, reference(skeleton), torch.randn(3 * 9, C))
    conv = make(skeleton, C, D, channelwise, separate_self, bias=False).double()
    assert_equals_reference(conv, reference(skeleton), torch.randn(2 * 9, 4, C))


@KINDS
@FORMS
def test_the_measured_dense_form_is_the_same(lifting, h36m, channelwise, separate_self):
    conv = make(h36m, 4, 6, channelwise, separate_self)
    x = torch.randn(3 * 16, 4)
    torch.testing.assert_close(lifting.SemGConv(conv)(x.view(3, 16, 4)).flatten(0, 1), conv(x))


@KINDS
def test_the_softmax_is_stable(skeleton, channelwise):
    conv = make(skeleton, 4, 6, channelwise)
    conv.edge_weight.data *= 1000
    rows = conv.adjacency().sum(-1)
    torch.testing.assert_close(rows, torch.ones_like(rows))
    before = conv.adjacency()
    conv.edge_weight.data += 5  # the same for all
    torch.testing.assert_close(conv.adjacency(), before, rtol=1e-3, atol=1e-3)
    assert not conv.adjacency()[..., skeleton.distances > 1].any()


@KINDS
def test_weights_of_edges_are_those_of_the_matrix(skeleton, channelwise):
    conv = make(skeleton, 4, 6, channelwise)
    source, target = skeleton.edge_index(self_loops=True)
    torch.testing.assert_close(conv.normalized_weight(), conv.adjacency()[..., target, source])
    size = (6, 25) if channelwise else (25,)
    assert conv.normalized_weight().shape == conv.edge_weight.shape == size


@KINDS
def test_edges_in_every_form(skeleton, channelwise):
    conv, x = make(skeleton, 4, 6, channelwise), torch.randn(2 * 9, 5, 4)
    edges = repeat_edges(skeleton.edge_index(self_loops=True), 2, 9, 9)
    torch.testing.assert_close(conv(x, edges[:, torch.randperm(50)]), conv(x))
    csr = to_torch_csr_tensor(edges.flip(0), size=(18, 18))
    torch.testing.assert_close(conv(x, csr), conv(x))
    # Without neighbors, a joint sees nothing but itself.
    alone = conv(x, edges[:, :0]) - conv.bias
    torch.testing.assert_close(alone, x @ conv.weight[0].t())


@requires_package("torch_sparse")
@KINDS
def test_sparse_tensors(skeleton, channelwise):
    from torch_sparse import SparseTensor

    conv, x = make(skeleton, 4, 6, channelwise), torch.randn(2 * 9, 5, 4)
    source, target = repeat_edges(skeleton.edge_index(self_loops=True), 2, 9, 9)
    adj = SparseTensor(row=target, col=source, sparse_sizes=(18, 18))
    torch.testing.assert_close(conv(x, adj), conv(x))


@KINDS
def test_hooks_and_explain_see_messages(skeleton, channelwise):
    conv, x, seen = make(skeleton, 4, 6, channelwise), torch.randn(2 * 9, 4), []
    expected = conv(x)
    handle = conv.register_propagate_forward_pre_hook(lambda m, args: seen.append(args[0]))
    torch.testing.assert_close(conv(x), expected)
    handle.remove()
    conv(x)
    assert [edges.size(1) for edges in seen] == [2 * 16]
    edges = skeleton.edge_index()
    mask = torch.rand(edges.size(1))
    expected = conv(x[:9], edges, mask)
    conv.explain = True
    conv._edge_mask, conv._loop_mask, conv._apply_sigmoid = mask, None, False
    torch.testing.assert_close(conv(x[:9], edges), expected)


@FORMS
def test_memory_of_channels_grows_with_the_edges(h36m, separate_self):
    conv = make(h36m, 32, 32, True, separate_self)
    x = torch.randn(8 * 16, 32)
    assert max_activation_elements(conv, x, backward=True) <= 8 * 46 * 32 < 8 * 16 * 16 * 32


@KINDS
def test_a_joint_without_neighbors(channelwise):
    from pyg_skeleton.skeleton import Skeleton

    dot = Skeleton("dot", ["a"], [], "a")
    conv = make(dot, 3, 3, channelwise)
    x = torch.randn(4, 3)
    torch.testing.assert_close(conv(x), x @ conv.weight[0].t() + conv.bias)
    assert_fused_equals_propagate(conv, x)


def test_reset_parameters(h36m):
    conv = make(h36m, 128, 128, True)
    conv.reset_parameters()
    assert conv.edge_weight.eq(1).all()
    weight = conv.weight.detach()
    assert weight.std() == pytest.approx(0.02685 / 3**0.5, rel=0.02)
    assert str(conv) == "SemGConv(128, 128, channelwise=True)"
    assert conv.state_dict().keys() == {"edge_weight", "weight", "bias"}
