"""Convolutions over time."""

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.functional import conv2d, linear

from pyg_skeleton.nn.optimized.forms import Affine, Constants, followed, form
from pyg_skeleton.nn.temporal import MultiScaleTemporalConv, TemporalConv
from pyg_skeleton.nn.temporal.max_of_three import max_of_three
from pyg_skeleton.nn.temporal.temporal_conv import every_frame, middle_frames


class FrameConv(Constants):
    """A :class:`TemporalConv` with its norm."""

    weight: Tensor
    bias: Tensor

    def __init__(self, layer: TemporalConv, norm: Affine) -> None:
        weight = layer.weight.double() * norm.scale.view(-1, 1, 1)
        if layer.kernel_size == (1,):
            weight = weight.squeeze(2)
        super().__init__(
            layer.weight.dtype,
            weight=weight.unsqueeze(2) if weight.dim() > 2 else weight,
            bias=norm.bias(layer.bias),
        )
        steps = layer.stride[0], int(layer.padding[0]), layer.dilation[0]
        self.stride, self.padding, self.dilation = steps

    def forward(self, x: Tensor) -> Tensor:
        """Applies the convolution over time."""
        if self.weight.dim() == 2:
            return linear(every_frame(x, self.stride), self.weight, self.bias)
        *lead, T, C = x.shape
        # In channels-last memory, the image is a view of the input.
        image = x.reshape(1, -1, T, C).permute(0, 3, 1, 2)
        steps = (1, self.stride), (0, self.padding), (1, self.dilation)
        image = conv2d(image, self.weight, self.bias, *steps)
        return image.permute(0, 2, 3, 1).reshape(*lead, -1, image.size(1))


@form.register
def _(layer: TemporalConv, norm: Affine | None = None) -> Module:
    return FrameConv(layer, norm or Affine.of(None, layer.out_channels))


class MultiScaleConv(Constants):
    """A :class:`MultiScaleTemporalConv` with its norms; all branches without a step in time begin
    with one linear map.
    """

    least: Tensor
    sign: Tensor

    def __init__(self, layer: MultiScaleTemporalConv) -> None:
        w, n, norm = layer.width, len(layer.convs), Affine.of(layer.norm)
        squeeze, after = Affine.of(layer.squeeze_norm), norm.part(n * w, n * w + w)
        # The norm behind the maximum is part of what is in front of it: for a factor s > 0,
        # s max(relu(x)) + b = max(max(s x + b, b)); for a negative one, with the sign behind it.
        sign = torch.where(after.scale < 0, -1.0, 1.0).double()
        scale, shift = squeeze.scale.clone(), squeeze.shift.clone()
        least = torch.zeros_like(shift)
        scale[n * w :] *= after.scale.abs()
        shift[n * w :] = shift[n * w :] * after.scale.abs() + sign * after.shift
        least[n * w :] = sign * after.shift
        super().__init__(squeeze.dtype, least=least, sign=sign)
        self.width, self.stride, self.activation = w, layer.stride, layer.activation
        self.lost = layer.lost
        self.unseen = [layer.reach - int(conv.reach) for conv in layer.convs]  # type: ignore[arg-type]
        self.flips = bool((sign < 0).any())
        self.squeeze = form(layer.squeeze, Affine(scale, shift))
        self.convs = torch.nn.ModuleList(
            form(conv, norm.part(k * w, k * w + w)) for k, conv in enumerate(layer.convs)
        )
        self.point = form(layer.point, norm.part(n * w + w, n * w + 2 * w))

    def forward(self, x: Tensor) -> Tensor:
        """Applies all branches and concatenates their outputs."""
        h = self.squeeze(x).clamp_min_(self.least)
        *parts, last = torch.split(h, self.width, dim=-1)
        if self.lost:  # without padding
            parts = [middle_frames(part, n) for part, n in zip(parts, self.unseen, strict=True)]
        parts = [conv(part) for conv, part in zip(self.convs, parts, strict=True)]
        if self.lost:
            last = max_of_three(middle_frames(last, self.lost - 1).contiguous())
            last = every_frame(middle_frames(last, 1), self.stride)
            x = middle_frames(x, self.lost)
        else:
            last = max_of_three(last, self.stride)
        parts.append(last * self.sign if self.flips else last)
        parts.append(self.point(every_frame(x, self.stride)))
        out = torch.cat(parts, dim=-1)
        return out.relu_() if self.activation else out


@form.register
def _(layer: MultiScaleTemporalConv, norm: Affine | None = None) -> Module:
    return followed(MultiScaleConv(layer), norm)
