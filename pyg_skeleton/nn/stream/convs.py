"""Convolutions over time frame by frame. They hold the layers of the network itself, and no weights
of their own.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.stream.memory import Clock, NotDue, Rate, Ring
from pyg_skeleton.nn.temporal import MultiScaleTemporalConv, TemporalConv


class FrameConv(nn.Module):
    """A :class:`~pyg_skeleton.nn.TemporalConv` without padding, frame by frame.

    Args:
        conv (TemporalConv): The layer.
        clock (Clock): The clock of the stream.
        rate (Rate): The rate of the inputs.
        due (int): The number of frames between two outputs.
    """

    table: Tensor

    def __init__(self, conv: TemporalConv, clock: Clock, rate: Rate, due: int) -> None:
        super().__init__()
        self.conv, self.clock, self.due = conv, clock, due
        (size,), step = conv.kernel_size, conv.dilation[0] * rate.dilation
        self.ring = Ring((size - 1) * step + 1, clock, rate.period)
        ago = [(size - 1 - k) * step for k in range(size)]
        self.register_buffer("table", self.ring.taps(ago), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the output whose last frame is the present one."""
        self.ring.push(x.squeeze(1))
        if self.clock.now % self.due:
            raise NotDue
        return _product(self.conv, self.ring.value, self.table[self.ring.place()]).unsqueeze(1)


class FrameMultiScaleConv(nn.Module):
    """A :class:`~pyg_skeleton.nn.MultiScaleTemporalConv` without padding, frame by frame.

    Args:
        layer (MultiScaleTemporalConv): The layer.
        clock (Clock): The clock of the stream.
        rate (Rate): The rate of the inputs.
        due (int): The number of frames between two outputs.
    """

    tables: list[Tensor]

    def __init__(self, layer: MultiScaleTemporalConv, clock: Clock, rate: Rate, due: int) -> None:
        super().__init__()
        self.layer, self.clock, self.due = layer, clock, due
        self.middle = layer.reach * rate.dilation
        self.ring = Ring(2 * self.middle + 1, clock, rate.period)
        for i, conv in enumerate(layer.convs):
            assert isinstance(conv, TemporalConv)
            (size,), step = conv.kernel_size, conv.dilation[0] * rate.dilation
            ago = [self.middle + (size // 2 - k) * step for k in range(size)]
            self.register_buffer(f"table{i}", self.ring.taps(ago), persistent=False)
        ago = [self.middle + rate.dilation * k for k in (1, 0, -1)]
        self.register_buffer("neighbors", self.ring.taps(ago), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the output whose last frame is the present one."""
        layer, width = self.layer, self.layer.width
        x = x.squeeze(1)
        h = layer.squeeze_norm(layer.squeeze(x)).relu_()
        self.ring.push(torch.cat([h, layer.point(x)], dim=-1))
        if self.clock.now % self.due:
            raise NotDue
        assert self.ring.value is not None
        *squeezed, last, point = torch.split(self.ring.value, width, dim=1)
        place = self.ring.place()
        parts = [
            _product(conv, part, self.get_buffer(f"table{i}")[place])
            for i, (conv, part) in enumerate(zip(layer.convs, squeezed, strict=True))
        ]
        parts.append(last.index_select(2, self.get_buffer("neighbors")[place]).amax(2))
        parts.append(point.select(2, self.ring.place(self.middle)))
        out = layer.norm(torch.cat(parts, dim=-1))
        return (out.relu_() if layer.activation else out).unsqueeze(1)


def frame_conv(layer: nn.Module, clock: Clock, rate: Rate, due: int) -> nn.Module:
    """Returns a layer over time frame by frame.

    Raises:
        TypeError: If it has no such form.
    """
    if isinstance(layer, TemporalConv):
        return FrameConv(layer, clock, rate, due)
    if isinstance(layer, MultiScaleTemporalConv):
        return FrameMultiScaleConv(layer, clock, rate, due)
    if isinstance(layer, nn.Sequential):
        return nn.Sequential(*(frame_conv(part, clock, rate, due) for part in layer))
    if isinstance(layer, (ChannelBatchNorm, nn.Identity, nn.ReLU, nn.Dropout)):
        return layer
    raise no_form(layer)


def no_form(layer: object) -> TypeError:
    """The error for a layer of an unknown kind."""
    return TypeError(f"{type(layer).__name__} has no form frame by frame")


def _product(conv: nn.Module, ring: Tensor | None, places: Tensor) -> Tensor:
    """The output of a convolution over the values ``[N, C, *]`` at some places."""
    assert isinstance(conv, TemporalConv)
    assert ring is not None
    return F.linear(ring.index_select(2, places).flatten(1), conv.weight.flatten(1), conv.bias)
