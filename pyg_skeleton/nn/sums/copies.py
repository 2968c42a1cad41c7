"""Copies of a graph: a disjoint union, or a static batch."""

import torch
from torch import Tensor

from pyg_skeleton.skeleton.edges import repeat_edges

__all__ = ["as_static", "as_union", "complete_edges", "num_copies", "repeat_edges"]


def num_copies(x: Tensor, num_nodes: int) -> int:
    r"""Returns how many copies of a graph of :obj:`num_nodes` nodes the rows of :obj:`x` hold.

    Raises:
        ValueError: If the rows are no whole number of copies.
    """
    if x.size(0) % num_nodes != 0 or x.size(0) == 0:
        raise ValueError(
            f"expected copies of a graph of {num_nodes} nodes in dimension 0, "
            f"got x of shape {tuple(x.shape)} ({x.size(0)} is no multiple of {num_nodes})"
        )
    return x.size(0) // num_nodes


def as_union(x: Tensor) -> Tensor:
    r"""Turns a static batch :math:`(V, B, *)` into a disjoint union :math:`(B \cdot V, *)`."""
    return x.transpose(0, 1).flatten(0, 1)


def as_static(x: Tensor, copies: int) -> Tensor:
    r"""Turns a disjoint union :math:`(B \cdot V, *)` into a static batch :math:`(V, B, *)`."""
    return x.reshape((copies, -1, *x.shape[1:])).transpose(0, 1)


def complete_edges(num_nodes: int, device: torch.device, self_loops: bool = True) -> Tensor:
    r"""Returns the edges of a complete graph, sorted by (target, source)."""
    nodes = torch.arange(num_nodes, device=device)
    target = nodes.repeat_interleave(num_nodes)
    source = nodes.repeat(num_nodes)
    edges = torch.stack([source, target])
    return edges if self_loops else edges[:, source != target]
