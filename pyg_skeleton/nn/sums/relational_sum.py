r"""Sums over sources and relations."""

from math import prod

import torch
from torch import Tensor
from torch_geometric import is_compiling

from pyg_skeleton.nn.sums.copies import num_copies

#: The number of elements that a sum on a CPU holds at once where it can be done copy by copy:
#: beyond the cache, and beyond what malloc keeps, memory costs more than arithmetic.
CHUNK = 2**21


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
    R = prod(x.shape[1:-1])  # not a quotient of the number of copies, which compilers fail at
    copies = max(1, CHUNK // (G * V * R * min(C, D)))
    if x.is_cpu and 2 * copies <= B and not is_compiling():
        xs = torch.split(x, copies * V)
        adjs = torch.split(adj, copies) if adj.dim() == 4 else [adj] * len(xs)
        sums = [_two_products(*part, weight, bias) for part in zip(xs, adjs, strict=True)]
        return torch.cat(sums)
    return _two_products(x, adj, weight, bias)


def _two_products(x: Tensor, adj: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    (G, D, C), V = weight.shape, adj.size(-1)
    B = x.size(0) // V
    R = prod(x.shape[1:-1])  # not a quotient of the number of copies, which compilers fail at
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
