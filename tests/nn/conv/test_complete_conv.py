"""What layers that learn complete graphs share: masks and weights of edges."""

import torch

from pyg_skeleton.nn import AdaptiveGraphConv, CompleteConv
from pyg_skeleton.nn.sums.graphs import Edges, Graphs
from pyg_skeleton.skeleton import Skeleton

SKELETON = Skeleton("path", ["a", "b", "c"], [("b", "a"), ("c", "b")], "a")


def graphs(edges, weight=None):
    return Graphs(Edges.of(torch.tensor(edges), weight), 3, 1)


def test_near_are_the_joints_themselves_and_their_neighbors():
    conv = CompleteConv(SKELETON)
    assert conv.near.tolist() == [[True, True, False], [True, True, True], [False, True, True]]
    assert not conv.uses_edges
    assert CompleteConv(SKELETON, mask_edges=True).uses_edges


def test_edges_mask_a_learned_graph_only_if_asked_to():
    adj = torch.rand(1, 2, 3, 3) + 1
    one = graphs([[0], [1]])  # the message from a to b
    free, masked = CompleteConv(SKELETON), CompleteConv(SKELETON, mask_edges=True)
    assert torch.equal(free.weigh(adj, None), adj)
    assert torch.equal(free.weigh(adj, one), adj)
    assert torch.equal(masked.weigh(adj, None), adj * masked.near)
    allowed = torch.eye(3)
    allowed[1, 0] = 1  # targets in the rows
    assert torch.equal(masked.weigh(adj, one), adj * allowed)
    assert free.support(one) is None
    assert torch.equal(masked.support(one).view(3, 3).float(), allowed)


def test_weights_multiply_along_their_edges():
    adj, weight = torch.rand(1, 3, 3) + 1, torch.tensor([0.25])
    expected = adj.clone()
    expected[0, 1, 0] *= 0.25
    torch.testing.assert_close(
        CompleteConv(SKELETON).weigh(adj, graphs([[0], [1]], weight)), expected
    )


def test_a_layer_sums_over_what_is_left():
    conv = AdaptiveGraphConv(4, 8, SKELETON, mask_edges=True).eval()
    x = torch.randn(3, 5, 4)
    own = SKELETON.edge_index()
    torch.testing.assert_close(conv(x), conv(x, own))
    assert not torch.allclose(conv(x, own[:, :1]), conv(x), atol=1e-5)
