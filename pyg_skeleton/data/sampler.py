"""A sampler whose clips are a function of seed and epoch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence, Sized

import torch
from torch import Tensor
from torch.utils.data import DistributedSampler

#: The number of blocks whose clips are mixed.
MIXED = 16


class EpochSampler(DistributedSampler[int]):
    r"""Draws the clips of an epoch; the draw depends on the seed and the epoch only.

    So a run that is resumed at some epoch sees the same batches as one that never stopped. Each
    iteration moves on to the next epoch by itself; :meth:`set_epoch` (which Lightning calls) says
    which one comes next. In several processes, each takes its slice of the same draw; the slices
    are disjoint and of equal length, so up to :obj:`world_size - 1` drawn clips are left out.

    Without weights, the number of draws differs by at most one between clips, in random order.

    With :obj:`block`, clips are drawn in an order that reads the disk in long runs: the blocks of
    neighbors come in random order, and the clips of 16 blocks after one another are mixed. Each
    process then has blocks of its own (but for one at either end), so that the draw depends on the
    number of processes.

    Args:
        data_source (Sized or int): The data set, or the number of its clips.
        num_samples (int, optional): How many clips an epoch has, over all processes. By default as
            many as the data set. (default: :obj:`None`)
        weights (torch.Tensor or sequence of float, optional): The probability of each clip, up to a
            factor; clips are then drawn with replacement. (default: :obj:`None`)
        seed (int, optional): The seed. (default: :obj:`0`)
        rank (int, optional): The number of this process. If :obj:`None`, each iteration asks
            :mod:`torch.distributed`, if that is set up by then. (default: :obj:`None`)
        world_size (int, optional): The number of processes, see :obj:`rank`.
            (default: :obj:`None`)
        block (int, optional): The number of neighbors in a block. (default: :obj:`None`)

    Raises:
        ValueError: If there is nothing to draw from, the weights do not fit, or there are weights
            and blocks.
    """

    def __init__(
        self,
        data_source: Sized | int,
        num_samples: int | None = None,
        weights: Tensor | Sequence[float] | None = None,
        seed: int = 0,
        rank: int | None = None,
        world_size: int | None = None,
        block: int | None = None,
    ) -> None:
        # Not calling the base class, which asks for the processes now. That it is the base tells
        # Lightning to leave the sampler as it is.
        self.num_items = data_source if isinstance(data_source, int) else len(data_source)
        if self.num_items < 1:
            raise ValueError(f"there is nothing to draw from: {self.num_items} clips")
        if (rank is None) != (world_size is None):
            raise ValueError(f"rank and world_size go together, got {rank} and {world_size}")
        if rank is not None and world_size is not None and not 0 <= rank < world_size:
            raise ValueError(f"rank must be at least 0 and below {world_size}, got {rank}")
        if num_samples is not None and num_samples < (world_size or 1):
            raise ValueError(f"num_samples must be at least {world_size or 1}, got {num_samples}")
        if block is not None and (block < 1 or weights is not None):
            given = f"{block}" if block < 1 else f"{block} and weights"
            raise ValueError(f"expected block >= 1 without weights, got {given}")
        self.block = block
        self.weights = None if weights is None else _checked(weights, self.num_items)
        self.num_drawn = self.num_items if num_samples is None else num_samples
        self.seed = seed
        self.epoch = 0
        self.start = 0
        self._rank = rank
        self._world_size = world_size

    @property
    def rank(self) -> int:  # type: ignore[override]
        """The number of this process."""
        if self._rank is None:
            return torch.distributed.get_rank() if _is_distributed() else 0
        return self._rank

    @property
    def num_replicas(self) -> int:  # type: ignore[override]
        """The number of processes."""
        if self._world_size is None:
            return torch.distributed.get_world_size() if _is_distributed() else 1
        return self._world_size

    @property
    def num_samples(self) -> int:  # type: ignore[override]
        """The number of clips of this process in an epoch."""
        return self.num_drawn // self.num_replicas

    @property
    def total_size(self) -> int:  # type: ignore[override]
        """The number of clips of all processes in an epoch."""
        return self.num_samples * self.num_replicas

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """Says which epoch comes next, and how many of its clips this process has already seen."""
        self.epoch = epoch
        self.start = start

    def draw(self, epoch: int) -> Tensor:
        """The clips of an epoch, over all processes, :math:`(N)`."""
        generator = torch.Generator().manual_seed(mix(self.seed, epoch))
        if self.weights is not None:
            # Not torch.multinomial, which takes no more than 2^24 categories.
            total = self.weights.cumsum(0)
            at = torch.rand(self.num_drawn, generator=generator, dtype=torch.double) * total[-1]
            return torch.searchsorted(total, at, right=True).clamp_(max=self.num_items - 1)
        rounds = -(-self.num_drawn // self.num_items)
        perms = [self._permutation(generator) for _ in range(rounds)]
        drawn = torch.cat(perms)[: self.num_drawn]
        if self.block is None:
            return drawn
        # Each process takes every num_replicas-th: here a part in one piece.
        return drawn[: self.total_size].view(self.num_replicas, -1).t().flatten()

    def _permutation(self, generator: torch.Generator) -> Tensor:
        if self.block is None:
            return torch.randperm(self.num_items, generator=generator)
        blocks = torch.split(torch.arange(self.num_items), self.block)
        order = [blocks[i] for i in torch.randperm(len(blocks), generator=generator).tolist()]
        mixed = []
        for first in range(0, len(order), MIXED):
            clips = torch.cat(order[first : first + MIXED])
            mixed.append(clips[torch.randperm(len(clips), generator=generator)])
        return torch.cat(mixed)

    def __iter__(self) -> Iterator[int]:
        mine = self.draw(self.epoch)[self.rank : self.total_size : self.num_replicas]
        start = self.start
        self.set_epoch(self.epoch + 1)
        return iter(mine[start:].tolist())

    def __len__(self) -> int:
        return self.num_samples

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.num_items}, num_samples={self.num_drawn}, "
            f"weighted={self.weights is not None}, seed={self.seed})"
        )


def _is_distributed() -> bool:
    return torch.distributed.is_available() and torch.distributed.is_initialized()


def mix(seed: int, epoch: int) -> int:
    """A seed for an epoch; neighboring seeds and epochs have nothing in common."""
    digest = hashlib.sha256(f"{seed}/{epoch}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def _checked(weights: Tensor | Sequence[float], num_items: int) -> Tensor:
    out = torch.as_tensor(weights, dtype=torch.double, device="cpu")
    if out.shape != (num_items,):
        raise ValueError(f"weights must be of shape [{num_items}], got {list(out.shape)}")
    if not bool(out.isfinite().all()) or bool((out < 0).any()) or not bool(out.sum() > 0):
        raise ValueError("weights must be finite, not negative, and not all zero")
    return out
