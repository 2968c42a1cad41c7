"""Blocks of a network frame by frame."""

import copy
from typing import Any, TypeVar

from torch import Tensor, nn

from pyg_skeleton.nn.blocks.st_block import STBlock
from pyg_skeleton.nn.optimized.forms import Affine, form
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

    def __init__(self, residual: nn.Module, reach: int, clock: Clock, rate: Rate, due: int) -> None:
        super().__init__()
        self.residual = form(copy.deepcopy(_without_stride(residual)))
        self.same = isinstance(residual, nn.Identity)
        self.reach, self.clock, self.due = reach, clock, due
        self.ring = Ring(reach + 1, clock, rate.period)

    def forward(self, x: Tensor) -> Tensor:
        """Applies the layers to the frames in the middle; the present ones are in the ring."""
        x = self.ring.before(due_frames(self.clock, self.due), self.reach)
        return x if self.same else self.residual(x)


def _without_stride(layer: nn.Module) -> nn.Module:
    """A residual that gets the frames of its outputs only."""
    if isinstance(layer, nn.Sequential):
        return nn.Sequential(*(_without_stride(part) for part in layer))
    if isinstance(layer, TemporalConv):
        layer = shallow_copy(layer)
        layer.stride = (1,)
    return layer


class FrameBlock(nn.Module):
    """A block of a network, frame by frame: its own :meth:`forward` with other layers, which have
    the norms behind them folded in.

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
            raise no_form(type(getattr(block, "attention", block)).__name__)
        self.block = shallow_copy(block)
        self.block.lost = 0  # type: ignore[assignment]
        layers, norms = self.block._modules, {}
        for layer, norm in getattr(block, "norm_after", {}).items():
            norms[layer] = Affine.of(getattr(block, norm))
            layers[norm] = nn.Identity()
        layers["conv"] = frame_graph(block.conv, norms.get("conv"), clock, rate, frames, refresh)  # type: ignore[arg-type]
        layers["temporal"] = frame_conv(block.temporal, norms.get("temporal"), clock, rate, due)  # type: ignore[arg-type]
        if isinstance(layers.get("down"), nn.Module):
            layers["down"] = form(copy.deepcopy(block.down))  # type: ignore[arg-type]
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


class FrameSTBlock(FrameBlock):
    """An :class:`~pyg_skeleton.nn.blocks.STBlock`, without the calls of layers that do nothing:
    they take longer than the products of a single frame.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Applies the block to the present frames, ``[N, T, C]``."""
        layers, delayed = self.block._modules, self.delayed
        down, same = layers["down"], isinstance(layers["down"], nn.Identity)
        if delayed is not None:
            delayed.ring.push(x, delayed.clock.frames(delayed.ring.period))
        h = layers["conv"](x).add_(x if same else down(x)).relu_()  # type: ignore[misc]
        h = layers["temporal"](h)  # type: ignore[misc]
        return h.relu() if delayed is None else h.add_(delayed(x)).relu_()


def frame_block(block: nn.Module, *args: Any) -> FrameBlock:
    """Returns a block frame by frame, see :class:`FrameBlock`."""
    kind = FrameSTBlock if type(block) is STBlock else FrameBlock
    return kind(block, *args)
