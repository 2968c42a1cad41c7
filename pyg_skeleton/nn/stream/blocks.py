"""Blocks of a network frame by frame."""

import copy
from typing import TypeVar

from torch import Tensor, nn

from pyg_skeleton.nn.stream.convs import due_frames, frame_conv, no_form
from pyg_skeleton.nn.stream.graphs import frame_graph
from pyg_skeleton.nn.stream.memory import Clock, Rate, Ring
from pyg_skeleton.nn.temporal import TemporalConv

M = TypeVar("M", bound=nn.Module)


def shallow_copy(module: M) -> M:
    """Returns a module with the same parameters and layers, in which layers can be replaced."""
    other = copy.copy(module)
    other._modules = dict(module._modules)
    return other


class Delayed(nn.Module):
    """The layers of a residual, for the frame in the middle of those that a block sees.

    Args:
        residual (torch.nn.Module): The layers.
        reach (int): The number of inputs from that frame to the present one.
        clock (Clock): The clock of the stream.
        rate (Rate): The rate of the inputs.
        due (int): The number of frames between two outputs.
    """

    middle: Tensor

    def __init__(self, residual: nn.Module, reach: int, clock: Clock, rate: Rate, due: int) -> None:
        super().__init__()
        self.residual, self.clock, self.due = _without_stride(residual), clock, due
        self.ring = Ring(reach + 1, clock, rate.period)
        self.register_buffer("middle", self.ring.taps([reach]), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Applies the layers to the frames in the middle; the present ones are in the ring."""
        frames = due_frames(self.clock, self.due)
        h: Tensor = self.residual(self.ring.look(self.middle, frames).squeeze(-1))
        return h


def _without_stride(layer: nn.Module) -> nn.Module:
    """A residual that gets the frames of its outputs only."""
    if isinstance(layer, nn.Sequential):
        return nn.Sequential(*(_without_stride(part) for part in layer))
    if isinstance(layer, TemporalConv):
        layer = shallow_copy(layer)
        layer.stride = (1,)
    return layer


class FrameBlock(nn.Module):
    """A block of a network, frame by frame: its own :meth:`forward` with other layers.

    Args:
        block (torch.nn.Module): The block, for example a
            :class:`~pyg_skeleton.nn.blocks.STBlock`.
        clock (Clock): The clock of the stream.
        rate (Rate): The rate of the inputs.
        due (int): The number of frames between two outputs.
        frames (int): The number of frames that learned graphs are averaged over.
        refresh (int): The number of inputs that such a graph serves.

    Raises:
        TypeError: If a layer has no form frame by frame.
    """

    def __init__(
        self, block: nn.Module, clock: Clock, rate: Rate, due: int, frames: int, refresh: int
    ) -> None:
        super().__init__()
        if not hasattr(block, "reach") or not isinstance(
            getattr(block, "attention", nn.Identity()), nn.Identity
        ):
            raise no_form(getattr(block, "attention", block))
        self.block = shallow_copy(block)
        self.block.lost = 0  # type: ignore[assignment]
        layers = self.block._modules
        layers["conv"] = frame_graph(block.conv, clock, rate, frames, refresh)  # type: ignore[arg-type]
        layers["temporal"] = frame_conv(block.temporal, clock, rate, due)  # type: ignore[arg-type]
        self.delayed: Delayed | None = None
        if block.residual is not None:
            reach = int(block.reach) * rate.dilation  # type: ignore[arg-type]
            self.delayed = Delayed(block.residual, reach, clock, rate, due)  # type: ignore[arg-type]
            layers["residual"] = self.delayed

    def forward(self, x: Tensor) -> Tensor:
        """Applies the block to the present frames, ``[N, T, C]``."""
        if self.delayed is not None:
            ring = self.delayed.ring
            ring.push(x, self.delayed.clock.frames(ring.period))
        out: Tensor = self.block(x)
        return out
