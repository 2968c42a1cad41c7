import pytest
import torch

from pyg_skeleton.nn.sums.copies import (
    as_static,
    as_union,
    complete_edges,
    num_copies,
    repeat_edges,
)


def test_num_copies():
    assert num_copies(torch.empty(12, 2), 4) == 3
    with pytest.raises(ValueError, match=r"4 nodes.*shape \(10, 2\) \(10 is no multiple of 4\)"):
        num_copies(torch.empty(10, 2), 4)
    with pytest.raises(ValueError, match="copies of a graph"):
        num_copies(torch.empty(0, 2), 4)


def test_a_union_is_a_static_batch_in_another_order():
    static = torch.randn(4, 3, 2, 5)
    union = as_union(static)
    assert torch.equal(union[5], static[1, 1])
    assert torch.equal(as_static(union, 3), static)


def test_repeat_edges():
    edges = torch.tensor([[0, 1], [2, 0]])
    assert repeat_edges(edges, 1, 3, 3) is edges
    assert repeat_edges(edges, 3, 2, 5).tolist() == [[0, 1, 2, 3, 4, 5], [2, 0, 7, 5, 12, 10]]


def test_complete_edges():
    cpu = torch.device("cpu")
    assert complete_edges(2, cpu).tolist() == [[0, 1, 0, 1], [0, 0, 1, 1]]
    assert complete_edges(3, cpu, self_loops=False).tolist() == [
        [1, 2, 0, 2, 0, 1],
        [0, 0, 1, 1, 2, 2],
    ]
