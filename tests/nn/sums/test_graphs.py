import pytest
import torch
from torch_geometric.data import Data
from torch_geometric.utils import to_torch_csr_tensor

from pyg_skeleton.nn import Edges
from pyg_skeleton.nn.sums.graphs import Graphs
from pyg_skeleton.skeleton.edges import union_edges
from pyg_skeleton.testing import requires_package

MODES = ("ring", "ball", "power")


def test_edges_of_data_lists_and_tensors():
    edges, far = torch.tensor([[0, 1], [1, 0]]), torch.tensor([[0], [2]])
    data = Data(edge_index=edges, edge_index_hop2=far, edge_weight=torch.rand(2), num_nodes=3)
    of_data = Edges.of(data)
    assert of_data.hops == (edges, far)
    assert of_data.weight is data.edge_weight
    assert Edges.of(of_data) is of_data
    assert Edges.of([edges, far]).hops == (edges, far)
    assert Edges.of(edges).hops == (edges,)
    with pytest.raises(ValueError, match="edges of shape"):
        Edges.of(Data(x=torch.rand(3, 2)))


def test_edges_of_sparse_tensors():
    edges = torch.tensor([[2, 0, 1], [0, 0, 2]])  # sorted by target
    transposed = to_torch_csr_tensor(edges.flip(0), size=(3, 3))
    found = Edges.of(transposed)
    assert found.hops[0].t().sort(0)[0].tolist() == edges.t().sort(0)[0].tolist()
    assert found.weight is None
    weighted = to_torch_csr_tensor(edges.flip(0), torch.tensor([1.0, 2.0, 3.0]), size=(3, 3))
    assert Edges.of(weighted).weight.tolist() == [2.0, 1.0, 3.0]


@requires_package("torch_sparse")
def test_edges_of_sparse_tensor():
    from torch_sparse import SparseTensor

    adj_t = SparseTensor(row=torch.tensor([0, 0, 2]), col=torch.tensor([2, 0, 1]))
    assert Edges.of(adj_t).hops[0].tolist() == [[0, 2, 1], [0, 0, 2]]


@pytest.mark.parametrize("given", [1, 2, 9])
@pytest.mark.parametrize("read", MODES)
def test_hops_are_those_of_the_skeleton(skeleton, given, read):
    hops = [union_edges(skeleton, 2, k, read) for k in range(1, given + 1)]
    graphs = Graphs(Edges.of(hops), 9, 2)
    for mode in MODES:
        for k in range(1, skeleton.diameter + 2):
            source, target = skeleton.hop_edge_index(k, mode)
            expected = torch.zeros(9, 9)
            expected[target, source] = skeleton.hop_weight(k, mode)
            assert torch.equal(graphs.hop(k, mode)[1], expected > 0)
            torch.testing.assert_close(graphs.hop_weight(k, mode)[1], expected)
    expected = skeleton.distances.masked_fill(skeleton.distances > 3, -1)
    assert torch.equal(graphs.distances(3)[0], expected)


def test_walks():
    path = torch.tensor([[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]])
    graphs = Graphs(Edges((path,)), 4, 1)
    steps = torch.zeros(4, 4)
    steps[path[1], path[0]] = 1
    for k in range(4):
        assert torch.equal(graphs.walks(k)[0], torch.linalg.matrix_power(steps, k) > 0)


def test_weights_multiply_along_the_way():
    path = torch.tensor([[0, 1, 2, 1], [1, 2, 3, 1]])
    graphs = Graphs(Edges((path,), torch.tensor([2.0, 3.0, 5.0, 7.0])), 4, 1)
    factor = graphs.factor(2)[0]
    assert factor[[1, 2, 3], [0, 1, 2]].tolist() == [2, 3, 5]
    assert factor[[2, 3], [0, 1]].tolist() == [6, 15]
    assert factor[3, 0] == 1  # farther than two hops
    assert factor.diagonal().tolist() == [1, 7, 1, 1]
    # Of two ways of the same length, the mean.
    square = torch.tensor([[0, 1, 0, 2], [1, 3, 2, 3]])
    graphs = Graphs(Edges((square,), torch.tensor([2.0, 3.0, 5.0, 7.0])), 4, 1)
    assert graphs.factor(2)[0, 3, 0] == (6 + 35) / 2


def test_messages_are_sorted_by_target_and_source():
    path = torch.tensor([[1, 0, 3], [0, 1, 2]])
    graphs = Graphs(Edges((path,)), 2, 2)
    edges, (copy, target, source) = graphs.messages(graphs.hops[0])
    assert edges.tolist() == [[1, 0, 3], [0, 1, 2]]
    assert (copy.tolist(), target.tolist(), source.tolist()) == ([0, 0, 1], [0, 1, 0], [1, 0, 1])
