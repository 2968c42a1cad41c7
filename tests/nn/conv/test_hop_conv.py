import pytest
import torch
from torch_geometric.utils import to_torch_csr_tensor

from pyg_skeleton.nn import DynamicHCSFConv, HCSFConv, LCNConv
from pyg_skeleton.nn.sums.copies import repeat_edges
from pyg_skeleton.testing import assert_fused_equals_propagate, requires_package

MAKE = {
    "pair": lambda s: HCSFConv(4, 16, s, long_range=3),
    "hop": lambda s: HCSFConv(4, 16, s, long_range=3, sharing="hop"),
    "graph per pose": lambda s: DynamicHCSFConv(4, 16, s, long_range=3, alpha=0.5),
}


@pytest.fixture(params=MAKE)
def conv(request, skeleton):
    return MAKE[request.param](skeleton)


def edge_sets(skeleton, copies, hops=3):
    return [repeat_edges(skeleton.edge_index(k), copies, 9, 9) for k in range(1, hops + 1)]


def test_large_batches(conv):
    """There the fused form is another one than for a few poses."""
    assert_fused_equals_propagate(conv, torch.randn(40 * 9, 4))


def test_edges_in_every_form(conv, skeleton):
    x = torch.randn(2 * 9, 4)
    given = edge_sets(skeleton, 2)
    torch.testing.assert_close(conv(x, given), conv(x))
    shuffled = tuple(e[:, torch.randperm(e.size(1))] for e in given)
    torch.testing.assert_close(conv(x, shuffled), conv(x))
    csr = [to_torch_csr_tensor(e.flip(0), size=(18, 18)) for e in given]
    torch.testing.assert_close(conv(x, csr), conv(x))
    torch.testing.assert_close(conv(x, given[:1]), conv(x))
    # Without neighbors, a joint sees nothing but itself.
    alone = conv(x, [e[:, :0] for e in given])
    x[0] += 1
    assert (conv(x, given[0][:, :0]) - alone)[1:].count_nonzero() == 0


@requires_package("torch_sparse")
def test_sparse_tensors(conv, skeleton):
    from torch_sparse import SparseTensor

    x, sets = torch.randn(2 * 9, 4), edge_sets(skeleton, 2)
    given = [SparseTensor(row=e[1], col=e[0], sparse_sizes=(18, 18)) for e in sets]
    torch.testing.assert_close(conv(x, given), conv(x))


def test_hooks_see_messages(conv):
    x, seen = torch.randn(2 * 9, 4), []
    expected = conv(x)
    handle = conv.register_message_forward_hook(lambda m, args, out: seen.append(out.shape))
    torch.testing.assert_close(conv(x), expected)
    handle.remove()
    conv(x)
    sizes = zip(conv.template.sizes, conv.widths, strict=True)
    assert seen == [(2 * size, width) for size, width in sizes]


def test_an_explainers_mask_weighs_edges(skeleton):
    conv, edges = LCNConv(4, 6, skeleton, hops=2), skeleton.edge_index()
    x, mask = torch.randn(9, 4), torch.rand(edges.size(1))
    expected = conv(x, edges, mask)
    conv.explain = True
    conv._edge_mask, conv._loop_mask, conv._apply_sigmoid = mask, None, False
    torch.testing.assert_close(conv(x, edges), expected)


def test_errors(conv):
    with pytest.raises(ValueError, match="copies of a graph of 9 nodes"):
        conv(torch.randn(10, 4))
    with pytest.raises(ValueError, match=r"x with 4 channels in its last dimension, got .* 5\]"):
        conv(torch.randn(9, 5))


def test_only_weights_are_saved(conv):
    names = {"transform", "weights.0", "weights.1", "weights.2"}
    if conv.graph is not None:
        names |= {f"graph.{n}" for n in ("base", "alpha", "embed.weight", "embed.bias")}
    assert conv.state_dict().keys() == names
