from __future__ import annotations

from torch import Tensor

from pyg_skeleton.metrics.pose.pose_metric import PoseMetric, root_aligned


class MPJPE(PoseMetric):
    r"""The mean per-joint position error of root-aligned poses, "protocol 1" (P1) of the
    literature on Human3.6M, as in the `"Semantic Graph Convolutional Networks for 3D Human Pose
    Regression" <https://arxiv.org/abs/1904.03345>`_ paper.

    .. math::
        \frac{1}{N V} \sum_{n, v} \lVert (\hat{\mathbf{x}}_{n,v} - \hat{\mathbf{x}}_{n,r}) -
        (\mathbf{x}_{n,v} - \mathbf{x}_{n,r}) \rVert_2

    The root :math:`r` is one of the :math:`V` joints, so results for 16 and 17 joints differ;
    :meth:`label` includes their number. See :class:`PoseMetric` for the arguments.
    """

    title = "MPJPE"
    protocol = "root-aligned"

    def per_pose(self, prediction: Tensor, target: Tensor) -> Tensor:
        """See :func:`mpjpe`."""
        return mpjpe(prediction, target, self.root)


def mpjpe(prediction: Tensor, target: Tensor, root: int = 0) -> Tensor:
    """Computes the root-aligned error of each pose, ``[N]``, from ``[N, V, 3]``, see
    :class:`MPJPE`.
    """
    prediction, target = root_aligned(prediction, target, root)
    return (prediction - target).norm(dim=-1).nanmean(1)
