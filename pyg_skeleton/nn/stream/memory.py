"""The memory of a network that computes frame by frame."""

from collections.abc import Callable, Sequence
from math import gcd
from typing import Any, NamedTuple

import torch
from torch import Tensor

_ALL = slice(None)


class NotDue(Exception):
    """A layer with a stride has no output at this frame."""


class Clock:
    """The numbers of the frames that a network computes at a time.

    Args:
        most (int, optional): The largest number of frames at a time. (default: :obj:`1`)
    """

    def __init__(self, most: int = 1) -> None:
        self.most = most
        #: The number of the last frame, and how many there are.
        self.now, self.count = 0, 1

    def frames(self, period: int) -> list[int]:
        """Returns the frames whose number is a multiple of a period."""
        if self.count == 1:
            return [] if self.now % period else [self.now]
        first = self.now - self.count + 1
        return list(range(first + -first % period, self.now + 1, period))


class Rate(NamedTuple):
    """The distances in time between the inputs of a layer."""

    period: int = 1
    """The number of frames between two inputs."""
    dilation: int = 1
    """The number of inputs between two that are neighbors for the network: with an answer at each
    frame, a layer with a stride yields the outputs of all its phases, and the layers behind it see
    every second one, say."""

    def after(self, stride: int, every: int) -> "Rate":
        """Returns the rate of the outputs of a layer.

        Args:
            stride (int): The stride of the layer.
            every (int): The number of frames between two answers of the network.
        """
        step = self.period * self.dilation * stride
        period = gcd(step, every)
        return Rate(period, step // period)


class Memory(torch.nn.Module):
    """A tensor that belongs to the frames before; its first dimension holds the persons, or their
    nodes.
    """

    value: Tensor | None = None

    def take(self, rows: Sequence[int], num_persons: int, more: Tensor | None) -> Tensor | None:
        """Returns the value of some of the persons, and then that of others.

        Args:
            rows (sequence of int): The persons to keep.
            num_persons (int): The number of persons that there are.
            more (torch.Tensor, optional): The value of other persons.
        """
        parts = [] if more is None else [more]
        if rows and self.value is not None:
            kept = torch.unflatten(self.value, 0, (num_persons, -1))[list(rows)]
            parts.insert(0, kept.flatten(0, 1))
        return torch.cat(parts) if parts else None

    def _apply(self, fn: Callable[..., Tensor], *args: Any, **kwargs: Any) -> "Memory":
        super()._apply(fn, *args, **kwargs)  # type: ignore[no-untyped-call]
        self.value = None if self.value is None else fn(self.value)
        return self


class Ring(Memory):
    """The last values of features over time, as ``[N, length, C]``. The first value fills it, as if
    it had been there before.

    Args:
        length (int): The number of values that are looked at.
        clock (Clock): The clock of the stream.
        period (int): The number of frames between two values.
        at_once (bool, optional): Whether all values of a call come at once. (default: :obj:`True`)
    """

    def __init__(self, length: int, clock: Clock, period: int, at_once: bool = True) -> None:
        super().__init__()
        self.length, self.clock, self.period = length, clock, period
        if at_once:  # the oldest ones are still looked at
            self.length += (clock.most - 1) // period

    def places(self, frames: Sequence[int], ago: int = 0) -> list[int]:
        """Returns the places of the values of some frames, or of values before them."""
        return [(frame // self.period - ago) % self.length for frame in frames]

    def push(self, x: Tensor, frames: Sequence[int], least: Tensor | None = None) -> None:
        """Replaces the oldest values by those of some frames.

        Args:
            x (torch.Tensor): The values, ``[N, T, C]``.
            frames (sequence of int): The frames.
            least (torch.Tensor, optional): The smallest value of each channel; smaller ones become
                it. (default: :obj:`None`)
        """
        if self.value is not None and len(frames) == 1:
            slot = self.value.narrow(1, frames[0] // self.period % self.length, 1)
            if least is None:
                slot.copy_(x)
            else:
                torch.maximum(x, least, out=slot)
            return
        x = x if least is None else torch.maximum(x, least)
        if self.value is None:
            self.value = x[:, :1].repeat(1, self.length, 1)
        self.value.index_copy_(1, torch.tensor(self.places(frames), device=x.device), x)

    def taps(self, ago: Sequence[int], parts: Sequence[tuple[int, int]] = ((0, 1),)) -> Tensor:
        """Returns for the place of each value the places of others, ``[length, K]``.

        Args:
            ago (sequence of int): How far the others are in the past.
            parts (sequence of (int, int), optional): Of each, which part of the channels is looked
                at, and how many parts there are. (default: all channels)
        """
        places = (torch.arange(self.length).unsqueeze(1) - torch.tensor(ago)) % self.length
        part, count = torch.tensor(parts).t()
        return places * count + part

    def look(self, table: Tensor, frames: Sequence[int], parts: int = 1) -> Tensor:
        """Returns the values at the places of a table for each of some frames,
        ``[N, T, K, C]``.

        Args:
            table (torch.Tensor): See :meth:`taps`.
            frames (sequence of int): The frames.
            parts (int, optional): The number of parts that channels are divided into.
                (default: :obj:`1`)
        """
        assert self.value is not None
        N, length, C = self.value.shape
        value, places = self.value.view(N, length * parts, C // parts), self.places(frames)
        if len(places) == 1:
            return value.index_select(1, table[places[0]]).unsqueeze(1)
        found = value.index_select(1, table[places].flatten())
        return found.view(N, len(places), -1, C // parts)

    def before(self, frames: Sequence[int], ago: int) -> Tensor:
        """Returns the values that were there some values before those of some frames,
        ``[N, T, C]``.
        """
        assert self.value is not None
        places = self.places(frames, ago)
        if len(places) == 1:
            return self.value.narrow(1, places[0], 1)
        return self.value.index_select(1, torch.tensor(places, device=self.value.device))

    def extra_repr(self) -> str:  # noqa: D102
        return f"{self.length}, period={self.period}"
