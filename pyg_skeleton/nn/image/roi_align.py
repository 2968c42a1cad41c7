"""Features of boxes, sampled from a feature map."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def roi_align(
    features: Tensor,
    boxes: Tensor | Sequence[Tensor],
    output_size: int | tuple[int, int],
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
) -> Tensor:
    r"""RoIAlign of the `"Mask R-CNN" <https://arxiv.org/abs/1703.06870>`_ paper, with the arguments
    and results of :obj:`torchvision.ops.roi_align`, in plain PyTorch and one box at a time.

    A box is divided into bins. A bin is the mean over a regular grid of points, at which the map is
    interpolated. Differentiable with respect to features and boxes (torchvision's has no gradient
    for boxes).

    Args:
        features (torch.Tensor): The maps.
        boxes (torch.Tensor or sequence of torch.Tensor): The corners :math:`(x_1, y_1, x_2, y_2)`,
            either of all boxes with the number of their image in front, or image by image.
        output_size (int or tuple of int): The number of bins, rows first.
        spatial_scale (float, optional): From coordinates of boxes to cells of the map.
            (default: :obj:`1.0`)
        sampling_ratio (int, optional): Points per bin and direction; 0 or less for the size of the
            bin in cells, rounded up. (default: :obj:`-1`)
        aligned (bool, optional): Whether cell :math:`i` covers :math:`[i, i + 1]`, with its value
            in the middle, and boxes may be of any size. Otherwise its value is at :math:`i`, and
            boxes have at least one cell. (default: :obj:`False`)

    Shapes:
        - **features:** :math:`(B, C, H, W)`
        - **boxes:** :math:`(K, 5)`, or :math:`B` of :math:`(K_b, 4)`
        - **output:** :math:`(K, C, P, Q)`

    Raises:
        ValueError: If a shape does not fit, or a box belongs to no image.
    """
    image, corners = _by_image(features, boxes)
    P, Q = (output_size, output_size) if isinstance(output_size, int) else output_size
    if min(P, Q) < 1:
        raise ValueError(f"expected an output_size of at least 1, got {output_size}")
    corners = corners * spatial_scale - (0.5 if aligned else 0.0)
    start, length = corners[:, :2], corners[:, 2:] - corners[:, :2]
    length = length if aligned else length.clamp(min=1.0)
    out = [features.new_zeros(0, features.size(1), P, Q)]
    for number, (x, y), (width, height) in zip(image.tolist(), start, length, strict=True):
        m = sampling_ratio if sampling_ratio > 0 else math.ceil(float(height.detach()) / P)
        n = sampling_ratio if sampling_ratio > 0 else math.ceil(float(width.detach()) / Q)
        if min(m, n) < 1:
            out.append(features.new_zeros(1, features.size(1), P, Q))
            continue
        rows, columns = y + height * centers(P * m, y), x + width * centers(Q * n, x)
        points = sample_grid(features[number, None], rows.view(1, 1, -1), columns.view(1, 1, -1))
        out.append(F.avg_pool2d(points, (m, n)))
    return torch.cat(out)


def centers(number: int, like: Tensor) -> Tensor:
    """The centers of equal parts of the interval from 0 to 1."""
    return (torch.arange(number, device=like.device, dtype=like.dtype) + 0.5) / number


def sample_grid(features: Tensor, y: Tensor, x: Tensor) -> Tensor:
    r"""Interpolates maps at the points of :math:`K` grids each, given by rows and columns.

    Points more than one cell outside of the map are zero, others move to its border.

    Shapes:
        - **features:** :math:`(B, C, H, W)`
        - **y:** :math:`(B, K, m)`, in cells
        - **x:** :math:`(B, K, n)`, in cells
        - **output:** :math:`(B, C, K \cdot m, n)`
    """
    H, W = features.shape[-2:]
    y, x = y.unsqueeze(-1), x.unsqueeze(-2)
    inside = ((y >= -1) & (y <= H) & (x >= -1) & (x <= W)).flatten(1, 2).unsqueeze(1)
    y, x = 2 * (y + 0.5) / H - 1, 2 * (x + 0.5) / W - 1
    grid = (
        torch.stack([x + torch.zeros_like(y), y + torch.zeros_like(x)], dim=-1)
        .flatten(1, 2)
        .to(features.dtype)
    )
    out = F.grid_sample(features, grid, padding_mode="border", align_corners=False)
    return out * inside


def _by_image(features: Tensor, boxes: Tensor | Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """The number of the image ``[K]`` and the corners ``[K, 4]`` of each box."""
    if features.dim() != 4:
        raise ValueError(f"expected features of shape [B, C, H, W], got {list(features.shape)}")
    if isinstance(boxes, Tensor):
        if boxes.dim() != 2 or boxes.size(1) != 5:
            raise ValueError(f"expected boxes of shape [K, 5], got {list(boxes.shape)}")
        image, corners = boxes[:, 0].detach().long(), boxes[:, 1:]
        if image.numel() and not 0 <= int(image.min()) <= int(image.max()) < features.size(0):
            raise ValueError(
                f"expected boxes of images 0 to {features.size(0) - 1}, got "
                f"{int(image.min())} to {int(image.max())}"
            )
        return image, corners
    shapes = [list(each.shape) for each in boxes]
    if len(shapes) != features.size(0) or any(len(s) != 2 or s[1] != 4 for s in shapes):
        raise ValueError(f"expected {features.size(0)} boxes of shape [K, 4], got {shapes}")
    number = torch.tensor([s[0] for s in shapes], device=features.device)
    image = torch.arange(len(shapes), device=features.device).repeat_interleave(number)
    return image, torch.cat(list(boxes))
