import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.hop_graph import HopGraph
from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.sums.copies import num_copies
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.nn.sums.graphs import Edges, GivenEdges, Graphs
from pyg_skeleton.nn.sums.pairwise_sum import PairwiseSum
from pyg_skeleton.nn.sums.relational_sum import relational_sum
from pyg_skeleton.skeleton import GraphLike, as_graph


class Hops(NamedTuple):
    """A group of hops: the pairs of joints at some distances, or joined by a walk."""

    first: int
    """The shortest distance."""
    last: int
    """The longest distance, or the length of the walk."""
    walk: bool = False
    """Whether a walk of this length joins the pairs; it may go back and forth."""

    def pairs(self, graphs: Graphs) -> Tensor:
        r"""Returns the pairs as masks, :math:`(B, V, V)`."""
        if self.walk:
            return graphs.walks(self.last)
        distances = graphs.distances(self.last)
        return (distances >= self.first) & (distances <= self.last)


class HopConv(SkeletonConv):
    r"""The base of layers over groups of hops: a sum per group, each with its own width.

    .. math::
        \mathbf{h}_{k,i} = \sum_{j \in \mathcal{N}_{k,i}} a^{(k)}_{ij} \,
        \mathbf{W}^{(k) \top}_{ij} \mathbf{x}_j

    Args:
        in_channels (int): Size of each input feature.
        widths (sequence of int): The size of each group's sum.
        groups (sequence of Hops): The groups.
        skeleton (BodyGraph or str): The graph.
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
        groups: Sequence[Hops],
        skeleton: GraphLike,
        sharing: str,
        graph: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if sharing not in ("pair", "hop"):
            raise ValueError(f"expected sharing 'pair' or 'hop', got {sharing!r}")
        options = {"support": "masked"} if graph is None else dict(graph)
        support = options.pop("support")
        if support not in ("masked", "free"):
            raise ValueError(f"expected support 'masked' or 'free', got {support!r}")
        self.skeleton = as_graph(skeleton)
        self.in_channels, self.widths, self.sharing = in_channels, tuple(widths), sharing
        self.groups, self.free = tuple(groups), support == "free"
        V = self.skeleton.num_joints
        own = Graphs(Edges((self.skeleton.edge_index(),)), V, 1)
        masks = torch.cat([group.pairs(own) for group in groups])
        pairs = torch.ones_like(masks) if self.free else masks
        self.template = EdgeTemplate([mask.nonzero().t().flip(0) for mask in pairs], V)
        self.graph: HopGraph | None = None
        if graph is not None:
            hop = masks.flatten()[self.template.slot]
            self.graph = HopGraph(in_channels, template=self.template, hop=hop, **options)
        sizes = self.template.sizes if sharing == "pair" else [1] * len(masks)
        relations = range(len(masks) if sharing == "pair" else 0)
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

    @property
    def uses_edges(self) -> bool:
        """Whether the layer's answer depends on edges: unless its graphs weigh all pairs."""
        return not self.free

    def edge_weights(self, x: Tensor) -> Tensor | None:
        r"""Returns all :math:`a_{ij}`, :math:`(E)` or :math:`(B, E)`; :obj:`None` if one."""
        return None if self.graph is None else self.graph(x)

    def adjacency(self, x: Tensor, support: Tensor) -> Tensor:
        r"""Returns :math:`a_{ij}` of given pairs, :math:`(B, K, V, V)`."""
        edge_weight = self.edge_weights(x)
        return support.to(x.dtype) if edge_weight is None else self.template.dense(edge_weight)

    def hop_sums(
        self,
        x: Tensor,
        edge_index: GivenEdges = None,
        edge_weight: Tensor | None = None,
        weights: Sequence[Tensor] | None = None,
    ) -> list[Tensor]:
        r"""Returns the sum of each group, :math:`(B \cdot V, *, C_k)`."""
        weights = list(self.weights) if weights is None else weights
        graphs = self.given(x, edge_index, edge_weight)
        if graphs is None:
            return self.fused_sums(x, self.edge_weights(x), weights)
        B, V, K = graphs.copies, graphs.num_nodes, len(self.groups)
        support = torch.stack([group.pairs(graphs) for group in self.groups], dim=1)
        if self.free:
            support = torch.ones_like(support)
        self.template.check(support)
        reach = max(group.last for group in self.groups)
        adj = self.adjacency(x, support) * graphs.factor(reach).unsqueeze(1)
        adj = adj.expand(B, K, V, V)
        sums = []
        for g, weight in enumerate(weights):
            edges, (copy, target, source) = graphs.messages(support[:, g])
            pair = torch.zeros_like(source)
            if self.sharing == "pair":
                pair = self.template.lookup[(g * V + target) * V + source]
                pair = (pair - sum(self.template.sizes[:g])).clamp(min=0)
            # propagate_type: (x: Tensor, edge_weight: Tensor, weight: Tensor, pair: Tensor)
            out = self.propagate(
                edges,
                x=x,
                edge_weight=adj[copy, g, target, source],
                weight=weight,
                pair=pair,
                size=(x.size(0), x.size(0)),
            )
            sums.append(out)
        return sums

    def fused_sums(
        self, x: Tensor, edge_weight: Tensor | None, weights: Sequence[Tensor]
    ) -> list[Tensor]:
        """Returns the sums over the layer's own edges, with given :math:`a_{ij}`."""
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
            group = None if edge_weight is None else template.relation(edge_weight, g)
            sums.append(layer(x, weight, group))
        return sums

    def message(  # type: ignore[override]
        self, x_j: Tensor, edge_weight: Tensor, weight: Tensor, pair: Tensor
    ) -> Tensor:
        """Maps each source feature by the matrix of its edge, and weighs it."""
        rows = math.prod(x_j.shape[1:-1])  # -1 means nothing where there are no edges
        h = x_j.reshape(x_j.size(0), rows, x_j.size(-1)) * edge_weight.view(-1, 1, 1)
        h = torch.bmm(h, weight.index_select(0, pair))
        return h.view((*x_j.shape[:-1], weight.size(-1)))
