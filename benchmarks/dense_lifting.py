r"""The layers of SemGCN and Skeletal-GNN in plain dense PyTorch, written from the papers.

Features are :math:`(B, V, C)` and graphs are matrices, as in code without a graph library. The
non-local layer builds a tensor of all pairs, channel-wise weights need one product per channel, and
weights per pair of joints form one large masked matrix. Each module takes one of ours and copies
its parameters.
"""

# ruff: noqa: D102

import copy

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn import Module, ModuleList, Parameter

from pyg_skeleton import nn
from pyg_skeleton.nn.conv.hop_conv import HopConv


def own(parameter: Tensor | None) -> Parameter | None:
    """Returns a trainable copy."""
    return None if parameter is None else Parameter(parameter.detach().clone())


def hop_masks(layer: HopConv) -> Tensor:
    r"""Returns the pairs of each group of hops, targets in the rows, :math:`(G, V, V)`."""
    return layer.template.dense(torch.ones(layer.template.num_edges))


class SemGConv(Module):
    """Equations 1, 2, 3 and 9 of SemGCN, with dense matrices built in each pass."""

    def __init__(self, layer: nn.VanillaGConv | nn.SemGConv) -> None:
        super().__init__()
        self.channelwise = getattr(layer, "channelwise", False)
        self.register_buffer("mask", layer.template.dense(torch.ones(layer.template.num_edges))[0])
        self.softmax = isinstance(layer, nn.SemGConv)
        fixed = None if self.softmax else layer.template.dense(layer.degrees.rsqrt())[0]
        self.register_buffer("fixed", fixed)
        self.edge_weight, self.bias = own(layer.edge_weight), own(layer.bias)
        self.weight = Parameter(layer.weight.detach().transpose(1, 2).clone())

    def graph(self) -> Tensor:
        if self.edge_weight is None:
            return self.fixed
        M = -9e15 * torch.ones((*self.edge_weight.shape[:-1], *self.mask.shape)).to(self.mask)
        M[..., self.mask > 0] = self.edge_weight
        return M.softmax(dim=-1) if self.softmax else self.fixed * M

    def forward(self, x: Tensor) -> Tensor:
        P = self.graph()
        eye = torch.eye(P.size(-1), dtype=P.dtype, device=P.device)
        h = [x @ W for W in self.weight]
        parts = [P] if len(h) == 1 else [P * eye, P * (1 - eye)]
        if self.channelwise:  # (D, V, V) times (B, D, V, 1)
            h = [f.unsqueeze(1).transpose(1, 3) for f in h]
            out = sum(torch.matmul(A, f) for A, f in zip(parts, h, strict=True))
            out = out.transpose(1, 3).squeeze(1)
        else:
            out = sum(torch.matmul(A, f) for A, f in zip(parts, h, strict=True))
        return out if self.bias is None else out + self.bias


class NonLocal(Module):
    r"""Equations 4 and 10 of SemGCN with a tensor of pairs :math:`(B, 2C', V, G)`, for groups of
    equal size.
    """

    def __init__(self, layer: nn.NonLocal) -> None:
        super().__init__()
        for name in ("theta", "phi", "value", "affinity", "out", "norm"):
            setattr(self, name, copy.deepcopy(getattr(layer, name)))
        self.register_buffer("order", layer.members.t().flatten())
        self.size = layer.members.size(0)

    def conv(self, linear: torch.nn.Linear, x: Tensor) -> Tensor:
        return F.conv1d(x, linear.weight.unsqueeze(-1), linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x.transpose(1, 2)  # (B, C, V)
        theta, grouped = self.conv(self.theta, x), x[..., self.order]
        phi, value = (
            F.max_pool1d(self.conv(m, grouped), self.size) for m in (self.phi, self.value)
        )
        V, G = theta.size(-1), phi.size(-1)
        pairs = [theta.unsqueeze(-1).expand(-1, -1, -1, G), phi.unsqueeze(2).expand(-1, -1, V, -1)]
        weight = self.affinity.weight[..., None, None]
        f = F.conv2d(torch.cat(pairs, dim=1), weight).squeeze(1).relu() / G
        h = torch.matmul(f, value.transpose(1, 2)).transpose(1, 2)
        h = F.batch_norm(
            self.conv(self.out, h),
            self.norm.running_mean,
            self.norm.running_var,
            self.norm.weight,
            self.norm.bias,
            self.norm.training,
        )
        return (x + h).transpose(1, 2)


class MaskedLinear(Module):
    r"""A matrix :math:`(V C, V D)`, masked by the pairs of a graph."""

    def __init__(self, mask: Tensor, weight: Tensor, max_norm: float | None = None) -> None:
        super().__init__()
        (V, _), (_, C, D) = mask.shape, weight.shape
        full = weight.new_zeros(V, V, C, D)
        full[mask > 0] = weight.detach()
        self.weight = Parameter(full.permute(1, 2, 0, 3).reshape(V * C, V * D).contiguous())
        pairs = mask.t()[:, None, :, None].expand(V, C, V, D)
        self.register_buffer("mask", pairs.reshape(V * C, V * D).to(weight.dtype))
        self.max_norm = max_norm

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight * self.mask
        if self.max_norm is not None:
            weight = weight * (self.max_norm / self.weight.norm()).clamp(max=1.0)
        return (x.flatten(1) @ weight).view(x.size(0), x.size(1), -1)


class LCNConv(Module):
    """The layer of LCN, equation 2 of Skeletal-GNN."""

    def __init__(self, layer: nn.LCNConv) -> None:
        super().__init__()
        self.linear = MaskedLinear(hop_masks(layer)[0], layer.weights[0], layer.max_norm)
        self.bias = own(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        out = self.linear(x)
        return out if self.bias is None else out + self.bias


class HCSFConv(Module):
    """Equations 3 to 6 of Skeletal-GNN with concatenation."""

    def __init__(self, layer: nn.HCSFConv) -> None:
        super().__init__()
        masks = hop_masks(layer)
        self.linears = ModuleList(map(MaskedLinear, masks, layer.weights))
        self.transform = own(layer.transform)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([linear(x) for linear in self.linears], dim=-1) @ self.transform.t()


class DynamicHCSFConv(Module):
    """Equations 7 and 8 of Skeletal-GNN: one matrix per pair of joints, one graph per pose."""

    def __init__(self, layer: nn.DynamicHCSFConv) -> None:
        super().__init__()
        graph = layer.graph
        self.register_buffer("masks", hop_masks(layer))
        self.base = Parameter(layer.template.dense(graph.base.detach()))
        self.alpha = own(graph.alpha)
        self.width = graph.hidden_channels
        self.embed = torch.nn.Linear(layer.in_channels, graph.embed.out_channels)
        self.embed.weight.data = graph.embed.weight.detach().squeeze(-1).clone()
        self.embed.bias.data = graph.embed.bias.detach().clone()
        full = []
        for mask, weight in zip(self.masks, layer.weights, strict=True):
            W = weight.new_zeros((*mask.shape, *weight.shape[1:]))
            W[mask > 0] = weight.detach()
            full.append(Parameter(W))
        self.weights = torch.nn.ParameterList(full)
        self.transform = own(layer.transform)

    def forward(self, x: Tensor) -> Tensor:
        B, V, _ = x.shape
        theta, phi = self.embed(x).view(B, V, 2, -1, self.width).permute(2, 0, 3, 1, 4)
        offset = torch.tanh(theta @ phi.transpose(-1, -2) / self.width)
        A = (self.base + self.alpha * offset) * self.masks  # (B, G, V, V)
        sums = []
        for k, W in enumerate(self.weights):
            messages = torch.einsum("bjc,ijcd->bijd", x, W)
            sums.append(torch.einsum("bij,bijd->bid", A[:, k], messages))
        return torch.cat(sums, dim=-1) @ self.transform.t()


class Unit(Module):
    """A convolution, batch norm over bodies and joints, ReLU."""

    def __init__(self, unit: Module) -> None:
        super().__init__()
        kinds = {nn.LCNConv: LCNConv, nn.HCSFConv: HCSFConv, nn.DynamicHCSFConv: DynamicHCSFConv}
        self.conv = kinds.get(type(unit.conv), SemGConv)(unit.conv)
        self.slope = 0.0 if isinstance(self.conv, SemGConv) else 0.2
        self.norm = torch.nn.BatchNorm1d(unit.norm.num_features, unit.norm.eps, unit.norm.momentum)
        self.norm.load_state_dict(unit.norm.state_dict())
        self.dropout = copy.deepcopy(unit.dropout)

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm(self.conv(x).transpose(1, 2)).transpose(1, 2)
        return self.dropout(F.leaky_relu(h, self.slope) if self.slope else h.relu())


class Network(Module):
    """SemGCN, ResGCN, LCN and Skeletal-GNN for poses: a unit, residual blocks, a convolution."""

    def __init__(self, model: Module) -> None:
        super().__init__()
        self.input = Unit(model.input)
        self.blocks = ModuleList(torch.nn.Sequential(*map(Unit, b)) for b in model.blocks)
        layers = getattr(model, "non_local", [None] * (len(model.blocks) + 1))
        self.non_local = ModuleList(
            NonLocal(m) if isinstance(m, nn.NonLocal) else torch.nn.Identity() for m in layers
        )
        last = model.output
        self.output = LCNConv(last) if isinstance(last, nn.LCNConv) else SemGConv(last)

    def forward(self, x: Tensor) -> Tensor:
        x = self.non_local[0](self.input(x))
        for block, non_local in zip(self.blocks, self.non_local[1:], strict=True):
            x = non_local(x + block(x))
        return self.output(x)
