"""Lens distortion and its inverse."""

from __future__ import annotations

import torch
from torch import Tensor

_MAX_STEPS = 50


def distort(points: Tensor, radial: Tensor, tangential: Tensor) -> Tensor:
    r"""Applies the distortion of a lens to points of the image plane.

    .. math::
        \mathbf{q}^{\prime} = \mathbf{q} \left( 1 + k_1 r^2 + k_2 r^4 + k_3 r^6
        + \mathbf{p}^{\top} \mathbf{q} \right) + r^2 \mathbf{p}, \qquad
        r = \lVert \mathbf{q} \rVert

    Args:
        points (Tensor): Points at depth one, :math:`(*, 2)`.
        radial (Tensor): :math:`k_1, k_2, k_3`.
        tangential (Tensor): :math:`\mathbf{p}`, x first.
    """
    square = points.square().sum(-1, keepdim=True)
    return points * _factor(points, square, radial, tangential) + square * tangential


def undistort(points: Tensor, radial: Tensor, tangential: Tensor) -> Tensor:
    """Inverts :func:`distort` by Newton's method, starting at the distorted point.

    Raises:
        ValueError: If the distortion is not invertible at a point far from the center.
    """
    if not bool(radial.any() | tangential.any()):
        return points
    limit = 8 * torch.finfo(points.dtype).eps
    found = points
    for _ in range(_MAX_STEPS):
        square = found.square().sum(-1, keepdim=True)
        factor = _factor(found, square, radial, tangential)
        rest = found * factor + square * tangential - points
        # The gradient of the factor and the four entries of the Jacobian.
        slope = 2 * found * (radial[0] + square * (2 * radial[1] + 3 * square * radial[2]))
        slope = slope + tangential
        a, d = (factor + found * slope + 2 * tangential * found).unbind(-1)
        b = found[..., 0] * slope[..., 1] + 2 * tangential[0] * found[..., 1]
        c = found[..., 1] * slope[..., 0] + 2 * tangential[1] * found[..., 0]
        det = a * d - b * c
        x, y = rest.unbind(-1)
        found = found - torch.stack([d * x - b * y, a * y - c * x], -1) / det[..., None]
        if not bool((rest.abs() > limit * (1 + points.abs())).any()):
            break
    # Solutions beyond the fold of the distortion are not visible to the camera.
    seen = (rest.abs() < 1e-4).all(-1) & (factor[..., 0] > 0) & (det > 0)
    wrong = points.isfinite().all(-1) & ~seen
    if bool(wrong.any()):
        place = ", ".join(f"{value:.4g}" for value in points[wrong][0].tolist())
        raise ValueError(
            f"nothing in front of the camera is shown at {place} (in units of the focal "
            f"length from the center): the distortion has no inverse there"
        )
    return found


def _factor(points: Tensor, square: Tensor, radial: Tensor, tangential: Tensor) -> Tensor:
    k1, k2, k3 = radial.unbind(-1)
    bend = square * (k1 + square * (k2 + square * k3))
    return 1 + bend + (points * tangential).sum(-1, keepdim=True)
