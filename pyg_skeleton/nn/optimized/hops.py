"""Sums over groups of hops."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import Module, ModuleList, Parameter, ParameterList
from torch.nn.functional import linear

from pyg_skeleton.nn.conv.dynamic_hcsf_conv import DynamicHCSFConv
from pyg_skeleton.nn.conv.hcsf_conv import HCSFConv, fuse
from pyg_skeleton.nn.conv.high_order_conv import HighOrderConv
from pyg_skeleton.nn.conv.hop_conv import HopConv
from pyg_skeleton.nn.conv.lcn_conv import LCNConv
from pyg_skeleton.nn.conv.mix_hop_conv import MixHopConv
from pyg_skeleton.nn.optimized.constant_graphs import GraphSum
from pyg_skeleton.nn.optimized.forms import Affine, Constants, as_defined, form
from pyg_skeleton.nn.optimized.learned_graphs import sum_graphs


class HopSums(Module):
    """The sums of a layer over each group of hops; constant edge weights are part of the maps.

    Args:
        layer (HopConv): The layer.
        weights (sequence of torch.Tensor): The linear maps of each group, ``[size, C, D]``.
    """

    def __init__(self, layer: HopConv, weights: Sequence[Tensor]) -> None:
        super().__init__()
        template, dtype = layer.template, layer.weights[0].dtype
        self.template, self.graph = template, layer.graph
        known = None
        if layer.graph is None or layer.graph.embed is None:
            known = layer.edge_weights(torch.empty(0))
            known = torch.ones(template.num_edges) if known is None else known
            self.graph = None
        self.by_pair, self.sums = layer.sharing == "pair", layer.pairwise_sums
        if known is not None and self.by_pair:
            parts = [template.relation(known, g).view(-1, 1, 1) for g in range(len(weights))]
            weights = [weight * part for weight, part in zip(weights, parts, strict=True)]
        elif known is not None:
            adj = template.dense(known)
            self.sums = ModuleList(
                GraphSum(dtype, adj[g : g + 1], weight.mT, torch.zeros(weight.size(2)))
                for g, weight in enumerate(weights)
            )
        self.weights = ParameterList(Parameter(w.to(dtype), False) for w in weights)

    def forward(self, x: Tensor) -> list[Tensor]:
        r"""Returns the sums, :math:`(B \\cdot V, *, D)` each."""
        if self.graph is None and not self.by_pair:
            return [layer(x) for layer in self.sums]
        parts = list(enumerate(self.weights))
        if self.graph is None:
            return [self.sums[g](x, weight) for g, weight in parts]
        weight = self.graph(x)
        if self.by_pair:
            return [self.sums[g](x, w, self.template.relation(weight, g)) for g, w in parts]
        adj = self.template.dense(weight)
        return [sum_graphs(x, adj[:, g : g + 1], w, w.new_zeros(w.size(2))) for g, w in parts]


class FusedHops(Constants):
    """An :class:`LCNConv`, :class:`HighOrderConv` or :class:`MixHopConv` with its norm."""

    bias: Tensor

    def __init__(
        self, layer: HopConv, weights: Sequence[Tensor], bias: Tensor | None, how: str, norm: Affine
    ) -> None:
        super().__init__(weights[0].dtype, bias=norm.bias(bias))
        parts = [norm.scale] * len(weights)
        if how == "concat":
            parts = list(torch.split(norm.scale, [weight.size(2) for weight in weights]))
        elif how == "mean":
            parts = [norm.scale / len(weights)] * len(weights)
        scaled = [weight.double() * scale for weight, scale in zip(weights, parts, strict=True)]
        self.sums, self.how = HopSums(layer, scaled), "concat" if how == "concat" else "add"

    def forward(self, x: Tensor) -> Tensor:
        """Sums over each group, and fuses the sums."""
        out = fuse(self.how, self.sums(x))
        if self.bias.dim() == 1:
            return out + self.bias
        bias = self.bias.view(-1, *(1 for _ in x.shape[1:-1]), self.bias.size(1))
        return (torch.unflatten(out, 0, (-1, bias.size(0))) + bias).flatten(0, 1)


class SqueezedHops(Constants):
    """An :class:`HCSFConv` with its norm."""

    transform: Tensor
    bias: Tensor

    def __init__(self, layer: HCSFConv, norm: Affine) -> None:
        super().__init__(
            layer.transform.dtype,
            transform=layer.transform.double() * norm.scale.unsqueeze(1),
            bias=norm.bias(layer.bias),
        )
        self.sums = HopSums(layer, list(layer.weights))
        self.fusion, self.long_fusion = layer.fusion, layer.long_fusion
        self.widen_hops, self.widen_far = layer.widen_hops, layer.widen_far

    def forward(self, x: Tensor) -> Tensor:
        """Sums over each group, and fuses the sums."""
        near, *far = self.sums(x)
        if far:
            if self.widen_hops is not None:
                far = [m(h) for m, h in zip(self.widen_hops, far, strict=True)]
            near = fuse(self.fusion, [near, self.widen_far(fuse(self.long_fusion, far))])
        return linear(near, self.transform, self.bias)


@form.register(HCSFConv)
@form.register(DynamicHCSFConv)
@as_defined
def _(layer: HCSFConv, norm: Affine | None = None) -> Module:
    return SqueezedHops(layer, norm or Affine.of(None, layer.out_channels))


@form.register
@as_defined
def _(layer: LCNConv, norm: Affine | None = None) -> Module:
    weight = layer.limited_weight()
    norm = norm or Affine.of(None, layer.out_channels)
    return FusedHops(layer, [weight], layer.bias, "add", norm)


@form.register(HighOrderConv)
@form.register(MixHopConv)
@as_defined
def _(layer: HighOrderConv | MixHopConv, norm: Affine | None = None) -> Module:
    norm = norm or Affine.of(None, layer.out_channels)
    return FusedHops(layer, list(layer.weights), layer.bias, layer.fusion, norm)
