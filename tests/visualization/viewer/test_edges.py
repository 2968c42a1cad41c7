from types import SimpleNamespace

import pytest
import torch

from pyg_skeleton.visualization.viewer.edges import MOST, encode_edges


def test_a_matrix_is_by_target_and_source():
    graph = torch.tensor([[0.0, 0.5], [-2.0, 0.25]])
    expected = {"size": 2, "target": [1, 0, 1], "source": [0, 1, 1], "weight": [-2.0, 0.5, 0.25]}
    assert encode_edges(graph, 2, 1, "a") == expected
    assert encode_edges(graph.flatten(), 2, 3, "a") == expected


def test_edges_with_weights():
    edge_index, weight = torch.tensor([[0, 1], [1, 3]]), torch.tensor([0.1, 0.9])
    expected = {"size": 4, "source": [1, 0], "target": [3, 1], "weight": [0.9, 0.1]}
    assert encode_edges((edge_index, weight), 2, 2, "a") == expected  # over both persons
    explanation = SimpleNamespace(edge_index=edge_index, edge_mask=weight, edge_weight=None)
    assert encode_edges(explanation, 4, 1, "a") == expected
    actional = SimpleNamespace(edge_index=edge_index, edge_weight=weight)
    assert encode_edges(actional, 4, 1, "a") == expected


def test_only_the_strongest_of_many():
    graph = torch.arange(1.0, 60 * 60 + 1).view(60, 60)
    weight = encode_edges(graph, 60, 1, "a")["weight"]
    assert weight[:2] == [3600.0, 3599.0]
    assert len(weight) == MOST


def test_mistakes():
    with pytest.raises(ValueError, match=r"a must be \[2, 2\] or \[6, 6\], got \[3, 3\]"):
        encode_edges(torch.ones(3, 3), 2, 3, "a")
    with pytest.raises(ValueError, match="a has the node 7, expected nodes from 0 to 5"):
        encode_edges((torch.tensor([[0], [7]]), torch.ones(1)), 2, 3, "a")
    with pytest.raises(
        ValueError, match=r"edges \[2, E\] and weights \[E\], got \[2, 1\] and \[2\]"
    ):
        encode_edges((torch.tensor([[0], [1]]), torch.ones(2)), 2, 3, "a")
    with pytest.raises(ValueError, match="a must be finite"):
        encode_edges(torch.full((2, 2), torch.nan), 2, 1, "a")
