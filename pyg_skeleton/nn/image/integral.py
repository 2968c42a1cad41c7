"""Joints as the means of heat maps."""

import torch
from torch import Tensor


def soft_argmax(heatmaps: Tensor) -> Tensor:
    r"""The mean position of each heat map after a softmax over its cells, from the `"Integral Human
    Pose Regression" <https://arxiv.org/abs/1711.08229>`_ paper (equation 2).

    .. math::
        \mathbf{p} = \frac{1}{(W, H)} \sum_{y, x} \mathrm{softmax}(\mathbf{H})_{yx} \, (x, y)
        - \frac{1}{2}

    Args:
        heatmaps (torch.Tensor): The maps, before the softmax.

    Shapes:
        - **heatmaps:** :math:`(*, H, W)`
        - **output:** x and y in widths and heights of the map, -0.5 at the first column or row,
          :math:`(*, 2)`
    """
    H, W = heatmaps.shape[-2:]
    # In full precision under autocast: the mean needs more digits than bfloat16 has.
    share = heatmaps.float() if heatmaps.dtype in (torch.float16, torch.bfloat16) else heatmaps
    share = share.flatten(-2).softmax(-1).view(share.shape)
    x = (share.sum(-2) * torch.arange(W, device=share.device, dtype=share.dtype)).sum(-1) / W
    y = (share.sum(-1) * torch.arange(H, device=share.device, dtype=share.dtype)).sum(-1) / H
    return torch.stack([x, y], dim=-1) - 0.5


def integral_loss(
    keypoints: Tensor, target: Tensor, num_images: int, visible: Tensor | None = None
) -> Tensor:
    r"""The loss of the `"Integral Human Pose Regression" <https://arxiv.org/abs/1711.08229>`_
    paper: the L1 distance of visible joints, summed, per image.

    .. math::
        \mathcal{L}_{2D} = \frac{1}{B} \sum_{i} v_i \,
        \lVert \tilde{\mathbf{p}}_i - \mathbf{p}_i \rVert_1

    Args:
        keypoints (torch.Tensor): The joints found in the image.
        target (torch.Tensor): The true ones.
        num_images (int): The number :math:`B` of images.
        visible (torch.Tensor, optional): Which joints count, 1 or :obj:`True` for those that do.
            (default: :obj:`None`)

    Shapes:
        - **keypoints, target:** :math:`(B \cdot V, 2)`
        - **visible:** :math:`(B \cdot V)`

    Raises:
        ValueError: If the shapes differ.
    """
    if keypoints.shape != target.shape:
        got, expected = tuple(keypoints.shape), tuple(target.shape)
        raise ValueError(f"expected keypoints of the target's shape {expected}, got {got}")
    error = (keypoints - target).abs().sum(-1)
    if visible is not None:
        if visible.shape != error.shape:
            got, expected = tuple(visible.shape), tuple(error.shape)
            raise ValueError(f"expected visible of shape {expected}, got {got}")
        error = error * visible
    return error.sum() / num_images
