"""Features of boxes, read off from a feature map."""

from collections.abc import Sequence

import torch
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
    and results of :obj:`torchvision.ops.roi_align`, in plain PyTorch.

    A box is cut into bins, and a bin is the mean of points on a regular grid in it, at which the
    map is interpolated:

    .. math::
        \mathbf{o}_{kpq} = \sum_{y, x} a_{kpy} \, b_{kqx} \, \mathbf{f}_{yx}

    where :math:`a_{kpy}` and :math:`b_{kqx}` are the mean weights of row :math:`y` and column
    :math:`x` over the points of a bin. Points that lie more than one cell outside of the map are
    zero; the others are moved to its border. As the sum factorizes, this is two matrix products
    per image. It is differentiable with respect to features and boxes (torchvision's has no
    gradient for boxes).

    Args:
        features (torch.Tensor): The maps.
        boxes (torch.Tensor or sequence of torch.Tensor): The corners :math:`(x_1, y_1, x_2, y_2)`,
            either of all boxes with the number of their image in front, or image by image.
        output_size (int or tuple of int): The number of bins, rows first.
        spatial_scale (float, optional): From coordinates of boxes to cells of the map.
            (default: :obj:`1.0`)
        sampling_ratio (int, optional): Points per bin and direction; up to 0 it is the size of the
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
    size = (output_size, output_size) if isinstance(output_size, int) else output_size
    if min(size) < 1:
        raise ValueError(f"expected an output_size of at least 1, got {output_size}")
    # The boxes of each image side by side, with room for as many as the fullest one has.
    order = torch.argsort(image, stable=True)
    count = torch.bincount(image, minlength=features.size(0))
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device) - (
        (count.cumsum(0) - count).repeat_interleave(count)
    )
    room = max(1, int(count.max()))
    table = corners.new_zeros(features.size(0), room, 4).index_put((image, rank), corners)
    out = roi_align_per_image(features, table, size, spatial_scale, sampling_ratio, aligned)
    return out[image, rank]


def roi_align_per_image(
    features: Tensor,
    boxes: Tensor,
    output_size: tuple[int, int],
    spatial_scale: float,
    sampling_ratio: int,
    aligned: bool,
) -> Tensor:
    """:func:`roi_align` of equally many boxes per image, ``[B, K, 4]`` to ``[B, K, C, P, Q]``."""
    corners = boxes * spatial_scale - (0.5 if aligned else 0.0)
    (B, C, H, W), K, (P, Q) = features.shape, boxes.size(1), output_size
    options = (sampling_ratio, not aligned)
    a = _weights(corners[..., 1], corners[..., 3], P, H, *options).to(features.dtype)
    b = _weights(corners[..., 0], corners[..., 2], Q, W, *options).to(features.dtype)
    # Columns first: so the maps are read as they are, and what is turned around is small.
    columns = torch.bmm(features.reshape(B, C * H, W), b.view(B, K * Q, W).transpose(1, 2))
    columns = columns.view(B, C, H, K, Q).permute(0, 3, 2, 1, 4).reshape(B * K, H, C * Q)
    out = torch.bmm(a.view(B * K, P, H), columns)
    return out.view(B, K, P, C, Q).transpose(2, 3)


def _weights(
    start: Tensor, end: Tensor, bins: int, size: int, ratio: int, at_least_a_cell: bool
) -> Tensor:
    """The mean weight of each cell in each bin, along one direction, ``[*, bins, size]``."""
    length = end - start
    length = length.clamp(min=1.0) if at_least_a_cell else length
    step = (length / bins)[..., None, None]
    if ratio > 0:
        number = torch.full_like(step, float(ratio))
    else:
        number = step.detach().ceil()
        ratio = max(1, int(number.max())) if number.numel() else 1
    point = torch.arange(ratio, device=start.device, dtype=start.dtype)
    bin_ = torch.arange(bins, device=start.device, dtype=start.dtype).unsqueeze(-1)
    place = start[..., None, None] + step * (bin_ + (point + 0.5) / number.clamp(min=1))
    counts = (place >= -1) & (place <= size) & (point < number)
    cell = torch.arange(size, device=start.device, dtype=start.dtype)
    hat = (1 - (place.clamp(0, size - 1).unsqueeze(-1) - cell).abs()).clamp(min=0)
    return (hat * counts.unsqueeze(-1)).sum(-2) / number.clamp(min=1)


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
