"""What a network that computes frame by frame keeps of the frames before."""

from collections.abc import Callable, Sequence
from math import gcd
from typing import Any, NamedTuple

import torch
from torch import Tensor


class NotDue(Exception):
    """A layer with a stride has no output at this frame."""


class Clock:
    """The number of frames that a stream has seen, the present one included."""

    now = 0


class Rate(NamedTuple):
    """How the inputs of a layer follow each other in time."""

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
    """The last values of a stream of features ``[N, C]``, as ``[N, C, length]``. The first value
    fills it, as if it had been there before.

    Args:
        length (int): The number of values.
        clock (Clock): The clock of the stream.
        period (int): The number of frames between two values.
    """

    def __init__(self, length: int, clock: Clock, period: int) -> None:
        super().__init__()
        self.length, self.clock, self.period = length, clock, period

    def place(self, ago: int = 0) -> int:
        """Returns where the value so many values ago is."""
        return (self.clock.now // self.period - ago) % self.length

    def push(self, x: Tensor) -> None:
        """Replaces the oldest value."""
        if self.value is None:
            self.value = x.unsqueeze(-1).repeat(1, 1, self.length)
        else:
            self.value.select(2, self.place()).copy_(x)

    def taps(self, ago: Sequence[int]) -> Tensor:
        """Returns for each place of the present value the places of others, ``[length, taps]``."""
        places = torch.arange(self.length).unsqueeze(1)
        return (places - torch.tensor(ago)) % self.length

    def extra_repr(self) -> str:  # noqa: D102
        return f"{self.length}, period={self.period}"
