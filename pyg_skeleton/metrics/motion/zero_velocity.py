from __future__ import annotations

from torch import Tensor


def zero_velocity(x: Tensor, num_future: int, dim: int = 1) -> Tensor:
    r"""Repeats the last observed frame, the zero-velocity baseline ("ZeroV").

    Args:
        x (Tensor): The observed frames.
        num_future (int): The number of frames to predict.
        dim (int, optional): The dimension of time. (default: :obj:`1`)

    Shapes:
        - **x:** :math:`(*, T, *)`
        - **output:** :math:`(*, T_{\mathrm{out}}, *)`, a view of the last frame

    Raises:
        ValueError: If there is no frame, or **num_future** is negative.
    """
    if x.size(dim) == 0 or num_future < 0:
        raise ValueError(f"cannot continue {x.size(dim)} frames by {num_future}")
    last = x.narrow(dim, x.size(dim) - 1, 1)
    shape = list(x.shape)
    shape[dim] = num_future
    return last.expand(shape)
