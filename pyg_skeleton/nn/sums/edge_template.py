r"""The edges of one body graph, ready for an operator that owns a weight per edge."""

import torch
from torch import Tensor
from torch_geometric import is_compiling

from pyg_skeleton.nn.sums.copies import num_copies
from pyg_skeleton.skeleton.edges import repeat_edges


class EdgeTemplate(torch.nn.Module):
    r"""Maps weights of a template's edges onto copies of the graph, as edges or as matrices.

    A weight vector holds the edges of all relations (hop orders, say), relation by relation, each
    sorted by (target, source). Nothing is saved with a checkpoint: the graph is an argument, not a
    parameter.

    Args:
        edge_indices (list[torch.Tensor]): The edges of each relation, :math:`(2, E_g)`.
        num_nodes (int): The number of nodes :math:`V`.
    """

    edge_index: Tensor
    slot: Tensor
    lookup: Tensor

    def __init__(self, edge_indices: list[Tensor], num_nodes: int) -> None:
        super().__init__()
        self.num_nodes = num_nodes
        self.num_relations = len(edge_indices)
        sizes = [edges.size(1) for edges in edge_indices]
        self.sizes = sizes
        V = num_nodes
        slots = [g * V * V + e[1] * V + e[0] for g, e in enumerate(edge_indices)]
        slot = torch.cat(slots)
        lookup = torch.full((self.num_relations * V * V,), -1)
        lookup[slot] = torch.arange(slot.numel())
        self.register_buffer("edge_index", torch.cat(edge_indices, dim=1), persistent=False)
        self.register_buffer("slot", slot, persistent=False)
        self.register_buffer("lookup", lookup, persistent=False)

    @property
    def num_edges(self) -> int:
        """The number of edges of all relations together."""
        return sum(self.sizes)

    def dense(self, edge_weight: Tensor, fill: float = 0.0) -> Tensor:
        r"""Puts edge weights :math:`(*, E)` at (target, source) of :math:`(*, G, V, V)`, and
        :obj:`fill` elsewhere.
        """
        V, G = self.num_nodes, self.num_relations
        flat = edge_weight.new_full((*edge_weight.shape[:-1], G * V * V), fill)
        flat = flat.index_copy(-1, self.slot, edge_weight)
        return flat.view((*edge_weight.shape[:-1], G, V, V))

    def relation(self, values: Tensor, g: int) -> Tensor:
        """Returns the slice of a per-edge tensor (edges in its last dimension) of a relation."""
        start = sum(self.sizes[:g])
        return values.narrow(-1, start, self.sizes[g])

    def union(self, g: int, x: Tensor) -> tuple[Tensor, int]:
        """Returns a relation's edges in as many copies as :obj:`x` holds, and that number."""
        B = num_copies(x, self.num_nodes)
        edges = self.relation(self.edge_index, g)
        return repeat_edges(edges, B, self.num_nodes, self.num_nodes), B

    def check(self, pairs: Tensor) -> None:
        r"""Refuses pairs of joints for which there is no weight.

        Args:
            pairs (torch.Tensor): Masks of each relation :math:`(B, G, V, V)`, targets in the rows.

        Raises:
            ValueError: If a pair is none of the template's. (A compiled graph cannot name it and
                raises a :class:`RuntimeError`.)
        """
        V, G = self.num_nodes, self.num_relations
        known = (self.lookup >= 0).view(G, V, V)
        unknown = pairs & ~known
        if is_compiling():
            torch._assert_async(~unknown.any(), "an edge has no weight in this layer")
        elif unknown.any():
            copy, g, target, source = unknown.nonzero()[0].tolist()
            a, b = copy * V + source, copy * V + target
            raise ValueError(
                f"edge {a} -> {b} (joint {source} to {target} of {V}) has no weight in this layer: "
                f"it is not among the {self.sizes[g]} edges of relation {g + 1}"
            )

    def extra_repr(self) -> str:  # noqa: D102
        return f"nodes={self.num_nodes}, edges={self.sizes}"
