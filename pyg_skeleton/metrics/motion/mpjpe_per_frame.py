from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric

from pyg_skeleton.metrics.checks import check_mask, check_poses


class MPJPEPerFrame(Metric):
    r"""The mean per-joint position error of predicted motion at each frame.

    .. math::
        \frac{1}{N V} \sum_{i, v} \lVert \hat{\mathbf{x}}_{i,t,v} - \mathbf{x}_{i,t,v} \rVert_2

    With **root**, prediction and target are first moved so that this joint is at the origin. They
    are neither scaled nor rotated.

    Args:
        num_frames (int): The number of frames.
        root (int, optional): The joint to align; it counts with its error of zero, as usual.
            (default: :obj:`None`)

    Shapes:
        - **prediction, target:** positions :math:`(B, T, V, D)`
        - **mask:** the evaluated joints, :math:`(B, T, V)`, optional; joints whose target is NaN
          never count, nor frames whose **root** is missing
        - **output:** errors in the unit of the positions, :math:`(T)`

    Raises:
        ValueError: If a shape does not fit, or a prediction that counts is not finite.
    """

    is_differentiable = True
    higher_is_better = False
    full_state_update = False

    total: Tensor
    count: Tensor

    def __init__(self, num_frames: int, root: int | None = None) -> None:
        super().__init__()
        self.num_frames, self.root = num_frames, root
        total = torch.zeros(num_frames, dtype=torch.float64)
        self.add_state("total", total, dist_reduce_fx="sum")
        count = torch.zeros(num_frames, dtype=torch.long)
        self.add_state("count", count, dist_reduce_fx="sum")

    def update(self, prediction: Tensor, target: Tensor, mask: Tensor | None = None) -> None:
        """Adds a batch."""
        check_poses(prediction, target, self.num_frames)
        mask = check_mask(mask, prediction, target)
        if self.root is not None:
            mask = mask & mask[:, :, self.root, None]
            prediction = prediction - prediction[:, :, self.root, None]
            target = target - target[:, :, self.root, None]
        offset = (prediction.double() - target.double()).masked_fill(~mask.unsqueeze(-1), 0.0)
        self.total = self.total + offset.norm(dim=-1).sum((0, 2))
        self.count = self.count + mask.sum((0, 2))

    def compute(self) -> Tensor:
        """Returns the error at each frame."""
        return self.total / self.count
