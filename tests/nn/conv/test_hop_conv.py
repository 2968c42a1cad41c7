import pytest
import torch
from torch_geometric.utils import to_torch_csr_tensor

from pyg_skeleton.nn import DynamicHCSFConv, HCSFConv, LCNConv
from pyg_skeleton.nn.sums.edge_template import repeat_edges
from pyg_skeleton.testing import assert_fused_equals_propagate, requires_package

MAKE = {
    "pair": lambda s: HCSFConv(4, 16, s, long_range=3),
    "hop": lambda s: HCSFConv(4, 16, s, long_range=3, sharing="hop"),
    "graph per pose": lambda s: DynamicHCSFConv(4, 16, s, long_range=3, alpha=0.5),
}


@pytest.fixture(params=MAKE)
def conv(request, skeleton):
    return MAKE[request.param](skeleton)


def edge_sets(conv, copies):
    template, V = conv.template, conv.template.num_nodes
    edges = [template.relation(template.edge_index, g) for g in range(template.num_relations)]
    return [repeat_edges(e, copies, V, V) for e in edges]


def test_large_batches(conv):
    """There the fused form is another one than for a few poses."""
    assert_fused_equals_propagate(conv, torch.randn(40 * 9, 4))


def test_edges_in_every_form(conv):
    x = torch.randn(2 * 9, 4)
    given = edge_sets(conv, 2)
    torch.testing.assert_close(conv(x, given), conv(x))
    shuffled = tuple(e[:, torch.randperm(e.size(1))] for e in given)
    torch.testing.assert_close(conv(x, shuffled), conv(x))
    csr = [to_torch_csr_tensor(e.flip(0), size=(18, 18)) for e in given]
    torch.testing.assert_close(conv(x, csr), conv(x))
    assert not conv(x, [e[:, :0] for e in given]).any()


@requires_package("torch_sparse")
def test_sparse_tensors(conv):
    from torch_sparse import SparseTensor

    x, sets = torch.randn(2 * 9, 4), edge_sets(conv, 2)
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


def test_an_explainers_mask_takes_away_edges(skeleton):
    conv, edges = LCNConv(4, 6, skeleton, hops=1), skeleton.hop_edge_index(1, "ball")
    x, mask = torch.randn(9, 4), (torch.rand(edges.size(1)) < 0.5).float()
    expected = conv(x, edges[:, mask > 0])
    conv.explain = True
    conv._edge_mask, conv._loop_mask, conv._apply_sigmoid = mask, None, False
    torch.testing.assert_close(conv(x, edges), expected)


def test_errors(conv, skeleton):
    x = torch.randn(9, 4)
    with pytest.raises(ValueError, match="expected 3 edge sets, one per group of hops, got 2"):
        conv(x, edge_sets(conv, 1)[:2])
    with pytest.raises(ValueError, match="expected 3 edge sets, one per group of hops, got 1"):
        conv(x, edge_sets(conv, 1)[0])
    far = (skeleton.distances == 3).nonzero()[0].view(2, 1)
    with pytest.raises(ValueError, match=r"edge \d+ -> \d+ .* of relation 1 of this layer's"):
        conv(x, [far, *edge_sets(conv, 1)[1:]])
    with pytest.raises(ValueError, match="copies of a graph of 9 nodes"):
        conv(torch.randn(10, 4))


def test_only_weights_are_saved(conv):
    names = {"transform", "weights.0", "weights.1", "weights.2"}
    if conv.graph is not None:
        names |= {f"graph.{n}" for n in ("base", "alpha", "embed.weight", "embed.bias")}
    assert conv.state_dict().keys() == names
