import copy
import gc

import pytest
import torch

from pyg_skeleton.skeleton import BodyGraph, Skeleton
from pyg_skeleton.skeleton import edges as module
from pyg_skeleton.skeleton.edges import are_copies, as_graph, as_tree, note_copy, union_edges

BODY = Skeleton.get("h36m17")


def test_as_graph():
    assert as_graph(BODY) is BODY
    assert as_graph("h36m17") == BODY
    graph = as_graph(torch.tensor([[0, 1, 2, 2], [1, 0, 2, 4]]))
    assert graph.joints == ("0", "1", "2", "3", "4")
    assert graph.edges == ((0, 1), (2, 4))
    with pytest.raises(ValueError, match=r"edge_index of shape \[2, E\], got \[3\]"):
        as_graph(torch.tensor([0, 1, 2]))
    with pytest.raises(ValueError, match="h36m17"):
        as_graph("h36m71")


def test_union_edges_are_made_once_and_anew_after_a_write():
    graph = BodyGraph("pair", ["a", "b"], [("a", "b")])
    edges = union_edges(graph, 2)
    assert edges.tolist() == [[1, 0, 3, 2], [0, 1, 2, 3]]
    assert union_edges(graph, 2) is edges
    edges.zero_()
    assert union_edges(graph, 2).tolist() == [[1, 0, 3, 2], [0, 1, 2, 3]]
    with torch.inference_mode():
        assert not union_edges(graph, 3).is_inference()


def test_copies_are_recognized():
    edges = union_edges(BODY, 3)
    assert are_copies(edges, BODY, 3)
    assert are_copies(edges.clone(), BODY, 3)
    assert are_copies(union_edges(BODY, 3, mode="power"), BODY, 3)
    assert are_copies(union_edges(BODY, 3, 2), BODY, 3, 2)
    assert not are_copies(edges, BODY, 2)
    assert not are_copies(edges.flip(1), BODY, 3)
    assert not are_copies(union_edges(BODY, 3, 2), BODY, 3)
    with torch.inference_mode():
        assert are_copies(edges.clone(), BODY, 3)


def test_a_write_is_noticed():
    edges = union_edges(BODY, 3).clone()
    assert are_copies(edges, BODY, 3)
    edges[0, 0] = 5
    assert not are_copies(edges, BODY, 3)


def test_a_tensor_on_a_device_is_known_without_a_look():
    edges = union_edges(BODY, 3)
    moved = edges.to("meta")  # has no content to look at
    note_copy(moved, edges)
    assert are_copies(moved, BODY, 3)
    again = moved.clone()
    note_copy(again, moved)
    assert are_copies(again, BODY, 3)
    other = edges.flip(1)
    moved = other.to("meta")
    note_copy(moved, other)
    assert not are_copies(moved, BODY, 3)


def test_a_source_that_was_written_into_is_forgotten():
    edges = union_edges(BODY, 2).clone()
    twin = edges.clone()
    note_copy(twin, edges)
    edges.zero_()
    assert are_copies(twin, BODY, 2)  # looked at
    assert not are_copies(edges, BODY, 2)


def test_nothing_is_kept_alive():
    gc.collect()
    before = len(module._ANSWERS), len(module._SOURCES)
    edges = copy.deepcopy(union_edges(BODY, 2))
    twin = edges.clone()
    note_copy(twin, edges)
    assert are_copies(twin, BODY, 2)
    del edges, twin
    gc.collect()
    assert (len(module._ANSWERS), len(module._SOURCES)) <= before


def test_as_tree():
    assert as_tree(BODY, "a test") is BODY
    with pytest.raises(ValueError, match=r"a test needs a skeleton .* got the graph 'h36m17-dual'"):
        as_tree(BODY.dual(), "a test")
