"""Temporal differences of poses."""

from __future__ import annotations

import torch
from torch import Tensor


def difference(x: Tensor, order: int = 1, dim: int = 1) -> Tensor:
    r"""The difference operator of the `"Symbiotic Graph Neural Networks"
    <https://arxiv.org/abs/1910.02212>`_ paper (equation 9).

    .. math::
        \Delta^0 \mathbf{X}^{(t)} = \mathbf{X}^{(t)}, \qquad
        \Delta^{\beta+1} \mathbf{X}^{(t)} = \Delta^{\beta} \mathbf{X}^{(t)} - \Delta^{\beta}
        \mathbf{X}^{(t-1)}

    The first :math:`\beta` frames, which lack a preceding frame, are zero, so the length does not
    change.

    Args:
        x (torch.Tensor): Poses over time.
        order (int, optional): The order :math:`\beta`: 0 for positions, 1 for velocities, 2
            for accelerations, per frame. (default: :obj:`1`)
        dim (int, optional): The dimension of time. (default: :obj:`1`)

    Raises:
        ValueError: If :obj:`order` is negative.
    """
    if order < 0:
        raise ValueError(f"order must be at least 0, got {order}")
    frames = x.size(dim)
    if order == 0:
        return x
    if order >= frames:
        return torch.zeros_like(x)
    moved = torch.diff(x, n=order, dim=dim)
    boundary = torch.zeros_like(x.narrow(dim, 0, order))
    return torch.cat([boundary, moved], dim=dim)
