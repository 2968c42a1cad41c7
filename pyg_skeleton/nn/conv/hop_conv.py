import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch_geometric.typing import Adj

from pyg_skeleton.nn.conv.hop_graph import HopGraph
from pyg_skeleton.nn.conv.skeleton_conv import (
    SkeletonConv,
    as_edge_index,
    num_copies,
    relational_sum,
)
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate, complete_edges
from pyg_skeleton.nn.sums.pairwise_sum import PairwiseSum
from pyg_skeleton.skeleton import BodyGraph


class HopConv(SkeletonConv):
    r"""What layers over groups of hops share: a sum per group, each of a width of its own.

    .. math::
        \mathbf{h}_{k,i} = \sum_{j \in \mathcal{N}_{k,i}} a^{(k)}_{ij} \,
        \mathbf{W}^{(k) \top}_{ij} \mathbf{x}_j

    Args:
        in_channels (int): Size of each input feature.
        widths (sequence of int): The size of each group's sum.
        edges (list[torch.Tensor]): The edges of each group.
        skeleton (BodyGraph): The graph.
        sharing (str): :obj:`"pair"`: a matrix per ordered pair of joints; :obj:`"hop"`: one for all
            pairs of a group.
        graph (dict, optional): Arguments of :class:`HopGraph`, and :obj:`support`; without them
            all :math:`a_{ij}` are one. (default: :obj:`None`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.
    """

    def __init__(
        self,
        in_channels: int,
        widths: Sequence[int],
        edges: list[Tensor],
        skeleton: BodyGraph,
        sharing: str,
        graph: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if sharing not in ("pair", "hop"):
            raise ValueError(f"expected sharing 'pair' or 'hop', got {sharing!r}")
        self.in_channels, self.widths, self.sharing = in_channels, tuple(widths), sharing
        V = skeleton.num_joints
        self.graph: HopGraph | None = None
        if graph is None:
            self.template = EdgeTemplate(edges, V)
        else:
            options = dict(graph)
            support = options.pop("support")
            if support not in ("masked", "free"):
                raise ValueError(f"expected support 'masked' or 'free', got {support!r}")
            everywhere = [complete_edges(V, edges[0].device)] * len(edges)
            self.template = EdgeTemplate(edges if support == "masked" else everywhere, V)
            hop = EdgeTemplate(edges, V).lookup[self.template.slot] >= 0
            self.graph = HopGraph(in_channels, template=self.template, hop=hop, **options)
        sizes = self.template.sizes if sharing == "pair" else [1] * len(edges)
        relations = range(len(edges) if sharing == "pair" else 0)
        index = self.template.edge_index
        self.pairwise_sums = torch.nn.ModuleList(
            PairwiseSum(self.template.relation(index, g), V) for g in relations
        )
        # Stored as [edge, in, out], so that a product over edges reads it as it is.
        self.weights = torch.nn.ParameterList(
            torch.empty(size, in_channels, width) for size, width in zip(sizes, widths, strict=True)
        )

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        for size, weight in zip(self.template.sizes, self.weights, strict=True):
            # A joint's sum has as many terms as it has neighbors.
            terms = size / self.template.num_nodes if self.sharing == "pair" else 1.0
            std = (2 / (max(terms, 1.0) * self.in_channels)) ** 0.5
            torch.nn.init.trunc_normal_(weight, std=std, a=-2 * std, b=2 * std)
        if self.graph is not None:
            self.graph.reset_parameters()

    def edge_weights(self, x: Tensor) -> Tensor | None:
        r"""Returns all :math:`a_{ij}`, :math:`(E)` or :math:`(B, E)`; :obj:`None` if one."""
        return None if self.graph is None else self.graph(x)

    def hop_sums(
        self, x: Tensor, edge_index: Adj | Sequence[Adj] | None, weights: Sequence[Tensor]
    ) -> list[Tensor]:
        r"""Returns the sum of each group, :math:`(B \cdot V, *, C_k)`."""
        edge_weight = self.edge_weights(x)
        if edge_index is None and self.fused:
            return self._fused_sums(x, edge_weight, weights)
        groups = len(self.widths)
        given = edge_index if isinstance(edge_index, (list, tuple)) else [edge_index]
        if edge_index is None:
            given = [None] * groups
        if len(given) != groups:
            raise ValueError(
                f"expected {groups} edge sets, one per group of hops, got {len(given)}"
            )
        V, sums = self.template.num_nodes, []
        for g, adj in enumerate(given):
            edges = self.template.union(g, x)[0] if adj is None else as_edge_index(adj)
            found = self.template.find(edges, g)
            if edge_weight is None:
                weight = x.new_ones(found.numel())
            elif edge_weight.dim() == 1:
                weight = edge_weight.index_select(0, found)
            else:
                weight = edge_weight[edges[1] // V, found]
            first = sum(self.template.sizes[:g])
            # propagate_type: (x: Tensor, edge_weight: Tensor, weight: Tensor, pair: Tensor)
            out = self.propagate(
                edges,
                x=x,
                edge_weight=weight,
                weight=weights[g],
                pair=found - first if self.sharing == "pair" else torch.zeros_like(found),
                size=(x.size(0), x.size(0)),
            )
            sums.append(out)
        return sums

    def _fused_sums(
        self, x: Tensor, edge_weight: Tensor | None, weights: Sequence[Tensor]
    ) -> list[Tensor]:
        template, sums = self.template, []
        if self.sharing == "hop":
            ones = x.new_ones(template.num_edges) if edge_weight is None else edge_weight
            dense = template.dense(ones)
            if dense.dim() == 4 and num_copies(x, template.num_nodes) != dense.size(0):
                raise ValueError(f"expected x of {dense.size(0)} copies, got {tuple(x.shape)}")
            for g, weight in enumerate(weights):
                adj = dense.narrow(-3, g, 1)
                sums.append(relational_sum(x, adj, weight.transpose(1, 2)))
            return sums
        for g, (layer, weight) in enumerate(zip(self.pairwise_sums, weights, strict=True)):
            mine = None if edge_weight is None else template.relation(edge_weight, g)
            sums.append(layer(x, weight, mine))
        return sums

    def message(  # type: ignore[override]
        self, x_j: Tensor, edge_weight: Tensor, weight: Tensor, pair: Tensor
    ) -> Tensor:
        """Maps each source feature by the matrix of its edge, and weighs it."""
        rows = math.prod(x_j.shape[1:-1])  # -1 means nothing where there are no edges
        h = x_j.reshape(x_j.size(0), rows, x_j.size(-1)) * edge_weight.view(-1, 1, 1)
        h = torch.bmm(h, weight.index_select(0, pair))
        return h.view((*x_j.shape[:-1], weight.size(-1)))
