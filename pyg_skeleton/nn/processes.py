"""Tensors of all processes that train a network together."""

from typing import Any

import torch
from torch import Tensor


def num_processes() -> int:
    """The number of processes that train together; one where :mod:`torch.distributed` is not set
    up.
    """
    distributed = torch.distributed
    there = distributed.is_available() and distributed.is_initialized()
    return distributed.get_world_size() if there else 1


def gather(x: Tensor) -> Tensor:
    r"""Returns the rows of all processes, in the order of the draw that
    :class:`~pyg_skeleton.data.EpochSampler` deals out: the first rows of all, the second rows, …

    Its gradient is that of the sum of the losses of all processes. If each computes the same loss
    of what is gathered, and the gradients of parameters are averaged as usual, these are the
    gradients of that loss.

    Args:
        x (torch.Tensor): The rows of this process, as many as those of each other one.

    Shapes:
        - **x:** :math:`(N, *)`
        - **output:** :math:`(W \cdot N, *)` for :math:`W` processes
    """
    if num_processes() == 1:
        return x
    rows: Tensor = _Gather.apply(x)  # type: ignore[no-untyped-call]
    return rows


def mean_over_processes(values: list[Tensor]) -> list[Tensor]:
    """Returns the means of tensors over all processes, by one message."""
    if num_processes() == 1 or not values:
        return values
    flat = torch.cat([v.flatten() for v in values])
    torch.distributed.all_reduce(flat)
    flat /= num_processes()
    pieces = torch.split(flat, [v.numel() for v in values])
    return [piece.view_as(v) for piece, v in zip(pieces, values, strict=True)]


def weigh_rows(mean: Tensor, num_rows: int) -> Tensor:
    """Returns a mean over the rows of this process with such a weight that the average over all
    processes, which can have unequally many rows, is the mean over the rows of all.

    Args:
        mean (torch.Tensor): The mean.
        num_rows (int): The number of rows of this process.
    """
    if num_processes() == 1:
        return mean
    (average,) = mean_over_processes([mean.new_full((1,), num_rows).detach()])
    return mean * (num_rows / average).view(())


class _Gather(torch.autograd.Function):
    """The rows of all processes, interleaved."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        parts = [torch.empty_like(x) for _ in range(num_processes())]
        torch.distributed.all_gather(parts, x.contiguous())
        return torch.stack(parts, dim=1).flatten(0, 1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        total = grads[0].contiguous().clone()
        torch.distributed.all_reduce(total)
        return total[torch.distributed.get_rank() :: num_processes()]
