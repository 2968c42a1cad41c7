"""Normalization of keypoints by the image size."""

from __future__ import annotations

import torch
from torch import Tensor


def normalize_keypoints(keypoints: Tensor, width: float, height: float) -> Tensor:
    r"""Normalizes pixels by the size of the image, from the `"3D human pose estimation in video
    with temporal convolutions and semi-supervised training" <https://arxiv.org/abs/1811.11742>`_
    paper: x ranges from -1 to 1 and the aspect ratio is kept.

    .. math::
        \mathbf{x} = \frac{2}{w} \mathbf{u} - \left( 1, \frac{h}{w} \right)

    Args:
        keypoints (Tensor): Points in pixels, counted from the upper left corner of the image.
        width (float): The width of the image in pixels.
        height (float): The height of the image in pixels.

    Shapes:
        - **keypoints:** :math:`(*, 2)`
        - **output:** :math:`(*, 2)`

    Raises:
        ValueError: If the last dimension is not 2, or a size is not positive.
    """
    return keypoints * (2 / width) - _corner(keypoints, width, height)


def denormalize_keypoints(keypoints: Tensor, width: float, height: float) -> Tensor:
    """Inverts :func:`normalize_keypoints`, with the same arguments."""
    return (keypoints + _corner(keypoints, width, height)) * (width / 2)


def normalize_body(keypoints: Tensor) -> Tensor:
    r"""Normalizes keypoints by the body, so that its place and size in the image do not matter.

    .. math::
        \mathbf{x}_v = \frac{\mathbf{u}_v - \bar{\mathbf{u}}}{s}, \qquad
        \bar{\mathbf{u}} = \frac{1}{V} \sum_v \mathbf{u}_v, \quad
        s^2 = \frac{1}{V} \sum_v \lVert \mathbf{u}_v - \bar{\mathbf{u}} \rVert^2

    Args:
        keypoints (Tensor): The keypoints of bodies, in any unit.

    Shapes:
        - **keypoints:** :math:`(*, V, 2)`
        - **output:** :math:`(*, V, 2)`
    """
    centered = keypoints - keypoints.mean(dim=-2, keepdim=True)
    size = centered.square().sum(dim=-1, keepdim=True).mean(dim=-2, keepdim=True).sqrt()
    return centered / size.clamp(min=torch.finfo(size.dtype).eps)


def _corner(keypoints: Tensor, width: float, height: float) -> Tensor:
    if keypoints.dim() < 1 or keypoints.size(-1) != 2 or not keypoints.is_floating_point():
        raise ValueError(
            f"keypoints must be floating-point numbers [..., 2], got {keypoints.dtype} "
            f"{list(keypoints.shape)}"
        )
    if not (width > 0 and height > 0):
        raise ValueError(f"width and height must be positive, got {width} and {height}")
    return keypoints.new_tensor([1.0, height / width])
