from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.sums.copies import as_static
from pyg_skeleton.nn.sums.graphs import Edges, GivenEdges, Graphs
from pyg_skeleton.nn.sums.subset_sum import subset_sum
from pyg_skeleton.skeleton import GraphLike, as_graph


def of_frames(forward: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Makes the :meth:`forward` of a layer that infers a graph from each clip infer one from each
    frame where :attr:`CompleteConv.frame_graphs` is set.
    """

    @wraps(forward)
    def wrapper(
        self: "CompleteConv",
        x: Tensor,
        edge_index: GivenEdges = None,
        edge_weight: Tensor | None = None,
    ) -> Tensor:
        if not self.frame_graphs or x.size(-2) == 1:
            return forward(self, x, edge_index, edge_weight)
        if x.dim() == 4:  # frames become copies, as the copies of a static batch are
            return forward(self, x.flatten(1, 2).unsqueeze(2), edge_index, edge_weight).view(
                (*x.shape[:3], -1)
            )
        nodes, frames, channels = x.shape
        edges = None
        if edge_index is not None:
            edges = Edges.of(edge_index, edge_weight).repeat(frames, nodes)
        out = forward(self, x.transpose(0, 1).reshape(-1, 1, channels), edges)
        return out.view(frames, nodes, -1).transpose(0, 1)

    return wrapper


class CompleteConv(SkeletonConv):
    r"""The base of layers that learn graphs over all pairs of joints.

    Their graphs are not made of edges. Given edges change nothing, unless :obj:`mask_edges` is set:
    then messages pass along the given edges (by default, those of the skeleton) and from each
    joint to itself only. Edge weights, and the mask of an explainer, multiply the messages along
    the given edges either way.

    Args:
        skeleton (BodyGraph or str): The graph.
        mask_edges (bool, optional): Whether edges restrict the learned graphs.
            (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.
    """

    near: Tensor
    #: Whether each frame has graphs of its own, in a layer that infers graphs from clips.
    frame_graphs = False

    def __init__(self, skeleton: GraphLike, mask_edges: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.skeleton = as_graph(skeleton)
        self.num_nodes = self.skeleton.num_joints
        self.mask_edges = mask_edges
        near = torch.eye(self.num_nodes, dtype=torch.bool) | (self.skeleton.distances == 1)
        self.register_buffer("near", near, persistent=False)

    @property
    def uses_edges(self) -> bool:
        """Whether the layer's answer depends on unweighted edges."""
        return self.mask_edges

    def weigh(self, adj: Tensor, graphs: Graphs | None) -> Tensor:
        r"""Applies masks and weights of edges to learned graphs :math:`(B, *, V, V)`."""
        if graphs is None:
            return adj * self.near if self.mask_edges else adj
        factor = graphs.factor() * graphs.near if self.mask_edges else graphs.factor()
        return adj * factor.view(len(factor), *(1 for _ in adj.shape[1:-2]), *factor.shape[1:])

    def support(self, graphs: Graphs | None) -> Tensor | None:
        r"""Returns the pairs that exchange messages, :math:`(B, V, V)`; all for :obj:`None`."""
        return graphs.near.unsqueeze(1) if graphs is not None and self.mask_edges else None

    def sum_learned(
        self,
        x: Tensor,
        edge_index: GivenEdges,
        edge_weight: Tensor | None,
        adjacency: Callable[[Tensor], Tensor],
        weight: Tensor,
        bias: Tensor,
    ) -> Tensor:
        r"""Sums over the graphs :obj:`adjacency(x)` of each body or frame."""
        h, edges = self.union(x, edge_index, edge_weight)
        graphs = self.given(h, edges)
        adj = self.weigh(adjacency(h), graphs)
        support = self.support(graphs)
        out = self.sum_edges(h, adj, weight, graphs, support, bias, fused=subset_sum)
        return as_static(out, x.size(1)) if x.dim() == 4 else out
