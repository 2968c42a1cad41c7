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
        """Returns the outputs whose last frames are the present ones."""
        self.ring.push(x, self.clock.frames(self.ring.period))
        frames = due_frames(self.clock, self.due)
        return _product(self.conv, self.ring.look(self.table, frames))


class FrameMultiScaleConv(nn.Module):
    """A :class:`~pyg_skeleton.nn.MultiScaleTemporalConv` without padding, frame by frame.

    Args:
        layer (MultiScaleTemporalConv): The layer.
        clock (Clock): The clock of the stream.
        rate (Rate): The rate of the inputs.
        due (int): The number of frames between two outputs.
    """

    def __init__(self, layer: MultiScaleTemporalConv, clock: Clock, rate: Rate, due: int) -> None:
        super().__init__()
        self.layer, self.clock, self.due = layer, clock, due
        middle, step = layer.reach * rate.dilation, rate.dilation
        self.ring = Ring(2 * middle + 1, clock, rate.period)
        for i, conv in enumerate(layer.convs):
            assert isinstance(conv, TemporalConv)
            (size,), skip = conv.kernel_size, conv.dilation[0] * step
            ago = [middle + (size // 2 - k) * skip for k in range(size)]
            self.register_buffer(f"table{i}", self.ring.taps(ago), persistent=False)
        ago = [middle + step, middle, middle - step]
        self.register_buffer("neighbors", self.ring.taps(ago), persistent=False)
        self.register_buffer("middle", self.ring.taps([middle]), persistent=False)

    neighbors: Tensor
    middle: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Returns the outputs whose last frames are the present ones."""
        layer, width, ring = self.layer, self.layer.width, self.ring
        h = layer.squeeze_norm(layer.squeeze(x)).relu_()
        ring.push(torch.cat([h, layer.point(x)], dim=-1), self.clock.frames(ring.period))
        frames = due_frames(self.clock, self.due)
        branches = [slice(width * i, width * (i + 1)) for i in range(len(layer.convs) + 2)]
        parts = [
            _product(conv, ring.look(self.get_buffer(f"table{i}"), frames, branches[i]))
            for i, conv in enumerate(layer.convs)
        ]
        parts.append(ring.look(self.neighbors, frames, branches[-2]).amax(-1))
        parts.append(ring.look(self.middle, frames, branches[-1]).squeeze(-1))
        out = layer.norm(torch.cat(parts, dim=-1))
        return out.relu_() if layer.activation else out


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


def due_frames(clock: Clock, due: int) -> list[int]:
    """Returns the frames for which a layer has an output.

    Raises:
        NotDue: If there are none.
    """
    frames = clock.frames(due)
    if not frames:
        raise NotDue
    return frames


def _product(conv: nn.Module, taps: Tensor) -> Tensor:
    """The output of a convolution for the frames that it sees, ``[N, T, C, K]``."""
    assert isinstance(conv, TemporalConv)
    return F.linear(taps.flatten(2), conv.weight.flatten(1), conv.bias)
