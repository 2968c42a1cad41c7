r"""Sums over neighbors and subsets, for deep networks."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.sums.copies import num_copies
from pyg_skeleton.nn.sums.relational_sum import relational_sum

#: Number of elements of a feature map processed at a time on CPUs, chosen to fit into cache.
IN_CACHE = 2**18


def plain_subset_sum(x: Tensor, adj: Tensor, weight: Tensor) -> Tensor:
    r"""Sums over sources and subsets; the meaning of :func:`subset_sum`, and what a compiler gets,
    which plans memory itself.

    .. math::
        \mathbf{y}_{it} = \sum_{k=1}^{K} \mathbf{W}_k \sum_{j=1}^{V} A_{k,ij} \, \mathbf{x}_{jt}
    """
    if adj.dim() < 5:
        return relational_sum(x, adj, weight)
    B, T, _, V, _ = adj.shape  # each frame has a graph, like a copy of the body
    frames = x.view(B, V, T, -1).transpose(1, 2)
    out = relational_sum(frames.flatten(0, 2), adj.flatten(0, 1), weight)
    return out.view(B, T, V, -1).transpose(1, 2).flatten(0, 1)


def subset_sum(x: Tensor, adj: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""Sums over sources and subsets like :func:`relational_sum`, for networks that are deep.

    .. math::
        \mathbf{y}_{it} = \mathbf{b} + \sum_{k=1}^{K} \mathbf{W}_k \sum_{j=1}^{V} A_{k,ij} \,
        \mathbf{x}_{jt}

    The inner sums are as large as the input, each. They are not kept for the backward pass but
    computed again, and on a CPU they never leave its cache: bodies are processed one by one.

    Args:
        x (torch.Tensor): Features of copies of a graph of :math:`V` nodes.
        adj (torch.Tensor): Weights from source (last dimension) to target: shared, per copy, or
            per copy and frame.
        weight (torch.Tensor): The linear map of each subset.
        bias (torch.Tensor, optional): What every sum starts from. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(B \cdot V, T, C)`
        - **adj:** :math:`(K, V, V)`, :math:`(B, K, V, V)` or :math:`(B, T, K, V, V)`
        - **weight:** :math:`(K, D, C)`
        - **bias:** :math:`(D)`
        - **output:** :math:`(B \cdot V, T, D)`

    Raises:
        ValueError: If :obj:`x` holds another number of copies than there are graphs.
    """
    V = adj.size(-1)
    B = num_copies(x, V)
    if adj.dim() > 3 and adj.size(0) != B:
        raise ValueError(f"expected x of {adj.size(0)} copies, one per graph, got {B}")
    if torch.compiler.is_compiling():
        out = plain_subset_sum(x, adj, weight)
        return out if bias is None else out + bias
    x, adj, weight = in_one_precision(x, adj, weight)
    if adj.dim() == 3:
        adj = adj.expand(B, *adj.shape)
    with torch.autocast(x.device.type, enabled=False):
        x4 = x.reshape(B, V, -1, x.size(-1))
        out = _SubsetSum.apply(x4, adj, weight)  # type: ignore[no-untyped-call]
    out = out.view(*x.shape[:-1], -1)
    return out if bias is None else out + bias


def in_one_precision(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Casts to the precision of :class:`torch.autocast` where it is on."""
    device = tensors[0].device.type
    if not torch.is_autocast_enabled(device):
        return tensors
    return tuple(t.to(torch.get_autocast_dtype(device)) for t in tensors)


def parts(x: Tensor, size: int) -> Iterator[slice]:
    """Slices of the first dimension to process at a time, where each item has a size."""
    step = max(1, IN_CACHE // size) if x.is_cpu else x.size(0)
    return (slice(start, start + step) for start in range(0, x.size(0), step))


class _SubsetSum(torch.autograd.Function):
    """Of features ``[B, V, T, C]`` and graphs ``[B, K, V, V]`` or ``[B, T, K, V, V]``."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, adj: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, adj, weight)
        (B, V, T, C), D = x.shape, weight.size(1)
        frames = adj.dim() == 5
        out = x.new_empty(B, V, T, D)
        for part in parts(x, V * T * max(C, D)):
            h, graph = _by_graph(x[part], adj[part])
            y = h.new_empty(h.numel() // C, D) if frames else out[part].view(-1, D)
            for k, matrix in enumerate(weight):
                z = torch.bmm(graph[:, k], h).view(-1, C)
                torch.addmm(y, z, matrix.t(), beta=min(k, 1), out=y)
            if frames:
                out[part] = y.view(-1, T, V, D).transpose(1, 2)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, adj, weight = ctx.saved_tensors
        (_, V, T, C), (K, D, _) = x.shape, weight.shape
        frames = adj.dim() == 5
        t = 1 if frames else T  # number of frames that share a graph
        grad_x, grad_adj = torch.empty_like(x), torch.empty_like(adj)
        maps = weight.transpose(0, 1).reshape(D, K * C)  # all subsets are one product
        grad_maps = torch.zeros_like(maps, dtype=torch.promote_types(x.dtype, torch.float))
        for part in parts(x, V * T * max(C, D)):
            h, graph = _by_graph(x[part], adj[part])
            graph = graph.transpose(1, 2).reshape(-1, V * K, V)
            g = (grad[part].transpose(1, 2) if frames else grad[part]).reshape(-1, D)
            z = torch.bmm(graph, h).view(-1, V, K, t, C).transpose(2, 3)
            grad_maps += g.t() @ z.reshape(-1, K * C)
            grad_z = (g @ maps).view(-1, V, t, K, C).transpose(2, 3).reshape(-1, V * K, t * C)
            grad_graph = torch.bmm(grad_z, h.transpose(1, 2)).view(-1, V, K, V).transpose(1, 2)
            grad_adj[part] = grad_graph.reshape(-1, *adj.shape[1:])
            grad_h = torch.bmm(graph.transpose(1, 2), grad_z)
            grad_h = grad_h.view(-1, T, V, C).transpose(1, 2) if frames else grad_h
            grad_x[part] = grad_h.reshape(-1, V, T, C)
        grad_weight = grad_maps.view(D, K, C).transpose(0, 1)
        return grad_x, grad_adj, grad_weight.to(weight.dtype)


def _by_graph(x: Tensor, adj: Tensor) -> tuple[Tensor, Tensor]:
    """Features ``[n, V, *]`` with a graph ``[n, K, V, V]`` for each body or each frame."""
    if adj.dim() == 4:
        return x.flatten(2), adj
    return x.transpose(1, 2).reshape(-1, x.size(1), x.size(3)), adj.flatten(0, 1)
