"""Sums over graphs that are inferred from each clip."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn import Module

from pyg_skeleton.nn.conv.adaptive_graph_conv import AdaptiveGraphConv
from pyg_skeleton.nn.conv.ctrg_conv import CTRGConv
from pyg_skeleton.nn.conv.self_attention_graph_conv import SelfAttentionGraphConv
from pyg_skeleton.nn.optimized.forms import Affine, Constants, as_defined, form


class AdaptiveSum(Constants):
    """An :class:`AdaptiveGraphConv` with its constant graphs added up."""

    base: Tensor
    alpha: Tensor
    embed: Tensor
    embed_bias: Tensor
    maps: Tensor
    bias: Tensor
    near: Tensor

    def __init__(self, layer: AdaptiveGraphConv, norm: Affine) -> None:
        base: Tensor = layer.learned
        if layer.alpha is None:
            base = layer.counts.reciprocal() + base
        # Targets and sources have the same share of the factor 1 / C'.
        hidden, embed = layer.similarity.hidden_channels, layer.similarity.embed
        super().__init__(
            layer.weight.dtype,
            base=base,
            alpha=layer.weight.new_ones(1) if layer.alpha is None else layer.alpha,
            embed=embed.weight * hidden**-0.5,
            embed_bias=embed.bias * hidden**-0.5,
            maps=(layer.weight.double() * norm.scale.view(-1, 1)).transpose(1, 2),
            bias=norm.bias(layer.bias.sum(0)),
            near=layer.near,
        )
        self.softmax, self.hidden_channels = layer.alpha is None, hidden
        self.mask_edges = layer.mask_edges

    def forward(self, x: Tensor) -> Tensor:
        """Sums over all joints and subsets."""
        (K, V, _), T = self.base.shape, x.size(1)
        h = F.linear(x, self.embed, self.embed_bias).view(-1, V, T, 2, K, self.hidden_channels)
        source, target = h.permute(3, 0, 4, 1, 2, 5).flatten(4)  # [B, K, V, T * C'] each
        graphs = target @ source.transpose(2, 3) / T
        graphs = graphs.softmax(-1) if self.softmax else self.alpha * graphs.tanh()
        graphs = self.base + graphs
        graphs = graphs * self.near if self.mask_edges else graphs
        return sum_graphs(x, graphs, self.maps, self.bias)


def sum_graphs(x: Tensor, graphs: Tensor, maps: Tensor, bias: Tensor) -> Tensor:
    r"""Sums over graphs of each body.

    Shapes:
        - **x:** :math:`(B \cdot V, T, C)`
        - **graphs:** :math:`(B, K, V, V)`
        - **maps:** :math:`(K, C, D)`
        - **bias:** :math:`(D)`
        - **output:** :math:`(B \cdot V, T, D)`
    """
    V, (K, C, D) = graphs.size(-1), maps.shape
    h = torch.unflatten(x.flatten(1), 0, (-1, V))
    out = torch.addmm(bias, torch.bmm(graphs[:, 0], h).view(-1, C), maps[0])
    for k in range(1, K):  # sums stay in the cache
        out = out.addmm_(torch.bmm(graphs[:, k], h).view(-1, C), maps[k])
    return out.view(*x.shape[:-1], D)


class RefinedSum(Constants):
    """A :class:`CTRGConv` with its norm."""

    embed: Tensor
    embed_bias: Tensor
    mix: Tensor
    shared: Tensor
    maps: Tensor
    map_bias: Tensor
    bias: Tensor
    near: Tensor

    def __init__(self, layer: CTRGConv, norm: Affine) -> None:
        (K, D, _), V, refinement = layer.weight.shape, layer.num_nodes, layer.refinement
        alpha, scale = layer.alpha.double(), norm.scale.view(-1, 1)
        # The shared graph and the bias of the refinement are two more features of a pair.
        shared = torch.stack([layer.shared, torch.ones_like(layer.shared)], dim=1)
        mix = [
            alpha * refinement.weight,
            torch.ones(K, D, 1),
            alpha * refinement.bias.unsqueeze(-1),
        ]
        super().__init__(
            layer.weight.dtype,
            embed=refinement.embed.weight,
            embed_bias=refinement.embed.bias,
            mix=torch.cat(mix, dim=2),
            shared=shared.flatten(2),
            maps=(layer.weight.double() * scale).flatten(0, 1),
            map_bias=(layer.bias.double() * norm.scale).view(-1, 1),
            bias=norm.shift,
            near=layer.near,
        )
        self.num_nodes, self.mask_edges = V, layer.mask_edges

    def forward(self, x: Tensor) -> Tensor:
        """Sums over all joints and subsets."""
        V, T, C, (K, D, H) = self.num_nodes, x.size(1), x.size(2), self.mix.shape
        h = F.linear(x.mean(1), self.embed, self.embed_bias).view(-1, V, 2, K, H - 2)
        target, source = h.permute(2, 0, 3, 4, 1)  # [B, K, H - 2, V] each
        pairs = (target.unsqueeze(-1) - source.unsqueeze(-2)).tanh().flatten(3)
        shared = self.shared.expand(pairs.size(0), -1, -1, -1)
        pairs = torch.cat([pairs, shared], dim=2)
        clips = x.view(-1, V * T, C).transpose(1, 2)
        maps, bias = self.maps.view(K, D, C), self.map_bias.view(K, D, 1)
        out = self.bias.expand(clips.size(0), -1).reshape(-1, 1, 1)
        for k in range(K):  # graphs and features of a subset stay in the cache
            graphs = (self.mix[k] @ pairs[:, k]).view(-1, V, V)
            graphs = graphs * self.near if self.mask_edges else graphs
            h = torch.baddbmm(bias[k], maps[k].expand(clips.size(0), -1, -1), clips)
            out = torch.baddbmm(out, graphs, h.view(-1, V, T))
        return out.view(-1, D, V, T).permute(0, 2, 3, 1).contiguous().view(-1, T, D)


class AttendedSum(Constants):
    """A :class:`SelfAttentionGraphConv` with its norm."""

    shared: Tensor
    embed: Tensor
    embed_bias: Tensor
    maps: Tensor
    bias: Tensor

    def __init__(self, layer: SelfAttentionGraphConv, norm: Affine) -> None:
        attention = layer.attention
        weight, before = attention.embed.weight.double(), attention.norm
        # Targets and sources have the same share of the factor 1 / sqrt(C').
        share = attention.hidden_channels**-0.25
        shared = layer.shared * layer.near if layer.mask_edges else layer.shared
        super().__init__(
            layer.weight.dtype,
            shared=shared.transpose(0, 1),
            embed=weight * before.weight * share,
            embed_bias=(weight @ before.bias.double() + attention.embed.bias) * share,
            maps=(layer.weight.double() * norm.scale.view(-1, 1)).transpose(1, 2).flatten(0, 1),
            bias=norm.bias(layer.bias.sum(0)),
        )
        self.eps, self.hidden_channels = before.eps, attention.hidden_channels

    def forward(self, x: Tensor) -> Tensor:
        """Sums over all joints and heads."""
        shared, embed, embed_bias, maps, bias = self.values
        (V, K, _), T, C = shared.shape, x.size(1), x.size(2)
        frames = torch.unflatten(x, 0, (-1, V)).transpose(1, 2).contiguous().view(-1, V, C)
        h = F.linear(F.layer_norm(frames, (C,), eps=self.eps), embed, embed_bias)
        h = h.view(-1, V, 2, K, self.hidden_channels)
        target, source = h.permute(2, 0, 3, 1, 4)  # [B * T, K, V, C'] each
        graphs = (target @ source.transpose(2, 3)).softmax(-1)
        graphs = (graphs.transpose(1, 2) * shared).reshape(-1, V * K, V)
        h = torch.bmm(graphs, frames).view(-1, K * C)  # all heads of a joint
        out = torch.addmm(bias, h, maps).view(-1, T, V, maps.size(1))
        return out.transpose(1, 2).contiguous().flatten(0, 1)


class OfFrames(Module):
    """A layer that infers a graph from each clip, applied to single frames: see
    :attr:`CompleteConv.frame_graphs`.
    """

    def __init__(self, layer: Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """Treats each frame as a clip."""
        nodes, frames, channels = x.shape
        h: Tensor = self.layer(x.transpose(0, 1).reshape(-1, 1, channels))
        return h.view(frames, nodes, -1).transpose(0, 1).contiguous()


@form.register
@as_defined
def _(layer: AdaptiveGraphConv, norm: Affine | None = None) -> Module:
    own = AdaptiveSum(layer, norm or Affine.of(None, layer.out_channels))
    return OfFrames(own) if layer.frame_graphs else own


@form.register
@as_defined
def _(layer: CTRGConv, norm: Affine | None = None) -> Module:
    own = RefinedSum(layer, norm or Affine.of(None, layer.out_channels))
    return OfFrames(own) if layer.frame_graphs else own


@form.register
@as_defined
def _(layer: SelfAttentionGraphConv, norm: Affine | None = None) -> Module:
    return AttendedSum(layer, norm or Affine.of(None, layer.out_channels))
