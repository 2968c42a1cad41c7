"""Blocks of a network frame by frame."""

import copy
from typing import TypeVar

from torch import Tensor, nn

from pyg_skeleton.nn.stream.convs import frame_conv, no_form
from pyg_skeleton.nn.stream.graphs import frame_graph
from pyg_skeleton.nn.stream.memory import Clock, Rate, Ring

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
    """

    def __init__(self, residual: nn.Module, reach: int, clock: Clock, rate: Rate) -> None:
        super().__init__()
        self.residual, self.reach = residual, reach
        self.ring = Ring(reach + 1, clock, rate.period)

    def forward(self, x: Tensor) -> Tensor:
        """Applies the layers to the frame in the middle; the present one is in the ring."""
        assert self.ring.value is not None
        h: Tensor = self.ring.value.select(2, self.ring.place(self.reach)).unsqueeze(1)
        return self.residual(h)


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
            self.delayed = Delayed(block.residual, reach, clock, rate)  # type: ignore[arg-type]
            layers["residual"] = self.delayed

    def forward(self, x: Tensor) -> Tensor:
        """Applies the block to the present frame, ``[N, 1, C]``."""
        if self.delayed is not None:
            self.delayed.ring.push(x.squeeze(1))
        out: Tensor = self.block(x)
        return out
