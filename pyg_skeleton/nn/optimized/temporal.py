"""Convolutions over time."""

import torch
from torch import Tensor
from torch.nn import Module

from pyg_skeleton.nn.optimized.forms import Affine, affine, form
from pyg_skeleton.nn.temporal import MultiScaleTemporalConv
from pyg_skeleton.nn.temporal.max_of_three import max_of_three
from pyg_skeleton.nn.temporal.temporal_conv import every_frame


class MultiScaleConv(Module):
    """A :class:`MultiScaleTemporalConv` with its norms; all branches without a step in time begin
    with one linear map.
    """

    def __init__(self, layer: MultiScaleTemporalConv) -> None:
        super().__init__()
        self.width, self.stride, self.activation = layer.width, layer.stride, layer.activation
        w, n, norm = layer.width, len(layer.convs), Affine.of(layer.norm)
        self.squeeze = form(layer.squeeze, Affine.of(layer.squeeze_norm))
        self.convs = torch.nn.ModuleList(
            form(conv, norm.part(k * w, k * w + w)) for k, conv in enumerate(layer.convs)
        )
        self.after_max = affine(norm.part(n * w, n * w + w))
        self.point = form(layer.point, norm.part(n * w + w, n * w + 2 * w))

    def forward(self, x: Tensor) -> Tensor:
        """Applies all branches and concatenates their outputs."""
        *parts, last = torch.split(self.squeeze(x).relu_(), self.width, dim=-1)
        parts = [conv(part) for conv, part in zip(self.convs, parts, strict=True)]
        parts.append(self.after_max(max_of_three(last, self.stride)))
        parts.append(self.point(every_frame(x, self.stride)))
        out = torch.cat(parts, dim=-1)
        return out.relu_() if self.activation else out


@form.register
def _(layer: MultiScaleTemporalConv, norm: Affine | None = None) -> Module:
    own = MultiScaleConv(layer)
    return own if norm is None else torch.nn.Sequential(own, affine(norm))
