from __future__ import annotations

import torch
from torch import Tensor

from pyg_skeleton.metrics.pose.pose_metric import PoseMetric, root_aligned


class AUC(PoseMetric):
    r"""The area under the curve of :class:`PCK3D` over its threshold, as in the evaluation of the
    `"Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision"
    <https://arxiv.org/abs/1611.09813>`_ paper (MPI-INF-3DHP).

    It is the mean PCK at the 31 thresholds 0, 5, ..., 150 mm. No joint passes the first threshold,
    so the best value is :math:`30 / 31`. See :class:`PoseMetric` for the arguments.
    """

    title = "AUC@0-150mm"
    protocol = "root-aligned"
    unit = ""
    higher_is_better = True

    def per_pose(self, prediction: Tensor, target: Tensor) -> Tensor:
        """See :func:`auc`."""
        return auc(prediction, target, self.root)


def auc(prediction: Tensor, target: Tensor, root: int = 0) -> Tensor:
    """Computes the area of each pose, ``[N]``, from ``[N, V, 3]``, see :class:`AUC`."""
    prediction, target = root_aligned(prediction, target, root)
    error = (prediction - target).norm(dim=-1)
    threshold = torch.linspace(0, 150, 31, dtype=error.dtype, device=error.device)
    share = (error[..., None] < threshold).double().mean(2)
    return share.masked_fill(error.isnan(), torch.nan).nanmean(1)
