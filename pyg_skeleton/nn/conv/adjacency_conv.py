from typing import Any

from torch import Tensor
from torch_geometric.typing import Adj

from pyg_skeleton.nn.conv.skeleton_conv import (
    SkeletonConv,
    as_edge_index,
    num_copies,
)
from pyg_skeleton.nn.sums.edge_template import complete_edges, repeat_edges
from pyg_skeleton.nn.sums.subset_sum import subset_sum


class AdjacencyConv(SkeletonConv):
    r"""What layers with weighted graphs over all pairs of joints share.

    .. math::
        \mathbf{Y} = \sum_{k=1}^{K} \mathbf{A}_k \mathbf{X} \mathbf{W}_k

    with a matrix for each of :math:`K` subsets of the pairs.

    Args:
        num_nodes (int): The number of joints :math:`V`.
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.
    """

    def __init__(self, num_nodes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_nodes = num_nodes

    def sum_subsets(
        self, x: Tensor, adj: Tensor, weight: Tensor, edge_index: Adj | None = None
    ) -> Tensor:
        r"""Sums over sources and subsets.

        Args:
            x (torch.Tensor): The features.
            adj (torch.Tensor): The graphs, targets in the rows: shared, per body, or per body and
                frame.
            weight (torch.Tensor): The matrix of each subset.
            edge_index (torch.Tensor, optional): The edges to sum over.
                (default: all pairs of joints of a body)

        Shapes:
            - **x:** :math:`(B \cdot V, T, C)`
            - **adj:** :math:`(K, V, V)`, :math:`(B, K, V, V)` or :math:`(B, T, K, V, V)`
            - **weight:** :math:`(K, D, C)`
            - **output:** :math:`(B \cdot V, T, D)`
        """
        if edge_index is None and self.fused:
            return subset_sum(x, adj, weight)
        V = self.num_nodes
        if edge_index is None:
            edges = repeat_edges(complete_edges(V, x.device), num_copies(x, V), V, V)
        else:
            edges = as_edge_index(edge_index)
        body, source, target = edges[1] // V, edges[0] % V, edges[1] % V
        out = x.new_zeros(())
        for k, matrix in enumerate(weight):
            if adj.dim() == 3:
                edge_weight = adj[k, target, source]
            else:
                edge_weight = adj[body, ..., k, target, source]
            # propagate_type: (x: Tensor, edge_weight: Tensor)
            h = self.propagate(
                edges, x=x @ matrix.t(), edge_weight=edge_weight, size=(x.size(0), x.size(0))
            )
            out = out + h
        return out
