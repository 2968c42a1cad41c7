"""Edges that a layer is given, and the graphs of single bodies that they make."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch_geometric import is_compiling
from torch_geometric.data import Data
from torch_geometric.typing import Adj
from torch_geometric.utils import is_sparse, to_edge_index

from pyg_skeleton.nn.sums.copies import complete_edges, repeat_edges
from pyg_skeleton.skeleton import BodyGraph
from pyg_skeleton.skeleton.edges import are_copies
from pyg_skeleton.skeleton.hops import HopMode


class Edges(NamedTuple):
    r"""The edges of a batch, hop by hop, as networks hand them to their operators.

    The first hop holds the bones in both directions. Hop :math:`k` holds the pairs of joints at a
    distance of :math:`k`; a pair that an earlier hop has already does not count again, so that the
    three readings of :meth:`~pyg_skeleton.skeleton.BodyGraph.hop_edge_index` and edges with or
    without self-loops all mean the same. Hops that are missing follow from the first one.
    """

    hops: tuple[Tensor, ...]
    """The edges of each hop, :math:`(2, E_k)`."""

    weight: Tensor | None = None
    """A factor for each message along an edge of the first hop, :math:`(E_1)`. A message over
    several hops is multiplied by the factors on its way."""

    @classmethod
    def of(cls, edges: Any, weight: Tensor | None = None) -> "Edges":
        """Collects edges from a data object (:obj:`edge_index`, :obj:`edge_index_hop2`, …,
        :obj:`edge_weight`), from a list of one :obj:`edge_index` per hop, or from a single one.

        The values of sparse matrices are taken as weights.

        Raises:
            ValueError: If there are no edges, or they are not of shape :math:`(2, E)`.
        """
        if isinstance(edges, Edges):
            return edges if weight is None else cls.of(list(edges.hops), weight)
        if isinstance(edges, Data):
            first = edges.edge_index if edges.edge_index is not None else edges.get("adj_t")
            hops = [first]
            while (further := edges.get(f"edge_index_hop{len(hops) + 1}")) is not None:
                hops.append(further)
            return cls.of(hops, edges.get("edge_weight") if weight is None else weight)
        hops = list(edges) if isinstance(edges, (list, tuple)) else [edges]
        if hops and is_sparse(hops[0]):
            _, value = to_edge_index(hops[0])
            is_weighted = not is_compiling() and value is not None and bool((value != 1).any())
            weight = value if weight is None and is_weighted else weight
        hops = [to_edge_index(h)[0].flip(0) if is_sparse(h) else h for h in hops]
        for hop in hops or [None]:
            if not isinstance(hop, Tensor) or hop.dim() != 2 or hop.size(0) != 2:
                got = list(hop.shape) if isinstance(hop, Tensor) else type(hop).__name__
                raise ValueError(f"expected edges of shape [2, E], one per hop, got {got}")
        if weight is not None and weight.shape != hops[0].shape[1:]:
            raise ValueError(
                f"expected one weight for each of {hops[0].size(1)} edges, got {list(weight.shape)}"
            )
        return cls(tuple(hops), weight)

    def repeat(self, copies: int, num_nodes: int) -> "Edges":
        """Repeats the edges of one graph for a disjoint union of copies."""
        hops = [repeat_edges(hop, copies, num_nodes, num_nodes) for hop in self.hops]
        return Edges(tuple(hops), None if self.weight is None else self.weight.repeat(copies))

    def are_own(self, graph: BodyGraph, copies: int) -> bool:
        """Returns :obj:`True` if they are the unweighted edges of a graph, see
        :func:`~pyg_skeleton.skeleton.edges.are_copies`.
        """
        if self.weight is not None or is_compiling():
            return False
        return all(are_copies(hop, graph, copies, k) for k, hop in enumerate(self.hops, start=1))


#: What operators take for edges.
GivenEdges: TypeAlias = Adj | Sequence[Adj] | Edges | None


class Graphs:
    r"""The graphs of single bodies that given edges make, as masks with targets in the rows.

    Args:
        edges (Edges): The edges of :math:`B` copies of a graph of :math:`V` nodes.
        num_nodes (int): The number of nodes :math:`V`.
        copies (int): The number of copies :math:`B`.

    Raises:
        ValueError: If an edge joins two bodies, or leaves them.
    """

    def __init__(self, edges: Edges, num_nodes: int, copies: int) -> None:
        self.num_nodes, self.copies = num_nodes, copies
        self.hops = [self._mask(hop) for hop in edges.hops]
        self.weight: Tensor | None = None
        if edges.weight is not None:
            place = self._place(edges.hops[0])
            zeros = edges.weight.new_zeros(copies, num_nodes, num_nodes)
            self.weight = zeros.index_put(place, edges.weight, accumulate=True)
        self.itself = torch.eye(num_nodes, dtype=torch.bool, device=self.hops[0].device)

    def repeated(self, copies: int) -> "Graphs":
        """The same graph for a number of copies."""
        self.copies = copies
        return self

    def _place(self, edge_index: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Copy, target and source of each edge."""
        V = self.num_nodes
        source, target = edge_index
        copy = target // V
        wrong = (source // V != copy) | (source < 0) | (copy >= self.copies)
        if is_compiling():
            torch._assert_async(~wrong.any(), "an edge joins two bodies, or leaves them")
        elif wrong.any():
            a, b = edge_index[:, wrong][:, 0].tolist()
            raise ValueError(
                f"edge {a} -> {b} is not within one of {self.copies} bodies of {V} nodes"
            )
        return copy, target % V, source % V

    def _mask(self, edge_index: Tensor) -> Tensor:
        V = self.num_nodes
        mask = torch.zeros(self.copies, V, V, dtype=torch.bool, device=edge_index.device)
        on = torch.ones((), dtype=torch.bool, device=edge_index.device)
        return mask.index_put(self._place(edge_index), on)

    @property
    def near(self) -> Tensor:
        r"""The mask of pairs of joints that are equal or neighbors, :math:`(B, V, V)`."""
        return self.hops[0] | self.itself

    def distances(self, reach: int) -> Tensor:
        r"""Returns the hops between any two joints up to :obj:`reach`, :math:`(B, V, V)`; -1 for
        farther ones.
        """
        near, within = self.near, self.itself.expand_as(self.hops[0])
        distances = torch.where(within, 0, -1)
        for k in range(1, reach + 1):
            further = _product(near, within)
            ring = self.hops[k - 1] if k <= len(self.hops) else further & ~within
            distances = torch.where(ring & (distances < 0), k, distances)
            within = further
        return distances

    def hop(self, k: int, mode: HopMode) -> Tensor:
        """Returns the pairs of the :obj:`k`-th hop in one of three readings, :math:`(B, V, V)`; see
        :meth:`~pyg_skeleton.skeleton.BodyGraph.hop_edge_index`.
        """
        distances = self.distances(k)
        return distances == k if mode == "ring" else distances >= 0

    def hop_weight(self, k: int, mode: HopMode) -> Tensor:
        """Returns the weights of these pairs, 32 bit; see
        :meth:`~pyg_skeleton.skeleton.BodyGraph.hop_weight`.
        """
        hop = self.hop(k, mode).double()
        if mode != "power":
            return (hop / hop.sum(-1, keepdim=True).clamp(min=1)).float()
        step = self.near.double()
        power = torch.linalg.matrix_power(step / step.sum(-1, keepdim=True), k)
        return (hop * power).float()

    def walks(self, k: int) -> Tensor:
        """Returns the pairs that a walk of :obj:`k` steps joins, :math:`(B, V, V)`."""
        pairs = self.itself.expand_as(self.hops[0])
        for _ in range(k):
            pairs = _product(pairs, self.hops[0] & ~self.itself)
        return pairs & (self.distances(k) >= 0)

    def factor(self, reach: int = 1) -> Tensor:
        r"""Returns what messages between any two joints are multiplied by, :math:`(B, V, V)`: the
        product of the weights on the shortest path, averaged where there are several; one for pairs
        that are farther than :obj:`reach` hops.
        """
        if self.weight is None:
            return torch.ones((), device=self.itself.device).expand(self.hops[0].shape)
        distances = self.distances(reach)
        step = self.weight.masked_fill(self.itself, 0)
        number = self.hops[0].to(step.dtype).masked_fill(self.itself, 0)
        product, paths = step, number
        factor = torch.where(self.hops[0] & self.itself, self.weight, 1.0)
        for k in range(1, reach + 1):
            here = (distances == k) & (paths > 0)
            factor = torch.where(here, product / paths.clamp(min=1), factor)
            product, paths = product @ step, paths @ number
        return factor

    def messages(self, support: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
        r"""Returns the edges of a mask :math:`(B, V, V)` or :math:`(V, V)`, :math:`(2, E)`, sorted
        by (target, source), and the copy, target and source of each.

        A compiled graph cannot depend on a mask: there, all pairs of a body are edges.
        """
        V = self.num_nodes
        if is_compiling():
            edges = repeat_edges(complete_edges(V, support.device), self.copies, V, V)
            return edges, (edges[1] // V, edges[1] % V, edges[0] % V)
        copy, target, source = support.expand(self.copies, V, V).nonzero().unbind(1)
        return torch.stack([copy * V + source, copy * V + target]), (copy, target, source)


def _product(left: Tensor, right: Tensor) -> Tensor:
    return (left.float() @ right.float()) > 0
