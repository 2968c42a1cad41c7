from __future__ import annotations

import torch
from torch import Tensor

from pyg_skeleton.metrics.pose.pose_metric import PoseMetric, root_aligned


class NMPJPE(PoseMetric):
    r"""The mean per-joint position error after the best scaling of each predicted pose (N-MPJPE),
    from the `"Unsupervised Geometry-Aware Representation for 3D Human Pose Estimation"
    <https://arxiv.org/abs/1804.01110>`_ paper, also called "protocol 3" (P3).

    .. math::
        \frac{1}{N V} \sum_{n, v} \lVert s_n \hat{\mathbf{x}}_{n,v} - \mathbf{x}_{n,v} \rVert_2
        \quad \text{with} \quad
        s_n = \frac{\sum_v \hat{\mathbf{x}}_{n,v}^{\top} \mathbf{x}_{n,v}}
        {\sum_v \lVert \hat{\mathbf{x}}_{n,v} \rVert^2}

    of root-aligned poses. The scale is not negative, so a target that is reflected through its root
    is not a perfect prediction. See :class:`PoseMetric` for the arguments.
    """

    title = "N-MPJPE"
    protocol = "scaled"

    def per_pose(self, prediction: Tensor, target: Tensor) -> Tensor:
        """See :func:`n_mpjpe`."""
        return n_mpjpe(prediction, target, self.root)


def n_mpjpe(prediction: Tensor, target: Tensor, root: int = 0) -> Tensor:
    """Computes the error of each pose after scaling, ``[N]``, from ``[N, V, 3]``, see
    :class:`NMPJPE`.
    """
    prediction, target = root_aligned(prediction, target, root)
    there = ~target.isnan().any(-1, keepdim=True)
    prediction, known = prediction.masked_fill(~there, 0.0), target.masked_fill(~there, 0.0)
    square = prediction.square().sum((1, 2), keepdim=True)
    scale = (prediction * known).sum((1, 2), keepdim=True).clamp(min=0) / square
    # A pose whose joints coincide has no optimal scale.
    scale = torch.where(square == 0, 1.0, scale)
    return (scale * prediction - target).norm(dim=-1).nanmean(1)
