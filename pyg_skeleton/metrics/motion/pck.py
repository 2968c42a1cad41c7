from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric

from pyg_skeleton.metrics.checks import check_mask, check_poses


class PCK(Metric):
    r"""The fraction of correct keypoints at each frame, PCK@\ :math:`\alpha`.

    .. math::
        \mathrm{PCK}_t = \frac{1}{N V} \sum_{i, v}
        \mathbb{1}\left[ \lVert \hat{\mathbf{x}}_{i,t,v} - \mathbf{x}_{i,t,v} \rVert
        < \alpha\, s_{i,t} \right]

    Papers differ in the length :math:`s`, and the `"Symbiotic Graph Neural Networks"
    <https://arxiv.org/abs/1910.02212>`_ paper does not specify it, so it has no default.

    Args:
        scale (float or str): The length :math:`s`: a number in the unit of the data
            (:obj:`1.0` for normalized skeletons), :obj:`"torso"`, the distance between the two
            joints **torso** in the target pose, or :obj:`"bbox"`, the longest side of the bounding
            box of the target pose.
        alpha (float, optional): The fraction :math:`\alpha`. (default: :obj:`0.05`)
        num_frames (int, optional): The number of frames. (default: :obj:`10`)
        torso (pair of int, optional): Two joints, for :obj:`scale="torso"`.
            (default: :obj:`None`)

    Shapes:
        - **prediction, target:** positions :math:`(B, T, V, D)`
        - **mask:** the evaluated joints, :math:`(B, T, V)`, optional; joints whose target is NaN
          never count, nor frames whose **torso** is missing
        - **output:** fractions from 0 to 1, :math:`(T)`

    Raises:
        ValueError: If a shape or an argument does not fit, or a prediction that counts is not
            finite.
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False

    correct: Tensor
    count: Tensor

    def __init__(
        self,
        scale: float | str,
        alpha: float = 0.05,
        num_frames: int = 10,
        torso: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        if scale not in ("torso", "bbox") and not (isinstance(scale, (int, float)) and scale > 0):
            raise ValueError(f"scale must be a positive number, 'torso' or 'bbox', got {scale!r}")
        if (scale == "torso") != (torso is not None):
            raise ValueError(f"torso joints go with scale='torso', got {torso} with {scale!r}")
        self.scale, self.alpha, self.num_frames, self.torso = scale, alpha, num_frames, torso
        zeros = torch.zeros(num_frames, dtype=torch.long)
        self.add_state("correct", zeros, dist_reduce_fx="sum")
        self.add_state("count", zeros.clone(), dist_reduce_fx="sum")

    def update(self, prediction: Tensor, target: Tensor, mask: Tensor | None = None) -> None:
        """Adds a batch."""
        check_poses(prediction, target, self.num_frames)
        mask = check_mask(mask, prediction, target)
        if self.torso is not None:
            mask = mask & ~target[:, :, list(self.torso)].isnan().any(-1).any(-1, keepdim=True)
        near = (prediction - target).norm(dim=-1) < self.alpha * self._length(target, mask)
        self.correct += (near & mask).sum((0, 2))
        self.count += mask.sum((0, 2))

    def compute(self) -> Tensor:
        """Returns the fraction at each frame."""
        return self.correct / self.count

    def _length(self, target: Tensor, mask: Tensor) -> Tensor | float:
        if self.torso is not None:
            first, second = self.torso
            return (target[:, :, first] - target[:, :, second]).norm(dim=-1, keepdim=True)
        if isinstance(self.scale, str):
            hidden = ~mask[..., None]
            high = target.masked_fill(hidden, -torch.inf).amax(2)
            low = target.masked_fill(hidden, torch.inf).amin(2)
            return (high - low).amax(-1, keepdim=True)
        return float(self.scale)
