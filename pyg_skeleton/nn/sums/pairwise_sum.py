r"""Sums in which every edge has a matrix of its own."""

import torch
from torch import Tensor
from torch_geometric import is_compiling

from pyg_skeleton.nn.sums.copies import num_copies

#: The number of poses up to which one product per edge is fastest (measured on CPUs).
FEW = 32


class PairwiseSum(torch.nn.Module):
    r"""Sums over the edges of copies of a graph, each edge with a linear map of its own.

    .. math::
        \mathbf{y}_i = \sum_{j \rightarrow i} a_{ij} \, \mathbf{W}_{ij}^{\top} \mathbf{x}_j

    Time and memory grow with the number of edges, not with :math:`V^2`. CPUs compute few large
    products instead of many small ones: one per target, whose matrices are neighbors in memory, or
    one per source where channels shrink, so that the narrower side is carried along the edges.

    Args:
        edge_index (torch.Tensor): The edges of one copy, sorted by (target, source).
        num_nodes (int): The number of nodes :math:`V` of the graph.
    """

    source: Tensor
    target: Tensor
    by_source: Tensor

    def __init__(self, edge_index: Tensor, num_nodes: int) -> None:
        super().__init__()
        self.num_nodes = num_nodes
        source, target = edge_index
        self.in_degrees = torch.bincount(target, minlength=num_nodes).tolist()
        self.out_degrees = torch.bincount(source, minlength=num_nodes).tolist()
        self.register_buffer("source", source.clone(), persistent=False)
        self.register_buffer("target", target.clone(), persistent=False)
        self.register_buffer("by_source", source.argsort(stable=True), persistent=False)

    def forward(self, x: Tensor, weight: Tensor, edge_weight: Tensor | None = None) -> Tensor:
        r"""Sums over the edges of every copy.

        Args:
            x (torch.Tensor): Features of :math:`B` copies.
            weight (torch.Tensor): The map of each edge.
            edge_weight (torch.Tensor, optional): The weight of each edge, shared or per copy.
                (default: :obj:`None`)

        Shapes:
            - **x:** :math:`(B \cdot V, *, C)`
            - **weight:** :math:`(E, C, D)`
            - **edge_weight:** :math:`(E)` or :math:`(B, E)`
            - **output:** :math:`(B \cdot V, *, D)`

        Raises:
            ValueError: If :obj:`x` holds another number of copies than there are edge weights.
        """
        (E, C, D), V = weight.shape, self.num_nodes
        B = num_copies(x, V)
        h = x.reshape(B, V, -1, C).transpose(1, 2)  # [B, R, V, C]
        R = h.size(1)
        h = h.flatten(0, 1)
        if edge_weight is not None and edge_weight.dim() == 1:
            weight, edge_weight = weight * edge_weight.view(E, 1, 1), None
        if edge_weight is not None:
            if edge_weight.size(0) != B:
                raise ValueError(
                    f"expected x of {edge_weight.size(0)} copies, one per graph, got {B}"
                )
            edge_weight = edge_weight.repeat_interleave(R, dim=0).unsqueeze(-1)  # [B * R, E, 1]
        if not x.is_cpu or is_compiling() or B * R <= FEW:
            out = self._by_edge(h, weight, edge_weight)
        elif V * V == E and edge_weight is None:
            out = self._all_pairs(h, weight)
        elif D < C:
            out = self._by_source(h, weight, edge_weight)
        else:
            out = self._by_target(h, weight, edge_weight)
        return out.view(B, R, V, D).transpose(1, 2).reshape((*x.shape[:-1], D))

    def _by_edge(self, h: Tensor, weight: Tensor, edge_weight: Tensor | None) -> Tensor:
        """The equation as it is printed: map the source of each edge, weigh it, sum."""
        h = torch.bmm(h.transpose(0, 1).index_select(0, self.source), weight)  # [E, B * R, D]
        if edge_weight is not None:
            h = h * edge_weight.transpose(0, 1)
        out = h.new_zeros(self.num_nodes, *h.shape[1:]).index_add(0, self.target, h)
        return out.transpose(0, 1).contiguous()

    def _by_target(self, h: Tensor, weight: Tensor, edge_weight: Tensor | None) -> Tensor:
        C, D = weight.shape[1:]
        sizes = [n * C for n in self.in_degrees]
        h = h.index_select(1, self.source)
        h = (h if edge_weight is None else h * edge_weight).flatten(1)
        parts = zip(torch.split(h, sizes, 1), torch.split(weight.view(-1, D), sizes), strict=True)
        return torch.stack([sources @ w for sources, w in parts], dim=1)

    def _by_source(self, h: Tensor, weight: Tensor, edge_weight: Tensor | None) -> Tensor:
        E, _, D = weight.shape
        weight = weight.transpose(0, 1).index_select(1, self.by_source).flatten(1)  # [C, E * D]
        parts = zip(
            h.unbind(1), torch.split(weight, [n * D for n in self.out_degrees], 1), strict=True
        )
        h = torch.cat([source @ w for source, w in parts], dim=1).view(h.size(0), E, D)
        if edge_weight is not None:
            h = h * edge_weight.index_select(1, self.by_source)
        target = self.target.index_select(0, self.by_source)
        return h.new_zeros(h.size(0), self.num_nodes, D).index_add(1, target, h)

    def _all_pairs(self, h: Tensor, weight: Tensor) -> Tensor:
        V, (_, C, D) = self.num_nodes, weight.shape
        weight = weight.view(V, V, C, D).permute(1, 2, 0, 3).reshape(V * C, V * D)
        return (h.flatten(1) @ weight).view(h.size(0), V, D)
