"""Maxima over time."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor


def max_of_three(x: Tensor, stride: int = 1) -> Tensor:
    r"""Returns the maximum over a frame and its two neighbors; of equal values the first one gets
    the gradient.

    Args:
        x (torch.Tensor): The features.
        stride (int, optional): The step in frames. (default: :obj:`1`)

    Shapes:
        - **x:** :math:`(|\mathcal{V}|, T, C)`
        - **output:** :math:`(|\mathcal{V}|, \lceil T / s \rceil, C)`
    """
    if x.is_cpu and not torch.compiler.is_compiling():
        out: Tensor = _MaxOfThree.apply(x, stride)  # type: ignore[no-untyped-call]
        return out
    image = x.unsqueeze(0).permute(0, 3, 1, 2)  # [1, C, nodes, T]
    image = F.max_pool2d(image, (1, 3), (1, stride), (0, 1))
    return image.permute(0, 2, 3, 1).squeeze(0)


class _MaxOfThree(torch.autograd.Function):
    """The form for CPUs, where pooling is slow and stores indices that take twice the memory of the
    maxima; here the backward pass computes them again.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, stride: int) -> Tensor:
        ctx.save_for_backward(x)
        ctx.stride = stride
        before, here, after = _neighbors(x, stride)
        out = here.clone(memory_format=torch.contiguous_format)
        torch.maximum(out[:, 1:], before, out=out[:, 1:])
        early = out[:, : after.size(1)]
        torch.maximum(early, after, out=early)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        before, here, after = _neighbors(x, ctx.stride)
        n = after.size(1)
        best = here.clone(memory_format=torch.contiguous_format)
        torch.maximum(best[:, 1:], before, out=best[:, 1:])
        rest = grad.clone()
        rest[:, :n].masked_fill_(after > best[:, :n], 0)
        for_after = grad[:, :n] - rest[:, :n]
        first = before >= here[:, 1:]
        for_before = rest[:, 1:] * first
        rest[:, 1:].masked_fill_(first, 0)
        out = torch.zeros_like(x, memory_format=torch.contiguous_format)
        parts = (for_before, rest, for_after)
        for place, part in zip(_neighbors(out, ctx.stride), parts, strict=True):
            place += part
        return out, None


def _neighbors(x: Tensor, stride: int) -> tuple[Tensor, Tensor, Tensor]:
    """For each output, the frame before its own (without the first output), its own, and the next
    one (where there is one).
    """
    here = x[:, ::stride]
    return x[:, stride - 1 :: stride][:, : here.size(1) - 1], here, x[:, 1::stride]
