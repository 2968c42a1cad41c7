"""Convolutions over time frame by frame, with the norms behind them folded in."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from pyg_skeleton.nn.optimized.forms import Affine, Constants, affine
from pyg_skeleton.nn.optimized.temporal import MultiScaleConv
from pyg_skeleton.nn.stream.memory import Clock, NotDue, Rate, Ring
from pyg_skeleton.nn.temporal import MultiScaleTemporalConv, TemporalConv


class FrameConv(Constants):
    """A :class:`~pyg_skeleton.nn.TemporalConv` without padding, frame by frame.

    Args:
        conv (TemporalConv): The layer.
        norm (Affine, optional): The norm behind it.
        clock (Clock): The clock of the stream.
        rate (Rate): The rate of the inputs.
        due (int): The number of frames between two outputs.
    """

    weight: Tensor
    bias: Tensor
    table: Tensor

    def __init__(
        self, conv: TemporalConv, norm: Affine | None, clock: Clock, rate: Rate, due: int
    ) -> None:
        weight, bias = _folded(conv, norm)
        super().__init__(conv.weight.dtype, weight=weight, bias=bias)
        self.clock, self.due = clock, due
        (size,), step = conv.kernel_size, conv.dilation[0] * rate.dilation
        self.ring = Ring((size - 1) * step + 1, clock, rate.period)
        ago = [(size - 1 - k) * step for k in range(size)]
        self.register_buffer("table", self.ring.taps(ago), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the outputs whose last frames are the present ones."""
        self.ring.push(x, self.clock.frames(self.ring.period))
        taps = self.ring.look(self.table, due_frames(self.clock, self.due))
        return F.linear(taps.flatten(2), self.weight, self.bias)


class FrameMultiScaleConv(Constants):
    """A :class:`~pyg_skeleton.nn.MultiScaleTemporalConv` without padding, frame by frame.

    Args:
        layer (MultiScaleTemporalConv): The layer.
        clock (Clock): The clock of the stream.
        rate (Rate): The rate of the inputs.
        due (int): The number of frames between two outputs.
    """

    first: Tensor
    first_bias: Tensor
    least: Tensor
    weight: Tensor
    bias: Tensor
    sign: Tensor
    table: Tensor

    def __init__(self, layer: MultiScaleTemporalConv, clock: Clock, rate: Rate, due: int) -> None:
        own, n, w = MultiScaleConv(layer), len(layer.convs), layer.width
        squeeze, point, norm = own.squeeze, own.point, Affine.of(layer.norm)
        assert isinstance(squeeze, nn.Linear)
        assert isinstance(point, nn.Linear)
        convs = [
            _folded(conv, norm.part(k * w, k * w + w))  # type: ignore[arg-type]
            for k, conv in enumerate(layer.convs)
        ]
        least = torch.cat([own.least, torch.full((w,), -torch.inf)])  # of single frames: no ReLU
        super().__init__(
            layer.point.weight.dtype,
            first=torch.cat([squeeze.weight, point.weight]),
            first_bias=torch.cat([squeeze.bias, point.bias]),
            least=least,
            weight=torch.stack([weight.t() for weight, _ in convs]),
            bias=torch.stack([bias for _, bias in convs]).unsqueeze(1),
            sign=own.sign,
        )
        self.clock, self.due, self.activation = clock, due, layer.activation
        self.flips, self.shape = own.flips, self.weight.shape
        middle, step = layer.reach * rate.dilation, rate.dilation
        self.ring = Ring(2 * middle + 1, clock, rate.period)
        size = int(layer.convs[0].kernel_size[0])  # type: ignore[index]
        ago, of = [], []
        for i, conv in enumerate(layer.convs):
            skip = int(conv.dilation[0]) * step  # type: ignore[index]
            ago += [middle + (size // 2 - k) * skip for k in range(size)]
            of += [i] * size
        ago += [middle + step, middle, middle - step, middle]
        of += [n, n, n, n + 1]
        table = self.ring.taps(ago, [(i, n + 2) for i in of])
        self.register_buffer("table", table, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the outputs whose last frames are the present ones."""
        first, first_bias, least, weight, bias, sign = self.values
        ring, (n, _, w) = self.ring, self.shape
        ring.push(F.linear(x, first, first_bias), self.clock.frames(ring.period), least)
        frames = due_frames(self.clock, self.due)
        taps = ring.look(self.table, frames, n + 2)  # [N, T, K, w]
        N, T, K, _ = taps.shape
        taps = taps.view(N * T, K, w)
        convs = taps.narrow(1, 0, K - 4).view(N * T, n, -1).transpose(0, 1)
        convs = torch.baddbmm(bias, convs, weight)  # [n, N * T, w]
        largest = taps.narrow(1, K - 4, 3).amax(1)
        if self.flips:
            largest *= sign
        out = torch.cat([*convs.unbind(), largest, taps.select(1, K - 1)], dim=1).view(N, T, -1)
        return out.relu_() if self.activation else out


def frame_conv(
    layer: nn.Module, norm: Affine | None, clock: Clock, rate: Rate, due: int
) -> nn.Module:
    """Returns a layer over time frame by frame, with the norm behind it.

    Raises:
        TypeError: If it has no such form.
    """
    own: nn.Module
    if isinstance(layer, TemporalConv):
        return FrameConv(layer, norm, clock, rate, due)
    if isinstance(layer, nn.Sequential):
        own = nn.Sequential()
        for part, after in _with_norms(list(layer)):
            own.append(frame_conv(part, after, clock, rate, due))
    elif isinstance(layer, MultiScaleTemporalConv):
        own = FrameMultiScaleConv(layer, clock, rate, due)
    elif isinstance(layer, _BatchNorm):
        own = affine(Affine.of(layer))
    elif isinstance(layer, (nn.Identity, nn.ReLU, nn.Dropout)):
        own = layer
    else:
        raise no_form(type(layer).__name__)
    return own if norm is None else nn.Sequential(own, affine(norm))


def _with_norms(layers: Sequence[nn.Module]) -> list[tuple[nn.Module, Affine | None]]:
    """Convolutions with the norms behind them, and the other layers."""
    found: list[tuple[nn.Module, Affine | None]] = []
    for layer in layers:
        if isinstance(layer, _BatchNorm) and found and isinstance(found[-1][0], TemporalConv):
            found[-1] = found[-1][0], Affine.of(layer)
        else:
            found.append((layer, None))
    return found


def _folded(conv: TemporalConv, norm: Affine | None) -> tuple[Tensor, Tensor]:
    """The weight ``[D, K * C]`` and the bias of a convolution with the norm behind it."""
    norm = norm or Affine.of(None, conv.out_channels)
    weight = conv.weight.double() * norm.scale.view(-1, 1, 1)
    return weight.transpose(1, 2).flatten(1), norm.bias(conv.bias)


def no_form(name: str) -> TypeError:
    """The error for a layer without a form frame by frame."""
    return TypeError(f"{name} has no form frame by frame")


def due_frames(clock: Clock, due: int) -> list[int]:
    """Returns the frames for which a layer has an output.

    Raises:
        NotDue: If there are none.
    """
    frames = clock.frames(due)
    if not frames:
        raise NotDue
    return frames
