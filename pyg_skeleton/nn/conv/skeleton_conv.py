r"""The base of every operator on body graphs: the one place where messages are summed.

An operator states *what* it sums, as edge weights. *How* the sum is done is decided here: by PyG's
:meth:`propagate` (explainers, hooks, any edges) or, for copies of one small graph, by a batched
dense product that never materializes a message.
"""

from typing import Any, ClassVar

import torch
from torch import Tensor
from torch_geometric import is_compiling
from torch_geometric.nn import MessagePassing
from torch_geometric.typing import Adj
from torch_geometric.utils import is_sparse, to_edge_index

_PROPAGATE = MessagePassing.propagate

#: How many numbers a sum may hold at once on a CPU, if it can be done copy by copy.
CHUNK = 2**21


class SkeletonConv(MessagePassing):
    r"""A :class:`~torch_geometric.nn.conv.MessagePassing` layer over nodes first, channels last.

    Sums run over incoming edges of :obj:`x` :math:`[|\mathcal{V}|, *, C]`, where :math:`*` (time,
    copies of a static graph) rides along.

    The fused form is used while :attr:`fuse` is :obj:`True`, messages are aggregated as the paper
    has it, and nobody looks at single ones (an explainer, a hook on messages or aggregation).

    Args:
        aggr (str, optional): How messages are aggregated. (default: :obj:`"sum"`)
        **kwargs: Arguments of :class:`torch_geometric.nn.conv.MessagePassing` but
            :obj:`node_dim`, which is 0.

    Raises:
        ValueError: If the flow is not from source to target, which templates rely on.
    """

    fused_aggr: ClassVar[tuple[str, ...]] = ("sum", "add")

    def __init__(self, aggr: Any = "sum", **kwargs: Any) -> None:
        super().__init__(aggr, node_dim=0, **kwargs)
        # PyG takes the form that explainers need from the class above, where it finds a generated
        # one if that class (StructuralConv, say, above PartConv) was instantiated before.
        type(self)._orig_propagate = _PROPAGATE
        if self.flow != "source_to_target":
            raise ValueError(f"expected flow 'source_to_target', got {self.flow!r}")
        self.fuse = True

    @property
    def fused(self) -> bool:
        """Whether the next call may take the fused form."""
        if not self.fuse or self.explain or self.aggr not in self.fused_aggr:
            return False
        if is_compiling():  # hooks do not run in a compiled graph, as in PyG
            return True
        return not (
            self._propagate_forward_pre_hooks
            or self._propagate_forward_hooks
            or self._message_forward_pre_hooks
            or self._message_forward_hooks
            or self._aggregate_forward_pre_hooks
            or self._aggregate_forward_hooks
            or self._edge_update_forward_pre_hooks
            or self._edge_update_forward_hooks
        )

    def message(self, x_j: Tensor, edge_weight: Tensor) -> Tensor:
        """Weighs the source features; :obj:`edge_weight` broadcasts over trailing dimensions."""
        missing = x_j.dim() - edge_weight.dim()
        return x_j * edge_weight.reshape(edge_weight.shape + (1,) * missing)


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


def as_edge_index(adj: Adj) -> Tensor:
    """Turns PyG's ways to give edges (sparse ones hold targets as rows) into an edge index."""
    if is_sparse(adj):
        (target, source), _ = to_edge_index(adj)
        return torch.stack([source, target])
    return adj


def relational_sum(x: Tensor, adj: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""Sums over sources and relations in two dense products, without a message in memory.

    .. math::
        \mathbf{y}_i = \mathbf{b} +
        \sum_{g=1}^{G} \sum_{j=1}^{V} A^{(g)}_{ij} \, \mathbf{W}^{(g)} \mathbf{x}_j

    Whichever side is narrower is carried through the node product: channels grow after it and
    shrink before it (measured on CPUs; at equal width one wide linear map wins).

    Args:
        x (torch.Tensor): Features of copies of a graph of :math:`V` nodes.
        adj (torch.Tensor): Weights from source (last dimension) to target, shared or per copy.
        weight (torch.Tensor): The linear map of each relation.
        bias (torch.Tensor, optional): What every sum starts from. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(B \cdot V, *, C)`
        - **adj:** :math:`(G, V, V)` or :math:`(B, G, V, V)`
        - **weight:** :math:`(G, D, C)`
        - **bias:** :math:`(D)`
        - **output:** :math:`(B \cdot V, *, D)`

    Raises:
        ValueError: If :obj:`x` holds another number of copies than there are graphs.
    """
    G, D, C = weight.shape
    V = adj.size(-1)
    B = num_copies(x, V)
    if adj.dim() == 4 and adj.size(0) != B:
        raise ValueError(f"expected x of {adj.size(0)} copies, one per graph, got {B}")
    R = x.numel() // (B * V * C)
    copies = max(1, CHUNK // (G * V * R * min(C, D)))
    if x.is_cpu and 2 * copies <= B and not is_compiling():
        # Beyond the cache, and beyond what malloc keeps, memory costs more than arithmetic.
        xs = torch.split(x, copies * V)
        adjs = torch.split(adj, copies) if adj.dim() == 4 else [adj] * len(xs)
        sums = [_relational_sum(*part, weight, bias) for part in zip(xs, adjs, strict=True)]
        return torch.cat(sums)
    return _relational_sum(x, adj, weight, bias)


def _relational_sum(x: Tensor, adj: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    (G, D, C), V = weight.shape, adj.size(-1)
    B = x.size(0) // V
    R = x.numel() // (B * V * C)
    if C < D or (C == D and R > 1):
        rows = adj.transpose(-3, -2).reshape((*adj.shape[:-3], V * G, V))  # targets, relations
        h = torch.bmm(rows.expand(B, -1, -1), x.reshape(B, V, R * C)).view(B, V, G, R, C)
        h = h.transpose(2, 3).reshape(B * V * R, G * C)
        weight = weight.transpose(1, 2).reshape(G * C, D)
        out = h @ weight if bias is None else torch.addmm(bias, h, weight)
    else:
        h = torch.nn.functional.linear(x.reshape(B * V * R, C), weight.reshape(G * D, C))
        h = h.view(B, V, R, G, D).transpose(2, 3).reshape(B, V * G, R * D)
        columns = adj.movedim(-3, -1).reshape((*adj.shape[:-3], V, V * G))  # sources, relations
        columns = columns.expand(B, -1, -1)
        bias = bias.repeat(R) if bias is not None and R > 1 else bias
        out = torch.bmm(columns, h) if bias is None else torch.baddbmm(bias, columns, h)
    return out.view((*x.shape[:-1], D))
