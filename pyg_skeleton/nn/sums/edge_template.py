r"""The edges of one body graph, ready for an operator that owns a weight per edge."""

import torch
from torch import Tensor
from torch_geometric import is_compiling

from pyg_skeleton.nn.conv.skeleton_conv import num_copies


class EdgeTemplate(torch.nn.Module):
    r"""Maps weights of a template's edges onto copies of the graph, as edges or as matrices.

    Several relations (hop orders, say) stand behind one another; a weight vector holds all their
    edges, relation by relation, each sorted by (target, source). Nothing in here is saved with a
    checkpoint: the graph is an argument, not a parameter.

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

    def dense(self, edge_weight: Tensor) -> Tensor:
        r"""Puts edge weights :math:`(*, E)` at (target, source) of :math:`(*, G, V, V)`."""
        V, G = self.num_nodes, self.num_relations
        flat = edge_weight.new_zeros((*edge_weight.shape[:-1], G * V * V))
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

    def find(self, edge_index: Tensor, g: int) -> Tensor:
        r"""Returns, for each given edge, its position among the edges of all relations.

        Raises:
            ValueError: If an edge is none of the template's. (A compiled graph cannot name it and
                raises a :class:`RuntimeError`.)
        """
        V = self.num_nodes
        source, target = edge_index[0] % V, edge_index[1] % V
        found = self.lookup[g * V * V + target * V + source]
        strange = (found < 0) | (edge_index[0] // V != edge_index[1] // V)
        rest = f"is not among the {self.sizes[g]} edges of relation {g + 1} of this layer's graph"
        if is_compiling():
            torch._assert_async(~strange.any(), f"an edge {rest}")
        elif strange.any():
            a, b = edge_index[:, strange][:, 0].tolist()
            raise ValueError(f"edge {a} -> {b} (joint {a % V} to {b % V} of {V}) {rest}")
        return found

    def extra_repr(self) -> str:  # noqa: D102
        return f"nodes={self.num_nodes}, edges={self.sizes}"


def repeat_edges(edge_index: Tensor, copies: int, num_sources: int, num_targets: int) -> Tensor:
    r"""Repeats template edges :math:`(2, E)` for a disjoint union of copies, in order."""
    if copies == 1:
        return edge_index
    step = torch.tensor([num_sources, num_targets], device=edge_index.device)
    shift = torch.arange(copies, device=edge_index.device) * step.view(2, 1)
    return (edge_index.unsqueeze(1) + shift.unsqueeze(2)).flatten(1)


def complete_edges(num_nodes: int, device: torch.device, self_loops: bool = True) -> Tensor:
    r"""Returns the edges of a complete graph, sorted by (target, source)."""
    nodes = torch.arange(num_nodes, device=device)
    target = nodes.repeat_interleave(num_nodes)
    source = nodes.repeat(num_nodes)
    edges = torch.stack([source, target])
    return edges if self_loops else edges[:, source != target]
