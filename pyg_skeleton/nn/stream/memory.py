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
    """The last values of features over time, as ``[N, C, length]``. The first value fills it, as if
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

    def push(self, x: Tensor, frames: Sequence[int]) -> None:
        """Replaces the oldest values by those of some frames, ``[N, T, C]``."""
        if self.value is None:
            self.value = x[:, -1].unsqueeze(-1).repeat(1, 1, self.length)
        elif len(frames) == 1:
            self.value.select(2, self.places(frames)[0]).copy_(x.squeeze(1))
        else:
            places = torch.tensor(self.places(frames), device=x.device)
            self.value.index_copy_(2, places, x.transpose(1, 2))

    def taps(self, ago: Sequence[int]) -> Tensor:
        """Returns for the place of each value the places of others, ``[length, K]``."""
        places = torch.arange(self.length).unsqueeze(1)
        return (places - torch.tensor(ago)) % self.length

    def look(self, table: Tensor, frames: Sequence[int], channels: slice = _ALL) -> Tensor:
        """Returns the values at the places of a table for each of some frames,
        ``[N, T, C, K]``.
        """
        assert self.value is not None
        value, places = self.value[:, channels], self.places(frames)
        if len(places) == 1:
            return value.index_select(2, table[places[0]]).unsqueeze(1)
        found = value.index_select(2, table[places].flatten())
        return torch.unflatten(found, 2, (len(places), -1)).transpose(1, 2)

    def extra_repr(self) -> str:  # noqa: D102
        return f"{self.length}, period={self.period}"
