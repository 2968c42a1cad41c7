from __future__ import annotations

import torch
from torch import Tensor

from pyg_skeleton.metrics.pose.pose_metric import PoseMetric, root_aligned


class PCK3D(PoseMetric):
    r"""The fraction of correct keypoints of root-aligned 3-D poses, PCK at 150 mm, as in the
    `"Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision"
    <https://arxiv.org/abs/1611.09813>`_ paper (MPI-INF-3DHP).

    .. math::
        \frac{1}{N V} \sum_{n, v} \mathbb{1} \left[ \lVert \hat{\mathbf{x}}_{n,v} -
        \mathbf{x}_{n,v} \rVert_2 < \tau \right]

    All joints count, including the root; papers use different subsets of joints and report percent.
    For motion prediction, use :class:`PCK`, which is per frame and relative to the body size.

    Args:
        threshold (float, optional): The distance :math:`\tau` in millimeters.
            (default: :obj:`150.0`)
        root (int, optional): See :class:`PoseMetric`. (default: :obj:`0`)

    Raises:
        ValueError: If **threshold** is not positive or a shape does not fit.
    """

    protocol = "root-aligned"
    unit = ""
    higher_is_better = True

    def __init__(self, threshold: float = 150.0, root: int = 0) -> None:
        super().__init__(root)
        if not threshold > 0:
            raise ValueError(f"threshold must be positive, got {threshold}")
        self.threshold = threshold
        self.title = f"PCK@{threshold:g}mm"

    def per_pose(self, prediction: Tensor, target: Tensor) -> Tensor:
        """See :func:`pck_3d`."""
        return pck_3d(prediction, target, self.threshold, self.root)


def pck_3d(prediction: Tensor, target: Tensor, threshold: float = 150.0, root: int = 0) -> Tensor:
    """Computes the fraction of correct joints of each pose, ``[N]``, from ``[N, V, 3]``, see
    :class:`PCK3D`.
    """
    prediction, target = root_aligned(prediction, target, root)
    error = (prediction - target).norm(dim=-1)
    return (error < threshold).double().masked_fill(error.isnan(), torch.nan).nanmean(1)
