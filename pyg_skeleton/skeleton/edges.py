"""Edges of several copies of a graph, and how to recognize them without reading them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.utils.weak import WeakTensorKeyDictionary

from pyg_skeleton.skeleton.body_graph import BodyGraph
from pyg_skeleton.skeleton.hops import HopMode
from pyg_skeleton.skeleton.skeleton import Skeleton, SkeletonLike

#: What operators take for a graph.
GraphLike: TypeAlias = BodyGraph | Tensor | SkeletonLike


def as_graph(layout: GraphLike) -> BodyGraph:
    """The graph that `layout` describes.

    Args:
        layout (BodyGraph, torch.Tensor, str, path or dict): A graph, which is returned as it is;
            a plain `edge_index`, whose nodes are called by their numbers; the description of a
            graph without bones, see :meth:`BodyGraph.to_dict
            <pyg_skeleton.skeleton.BodyGraph.to_dict>`; or whatever :meth:`Skeleton.of
            <pyg_skeleton.skeleton.Skeleton.of>` takes, such as the name of a layout.

    Raises:
        TypeError: If it is none of these.
        ValueError: If no layout has this name, or the edges are not of shape `[2, E]`.
    """
    if isinstance(layout, BodyGraph):
        return layout
    if isinstance(layout, Mapping) and "edges" in layout:
        return BodyGraph(**layout)
    if not isinstance(layout, Tensor):
        return Skeleton.of(layout)
    if layout.dim() != 2 or layout.size(0) != 2 or layout.is_floating_point() or not layout.numel():
        raise ValueError(f"expected an edge_index of shape [2, E], got {list(layout.shape)}")
    pairs = sorted({(min(e), max(e)) for e in layout.t().tolist() if e[0] != e[1]})
    nodes = [str(node) for node in range(int(layout.max()) + 1)]
    return BodyGraph("graph", nodes, pairs)


def as_tree(graph: BodyGraph, purpose: str) -> Skeleton:
    """The graph itself, where it is a skeleton.

    Raises:
        ValueError: If it has no bones; the message names the purpose that needs them.
    """
    if isinstance(graph, Skeleton):
        return graph
    raise ValueError(
        f"{purpose} needs a skeleton (a tree of bones with a root), got the graph {graph.name!r} "
        f"of {graph.num_joints} nodes"
    )


def repeat_edges(edge_index: Tensor, copies: int, num_sources: int, num_targets: int) -> Tensor:
    r"""Repeats the edges :math:`(2, E)` of one graph for a disjoint union of copies, in order."""
    if copies == 1:
        return edge_index
    step = torch.tensor([num_sources, num_targets], device=edge_index.device)
    shift = torch.arange(copies, device=edge_index.device) * step.view(2, 1)
    return (edge_index.unsqueeze(1) + shift.unsqueeze(2)).flatten(1)


def union_edges(graph: BodyGraph, copies: int = 1, hop: int = 1, mode: HopMode = "ring") -> Tensor:
    r"""The edges of a disjoint union of copies of a graph, the same CPU tensor on each call.

    Do not write into it; a tensor that was written into is made anew.

    Args:
        graph (BodyGraph): The graph.
        copies (int, optional): The number of copies. (default: :obj:`1`)
        hop (int, optional): The hop. (default: :obj:`1`)
        mode (str, optional): The reading of the hop, see
            :meth:`~pyg_skeleton.skeleton.BodyGraph.hop_edge_index`. (default: :obj:`"ring"`)

    Shapes:
        - **output:** :math:`(2, \text{copies} \cdot E)`
    """
    edges, version = _union(graph, copies, hop, mode)
    if edges._version != version:
        _union.cache_clear()
        edges, _ = _union(graph, copies, hop, mode)
    return edges


@lru_cache(maxsize=256)
def _union(graph: BodyGraph, copies: int, hop: int, mode: HopMode) -> tuple[Tensor, int]:
    # A tensor made in inference mode could not be used in training.
    with torch.inference_mode(False), torch.device("cpu"):
        edges = graph.hop_edge_index(hop, mode)
        edges = repeat_edges(edges, copies, graph.num_joints, graph.num_joints).contiguous()
    _ORIGINS[edges] = Origin(graph, copies, hop, mode), edges._version
    return edges, edges._version


class Origin(NamedTuple):
    """The arguments of :func:`union_edges` that a tensor stems from."""

    graph: BodyGraph
    copies: int
    hop: int
    mode: HopMode


# From the tensors of union_edges to how they were made.
_ORIGINS: Any = WeakTensorKeyDictionary()
# From a tensor to the CPU tensor that it is a copy of.
_SOURCES: Any = WeakTensorKeyDictionary()
# From a tensor to the last question asked about it, and the answer.
_ANSWERS: Any = WeakTensorKeyDictionary()


def _version(tensor: Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version


def note_copy(copy: Tensor, original: Tensor) -> None:
    """Remembers that a tensor was copied or moved from another one, on the CPU."""
    original = _source(original)
    if copy is not original and original.device.type == "cpu":
        _SOURCES[copy] = original, _version(original), _version(copy)


def _source(tensor: Tensor) -> Tensor:
    """The CPU tensor that is known to hold the same, or the tensor itself."""
    original, *versions = _SOURCES.get(tensor, (None,))
    if original is not None and versions == [_version(original), _version(tensor)]:
        return original
    return tensor


def origin(edge_index: Tensor) -> Origin | None:
    """Returns the graph and hop that edges are known to be copies of, without reading them."""
    edges = _source(edge_index)
    found, version = _ORIGINS.get(edges, (None, 0))
    return found if found is not None and _version(edges) == version else None


def are_copies(edge_index: Tensor, graph: BodyGraph, copies: int, hop: int = 1) -> bool:
    """Returns :obj:`True` if edges are those of a hop in copies of a graph, in order, in any mode.

    A tensor is looked at once at most, and not at all where it stems from :func:`union_edges`: a
    tensor on a device is known by the CPU tensor that it was moved from.
    """
    question = (graph, copies, hop, _version(edge_index))
    asked, answer = _ANSWERS.get(edge_index, (None, False))
    if asked != question:
        answer = _are_copies(_source(edge_index), graph, copies, hop)
        _ANSWERS[edge_index] = question, answer
    return bool(answer)


def _are_copies(edges: Tensor, graph: BodyGraph, copies: int, hop: int) -> bool:
    modes: tuple[HopMode, ...] = ("ring", "power", "ball")
    for mode in modes:
        own = union_edges(graph, copies, hop, mode)
        if edges is own or (edges.shape == own.shape and torch.equal(edges.cpu(), own)):
            return True
    return False
