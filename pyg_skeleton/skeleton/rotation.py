r"""Conversions between representations of rotations, differentiable wherever possible.

All functions share these conventions:

- A rotation matrix :math:`\mathbf{R}` multiplies column vectors.
- An axis-angle vector (also called exponential map) is the unit axis times the angle in radians;
  the rotation is right-handed.
- A quaternion is :math:`(w, x, y, z)`. As input, its sign and length do not matter; as output, it
  has length one and :math:`w \ge 0`.
- Euler angles are those of the motion-prediction literature, see :func:`matrix_to_euler`.
- Leading dimensions are arbitrary, and the output has the data type of the input.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def axis_angle_to_matrix(axis_angle: Tensor) -> Tensor:
    r"""Converts axis-angle vectors to rotation matrices by Rodrigues' formula.

    Gradients of every order are finite at zero rotation.

    .. math::
        \mathbf{R} = \mathbf{I} + \frac{\sin\theta}{\theta} \mathbf{K}
        + \frac{1 - \cos\theta}{\theta^2} \mathbf{K}^2, \qquad
        \mathbf{K} = [\mathbf{r}]_\times, \quad \theta = \lVert\mathbf{r}\rVert

    Args:
        axis_angle (Tensor): The axis-angle vectors, in radians.

    Shapes:
        - **axis_angle:** :math:`(*, 3)`
        - **output:** :math:`(*, 3, 3)`

    Raises:
        ValueError: If the last dimension is not 3.
    """
    _check(axis_angle, "axis_angle", 3)
    a, b = _sine_and_versine(axis_angle.square().sum(-1))
    x, y, z = axis_angle.unbind(-1)
    zero = torch.zeros_like(x)
    skew = _matrix([zero, -z, y, z, zero, -x, -y, x, zero], 3)
    eye = torch.eye(3, dtype=axis_angle.dtype, device=axis_angle.device)
    return eye + a[..., None, None] * skew + b[..., None, None] * (skew @ skew)


def matrix_to_axis_angle(matrix: Tensor) -> Tensor:
    r"""Converts rotation matrices to axis-angle vectors, with angles in :math:`[0, \pi]`.

    Args:
        matrix (Tensor): The rotation matrices.

    Shapes:
        - **matrix:** :math:`(*, 3, 3)`
        - **output:** :math:`(*, 3)`, in radians

    Raises:
        ValueError: If the last two dimensions are not 3.
    """
    return quaternion_to_axis_angle(matrix_to_quaternion(matrix))


def axis_angle_to_quaternion(axis_angle: Tensor) -> Tensor:
    r"""Converts axis-angle vectors to quaternions, with finite gradients at zero rotation.

    Args:
        axis_angle (Tensor): The axis-angle vectors, in radians.

    Shapes:
        - **axis_angle:** :math:`(*, 3)`
        - **output:** :math:`(*, 4)`, :math:`w` first

    Raises:
        ValueError: If the last dimension is not 3.
    """
    _check(axis_angle, "axis_angle", 3)
    half = axis_angle / 2
    squared = half.square().sum(-1, keepdim=True)
    a, b = _sine_and_versine(squared)
    return _positive(torch.cat([1 - squared * b, a * half], -1))


def quaternion_to_axis_angle(quaternion: Tensor) -> Tensor:
    r"""Converts quaternions to axis-angle vectors, with angles in :math:`[0, \pi]`.

    Gradients are finite at zero rotation.

    Args:
        quaternion (Tensor): The quaternions, :math:`w` first, of any length but zero (which is no
            rotation and gives NaN).

    Shapes:
        - **quaternion:** :math:`(*, 4)`
        - **output:** :math:`(*, 3)`, in radians

    Raises:
        ValueError: If the last dimension is not 4.
    """
    _check(quaternion, "quaternion", 4)
    quaternion = _positive(quaternion)
    w, vector = quaternion[..., :1], quaternion[..., 1:]
    squared = vector.square().sum(-1, keepdim=True)
    small = squared <= 1e-3 * w.square()
    # Each branch gets only values at which it is differentiable: 0 * inf in the unused branch of a
    # `where` would make the gradient NaN.
    length = torch.where(small, torch.ones_like(squared), squared).sqrt()
    near = torch.where(small, w, torch.ones_like(w))
    t = torch.where(small, squared, torch.zeros_like(squared)) / near.square()
    series = (1 - t / 3 + t**2 / 5 - t**3 / 7 + t**4 / 9 - t**5 / 11) / near
    return 2 * vector * torch.where(small, series, torch.atan2(length, w) / length)


def quaternion_to_matrix(quaternion: Tensor) -> Tensor:
    r"""Converts quaternions to rotation matrices.

    Args:
        quaternion (Tensor): The quaternions, :math:`w` first, of any length but zero (which is no
            rotation and gives NaN).

    Shapes:
        - **quaternion:** :math:`(*, 4)`
        - **output:** :math:`(*, 3, 3)`

    Raises:
        ValueError: If the last dimension is not 4.
    """
    _check(quaternion, "quaternion", 4)
    w, x, y, z = quaternion.unbind(-1)
    s = 2 / quaternion.square().sum(-1)
    rows = [
        1 - s * (y * y + z * z), s * (x * y - w * z), s * (x * z + w * y),
        s * (x * y + w * z), 1 - s * (x * x + z * z), s * (y * z - w * x),
        s * (x * z - w * y), s * (y * z + w * x), 1 - s * (x * x + y * y),
    ]  # fmt: skip
    return _matrix(rows, 3)


def matrix_to_quaternion(matrix: Tensor) -> Tensor:
    r"""Converts rotation matrices to quaternions of length one with :math:`w \ge 0`.

    :math:`4 \mathbf{q} \mathbf{q}^\top` is linear in the matrix. Its row with the largest diagonal
    entry (at least one) is normalized, which avoids any division by a small number.

    Args:
        matrix (Tensor): The rotation matrices.

    Shapes:
        - **matrix:** :math:`(*, 3, 3)`
        - **output:** :math:`(*, 4)`, :math:`w` first

    Raises:
        ValueError: If the last two dimensions are not 3.
    """
    _check(matrix, "matrix", 3, 3)
    m00, m01, m02, m10, m11, m12, m20, m21, m22 = matrix.flatten(-2).unbind(-1)
    wx, wy, wz = m21 - m12, m02 - m20, m10 - m01
    xy, xz, yz = m10 + m01, m02 + m20, m21 + m12
    outer = [
        1 + m00 + m11 + m22, wx, wy, wz,
        wx, 1 + m00 - m11 - m22, xy, xz,
        wy, xy, 1 - m00 + m11 - m22, yz,
        wz, xz, yz, 1 - m00 - m11 + m22,
    ]  # fmt: skip
    square = _matrix(outer, 4)
    best = square.diagonal(dim1=-2, dim2=-1).argmax(-1)
    row = square.gather(-2, best[..., None, None].expand(*best.shape, 1, 4)).squeeze(-2)
    return _positive(row / row.square().sum(-1, keepdim=True).sqrt())


def matrix_to_euler(matrix: Tensor, gimbal: str = "literature") -> Tensor:
    r"""Converts rotation matrices to the Euler angles of the motion-prediction literature.

    With :math:`\mathbf{R} = \mathbf{R}_x(-e_1)\, \mathbf{R}_y(-e_2)\, \mathbf{R}_z(-e_3)`,

    .. math::
        e_2 = -\arcsin R_{02}, \qquad
        e_1 = \mathrm{atan2}\left(\frac{R_{12}}{\cos e_2}, \frac{R_{22}}{\cos e_2}\right), \qquad
        e_3 = \mathrm{atan2}\left(\frac{R_{01}}{\cos e_2}, \frac{R_{00}}{\cos e_2}\right)

    and, if :math:`|R_{02}| = 1`, :math:`e_3 = 0`, :math:`e_2 = \mp \pi / 2` and
    :math:`e_1 = \mathrm{atan2}(R_{01}, R_{02})`. Indices count from zero. (:math:`e_2` is computed
    as :math:`\mathrm{atan2}(-R_{02}, \lVert (R_{00}, R_{01}) \rVert)`, which is the same angle but
    keeps its precision and its gradient near the poles.)

    Args:
        matrix (Tensor): The rotation matrices.
        gimbal (str, optional): The definition of :math:`e_1` for :math:`|R_{02}| = 1`.
            :obj:`"literature"`: the formula of the published code. Its two entries do not depend on
            the angle there, so :func:`euler_to_matrix` does not restore a rotation by exactly 90
            degrees about :math:`y`. :obj:`"exact"`: :math:`e_1 = \mathrm{atan2}(-R_{21}, R_{11})`,
            which is invertible. (default: :obj:`"literature"`)

    Shapes:
        - **matrix:** :math:`(*, 3, 3)`
        - **output:** :math:`(*, 3)`, :math:`(e_1, e_2, e_3)` in radians

    Raises:
        ValueError: If the last two dimensions are not 3, or **gimbal** is unknown.
    """
    _check(matrix, "matrix", 3, 3)
    if gimbal not in ("literature", "exact"):
        raise ValueError(f"gimbal must be 'literature' or 'exact', got {gimbal!r}")
    r00, r01, r02 = matrix[..., 0, :].unbind(-1)
    r12, r22 = matrix[..., 1, 2], matrix[..., 2, 2]
    pole = r02.abs() >= 1
    one, zero = torch.ones_like(r02), torch.zeros_like(r02)
    c, s = torch.where(pole, one, r00), torch.where(pole, zero, r01)
    e2 = torch.where(
        pole, -r02.sign() * (math.pi / 2), torch.atan2(-r02, (c.square() + s.square()).sqrt())
    )
    # The common divisor cos(e2) > 0 does not change the quadrant and is left out.
    e1 = torch.atan2(torch.where(pole, zero, r12), torch.where(pole, one, r22))
    if gimbal == "literature":
        at_pole = torch.atan2(torch.where(pole, r01, zero), torch.where(pole, r02, one))
    else:
        r11, r21 = matrix[..., 1, 1], matrix[..., 2, 1]
        at_pole = torch.atan2(torch.where(pole, -r21, zero), torch.where(pole, r11, one))
    return torch.stack([torch.where(pole, at_pole, e1), e2, torch.atan2(s, c)], -1)


def euler_to_matrix(euler: Tensor) -> Tensor:
    r"""Converts Euler angles to rotation matrices, the inverse of :func:`matrix_to_euler`.

    .. math::
        \mathbf{R} = \mathbf{R}_x(-e_1)\, \mathbf{R}_y(-e_2)\, \mathbf{R}_z(-e_3)

    Args:
        euler (Tensor): The angles :math:`(e_1, e_2, e_3)`, in radians.

    Shapes:
        - **euler:** :math:`(*, 3)`
        - **output:** :math:`(*, 3, 3)`

    Raises:
        ValueError: If the last dimension is not 3.
    """
    _check(euler, "euler", 3)
    (c1, c2, c3), (s1, s2, s3) = euler.cos().unbind(-1), euler.sin().unbind(-1)
    rows = [
        c2 * c3, c2 * s3, -s2,
        s1 * s2 * c3 - c1 * s3, s1 * s2 * s3 + c1 * c3, s1 * c2,
        c1 * s2 * c3 + s1 * s3, c1 * s2 * s3 - s1 * c3, c1 * c2,
    ]  # fmt: skip
    return _matrix(rows, 3)


def _sine_and_versine(squared: Tensor) -> tuple[Tensor, Tensor]:
    """Returns ``sin(t) / t`` and ``(1 - cos(t)) / t**2`` of the squared angle, smooth at 0."""
    small = squared < 1e-2
    s = torch.where(small, squared, torch.zeros_like(squared))
    t = torch.where(small, torch.ones_like(squared), squared).sqrt()
    sine = 1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72)))
    versine = (1 - s / 12 * (1 - s / 30 * (1 - s / 56 * (1 - s / 90)))) / 2
    return (
        torch.where(small, sine, t.sin() / t),
        torch.where(small, versine, 2 * ((t / 2).sin() / t).square()),
    )


def _matrix(entries: list[Tensor], size: int) -> Tensor:
    """Stacks entries, given row by row, to square matrices."""
    return torch.stack(entries, -1).reshape(*entries[0].shape, size, size)


def _positive(quaternion: Tensor) -> Tensor:
    """Returns the quaternion with ``w >= 0`` of the two that describe one rotation."""
    return torch.where(quaternion[..., :1] < 0, -quaternion, quaternion)


def _check(value: Tensor, name: str, *sizes: int) -> None:
    if not value.is_floating_point():
        raise ValueError(f"{name} must hold floating-point numbers, got {value.dtype}")
    if value.dim() < len(sizes) or tuple(value.shape[-len(sizes) :]) != sizes:
        expected = ", ".join(map(str, sizes))
        raise ValueError(f"{name} must be [..., {expected}], got {list(value.shape)}")
