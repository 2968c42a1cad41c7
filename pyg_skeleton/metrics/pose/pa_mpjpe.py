from __future__ import annotations

import torch
from torch import Tensor

from pyg_skeleton.metrics.checks import check_pose_pairs, recorded
from pyg_skeleton.metrics.pose.pose_metric import PoseMetric


class PAMPJPE(PoseMetric):
    r"""The mean per-joint position error after Procrustes alignment of each predicted pose
    (PA-MPJPE, P-MPJPE), "protocol 2" (P2) of the literature on Human3.6M.

    Each prediction is aligned to its target by the least-squares similarity transform
    (:func:`procrustes_align`), without reflection. Nearly all published numbers of this name use
    the split of protocol 1. In the `"Semantic Graph Convolutional Networks"
    <https://arxiv.org/abs/1904.03345>`_ paper, "protocol 2" denotes another split (S9 is used for
    training, and every 64th frame of S11 for testing), for which it reports no numbers.

    See :class:`PoseMetric` for the arguments; **root** has no effect.
    """

    title = "PA-MPJPE"
    protocol = "rigidly aligned"

    def per_pose(self, prediction: Tensor, target: Tensor) -> Tensor:
        """See :func:`pa_mpjpe`."""
        return pa_mpjpe(prediction, target)


def pa_mpjpe(prediction: Tensor, target: Tensor) -> Tensor:
    """Computes the error of each pose after alignment, ``[N]``, from ``[N, V, 3]``, see
    :class:`PAMPJPE`.
    """
    check_pose_pairs(prediction, target)
    recorded(prediction, target)
    return (procrustes_align(prediction, target) - target.double()).norm(dim=-1).nanmean(1)


def procrustes_align(prediction: Tensor, target: Tensor) -> Tensor:
    r"""Translates, rotates and scales each pose to fit its target.

    .. math::
        a \hat{\mathbf{X}} \mathbf{R} + \mathbf{1} \mathbf{t}^{\top} \quad \text{with} \quad
        a, \mathbf{R}, \mathbf{t} = \arg\min_{a \geq 0,\, \mathbf{R} \in SO(3),\, \mathbf{t}}
        \lVert a \hat{\mathbf{X}} \mathbf{R} + \mathbf{1} \mathbf{t}^{\top} - \mathbf{X} \rVert_F

    in closed form, by a batched singular value decomposition in double precision. Poses in a plane
    or on a line have several optimal rotations, one of which is used; a prediction whose joints
    coincide is moved to the center of its target. A joint whose target is NaN does not count. A
    prediction with NaN gives NaN and does not affect the other poses.

    Args:
        prediction (Tensor): The poses to align.
        target (Tensor): The target poses.

    Shapes:
        - **prediction, target, output:** :math:`(N, V, 3)`

    Raises:
        ValueError: If a shape does not fit.
    """
    check_pose_pairs(prediction, target)
    there = ~target.isnan().any(-1, keepdim=True)
    count = there.sum(1, keepdim=True)
    whole, x = prediction.double(), target.double().masked_fill(~there, 0.0)
    y = whole.masked_fill(~there, 0.0)
    start, center = y.sum(1, keepdim=True) / count, x.sum(1, keepdim=True) / count
    y, x = (y - start).masked_fill(~there, 0.0), (x - center).masked_fill(~there, 0.0)
    U, s, Vh = torch.linalg.svd(torch.nan_to_num(x.mT @ y, posinf=0.0, neginf=0.0))
    # Of the two candidate orthogonal matrices, the one without reflection.
    sign = torch.ones_like(s)
    sign[:, 2] = torch.where(torch.linalg.det(U @ Vh) < 0, -1.0, 1.0)
    rotation = Vh.mT @ (sign[:, :, None] * U.mT)
    square = y.square().sum((1, 2))
    scale = torch.where(square == 0, 0.0, (s * sign).sum(1) / square)
    return scale[:, None, None] * ((whole - start) @ rotation) + center
