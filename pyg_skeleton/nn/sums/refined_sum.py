r"""Sums over neighbors with a graph for each channel."""

import math
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.sums.subset_sum import in_one_precision, parts


def topology_sum(x: Tensor, adj: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    r"""Sums over sources and subsets, with a graph for each channel.

    .. math::
        y_{itd} = \sum_{k=1}^{K} \sum_{j=1}^{V} A_{kdij} \,
        (\mathbf{W}_k \mathbf{x}_{jt} + \mathbf{b}_k)_d

    Args:
        x (torch.Tensor): Features of copies of a graph of :math:`V` nodes.
        adj (torch.Tensor): The graphs, targets in the rows.
        weight (torch.Tensor): The linear map of each subset.
        bias (torch.Tensor): Its bias.

    Shapes:
        - **x:** :math:`(B \cdot V, T, C)`
        - **adj:** :math:`(B, K, D, V, V)`
        - **weight:** :math:`(K, D, C)`
        - **bias:** :math:`(K, D)`
        - **output:** :math:`(B \cdot V, T, D)`
    """
    B, K, D, V, _ = adj.shape
    source = x.reshape(B, V * x.size(1), -1).transpose(1, 2)
    out = x.new_zeros(())
    for k in range(K):
        h = weight[k] @ source + bias[k].unsqueeze(-1)  # [B, D, V * T]
        out = out + torch.bmm(adj[:, k].reshape(B * D, V, V), h.view(B * D, V, -1))
    return out.view(B, D, V, -1).permute(0, 2, 3, 1).reshape(B * V, -1, D)


def refined_sum(
    x: Tensor, pairs: Tensor, base: Tensor, mix: Tensor, weight: Tensor, bias: Tensor
) -> Tensor:
    r"""The sum of :func:`topology_sum`, with graphs that are mixed for each channel.

    .. math::
        y_{itd} = \sum_{k=1}^{K} \sum_{j=1}^{V} \Bigl( A_{kdij} + \sum_{h=1}^{H} m_{kdh} \,
        p_{khij} \Bigr) (\mathbf{W}_k \mathbf{x}_{jt} + \mathbf{b}_k)_d

    The graphs, four times as large as the features in the last layers of CTR-GCN, are not kept for
    the backward pass but computed again. On a CPU bodies are processed one by one, so that a graph
    never leaves its cache.

    Args:
        x (torch.Tensor): Features of copies of a graph of :math:`V` nodes.
        pairs (torch.Tensor): The features of all pairs, targets in the rows.
        base (torch.Tensor): The graphs that all copies share.
        mix (torch.Tensor): How pair features make graphs.
        weight (torch.Tensor): The linear map of each subset.
        bias (torch.Tensor): Its bias.

    Shapes:
        - **x:** :math:`(B \cdot V, T, C)`
        - **pairs:** :math:`(B, K, H, V, V)`
        - **base:** :math:`(K, D, V, V)`
        - **mix:** :math:`(K, D, H)`
        - **weight:** :math:`(K, D, C)`
        - **bias:** :math:`(K, D)`
        - **output:** :math:`(B \cdot V, T, D)`
    """
    B, V = pairs.size(0), pairs.size(-1)
    if torch.compiler.is_compiling():  # a compiler plans memory itself
        graphs = torch.unflatten(mix @ pairs.flatten(3), -1, (V, V))
        return topology_sum(x, base + graphs, weight, bias)
    x, pairs, base, mix, weight, bias = in_one_precision(x, pairs, base, mix, weight, bias)
    with torch.autocast(x.device.type, enabled=False):
        keep = torch.is_grad_enabled()
        x = x.reshape(B, -1, x.size(-1))
        flat = pairs.flatten(3), base.flatten(2)
        out = _RefinedSum.apply(x, *flat, mix, weight, bias, keep)  # type: ignore[no-untyped-call]
    return out.view(B * V, -1, weight.size(1))


class _RefinedSum(torch.autograd.Function):
    """Of features ``[B, V * T, C]``, pairs ``[B, K, H, V * V]`` and graphs ``[K, D, V * V]``."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        pairs: Tensor,
        base: Tensor,
        mix: Tensor,
        weight: Tensor,
        bias: Tensor,
        keep: bool,
    ) -> Tensor:
        (B, R, C), (K, D, _) = x.shape, weight.shape
        V = math.isqrt(pairs.size(3))
        out = x.new_empty(B, R, D)
        mapped = x.new_empty(B if keep else 0, K * D, R)
        maps, start = weight.reshape(K * D, C), bias.reshape(K * D, 1)
        for part in parts(x, K * D * max(R, V * V)):
            source = x[part].transpose(1, 2)
            n = len(source)
            h = _mixed(start, maps, source, mapped[part] if keep else None).view(n, K, D, V, R // V)
            y = x.new_empty(n * D, V, R // V)
            for k in range(K):
                graph = _mixed(base[k], mix[k], pairs[part, k]).view(-1, V, V)
                torch.baddbmm(y, graph, h[:, k].reshape(y.shape), beta=min(k, 1), out=y)
            out[part] = y.view(n, D, R).transpose(1, 2)
        ctx.save_for_backward(x, pairs, base, mix, weight, mapped)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, pairs, base, mix, weight, mapped = ctx.saved_tensors
        (_, R, C), (K, D, _) = x.shape, weight.shape
        V = math.isqrt(pairs.size(3))
        precise = torch.promote_types(x.dtype, torch.float)
        grad_x, grad_pairs = torch.empty_like(x), torch.empty_like(pairs)
        maps = weight.reshape(K * D, C)
        grad_base, grad_mix, grad_maps = (
            torch.zeros_like(t, dtype=precise) for t in (base, mix, maps)
        )
        grad_bias = grad_maps.new_zeros(K * D)
        for part in parts(x, K * D * max(R, V * V)):
            g = grad[part].transpose(1, 2).contiguous().view(-1, V, R // V)
            n = len(g) // D
            h = mapped[part].view(n, K, D, V, R // V)
            grad_h = x.new_empty(K, *g.shape)
            for k in range(K):
                graph = _mixed(base[k], mix[k], pairs[part, k]).view(-1, V, V)
                source = h[:, k].reshape(g.shape).transpose(1, 2)
                grad_graph = torch.bmm(g, source).view(n, D, V * V)
                grad_pairs[part, k] = torch.bmm(mix[k].t().expand(n, -1, -1), grad_graph)
                grad_base[k] += grad_graph.sum(0)
                grad_mix[k] += torch.bmm(grad_graph, pairs[part, k].transpose(1, 2)).sum(0)
                torch.bmm(graph.transpose(1, 2), g, out=grad_h[k])
            all_h = grad_h.view(K, n, D, R).transpose(0, 1).reshape(n, K * D, R)
            grad_maps += torch.bmm(all_h, x[part]).sum(0)
            grad_bias += all_h.sum((0, 2))
            torch.bmm(all_h.transpose(1, 2), maps.expand(n, -1, -1), out=grad_x[part])
        shared = grad_base, grad_mix, grad_maps.view(K, D, C), grad_bias.view(K, D)
        return grad_x, grad_pairs, *(t.to(x.dtype) for t in shared), None


def _mixed(start: Tensor, maps: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    """A linear map of the features ``[n, C, *]`` of each item."""
    n, D, rest = x.size(0), maps.size(0), x.size(2)
    return torch.baddbmm(start.expand(n, D, rest), maps.expand(n, *maps.shape), x, out=out)
