"""Motion as differences of poses."""

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

    with zeros in the first :math:`\beta` frames, where a difference would need a frame before the
    clip, so that the length stays.

    Args:
        x (torch.Tensor): Poses over time.
        order (int, optional): The order :math:`\beta`: 0 positions, 1 velocities, 2
            accelerations, per frame. (default: :obj:`1`)
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
