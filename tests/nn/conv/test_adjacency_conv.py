import pytest
import torch

from pyg_skeleton.nn.conv.adjacency_conv import AdjacencyConv


def sums(adj, edge_index=None, fused=True, copies=2):
    """What the layer makes of a batch of bodies of three joints, with both of its inputs."""
    conv = AdjacencyConv(3)
    conv.fuse = fused
    x, weight = torch.randn(copies * 3, 4, 5), torch.randn(2, 6, 5)
    return conv.sum_subsets(x, adj, weight, edge_index), x, weight


@pytest.mark.parametrize("fused", [True, False])
def test_one_edge_by_hand(fused):
    adj = torch.zeros(2, 3, 3)
    adj[1, 0, 2] = 3.0  # the second subset alone, from joint 2 to joint 0
    out, x, weight = sums(adj, fused=fused)
    expected = torch.zeros(6, 4, 6)
    expected[0], expected[3] = (3 * x[row] @ weight[1].t() for row in (2, 5))
    torch.testing.assert_close(out, expected)


@pytest.mark.parametrize("shape", ["kij", "bkij", "btkij"])
@pytest.mark.parametrize("fused", [True, False])
def test_graphs_that_are_shared_or_of_a_body_or_of_a_frame(shape, fused):
    sizes = {"b": 2, "t": 4, "k": 2, "i": 3, "j": 3}
    adj = torch.randn([sizes[letter] for letter in shape])
    out, x, weight = sums(adj, fused=fused)
    expected = torch.einsum(f"{shape},bjtc,kdc->bitd", adj, x.view(2, 3, 4, 5), weight)
    torch.testing.assert_close(out, expected.flatten(0, 1), rtol=1e-4, atol=1e-5)


def test_given_edges_have_the_weights_of_their_pairs():
    adj = torch.randn(2, 2, 3, 3)
    edges = torch.tensor([[2, 4], [0, 5]])
    out, x, weight = sums(adj, edges)
    expected = torch.zeros(6, 4, 6)
    for k in range(2):
        expected[0] += adj[0, k, 0, 2] * x[2] @ weight[k].t()
        expected[5] += adj[1, k, 2, 1] * x[4] @ weight[k].t()
    torch.testing.assert_close(out, expected, rtol=1e-4, atol=1e-5)
