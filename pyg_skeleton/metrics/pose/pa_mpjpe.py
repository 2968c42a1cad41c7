from __future__ import annotations

import torch
from torch import Tensor

from pyg_skeleton.metrics.checks import check_pose_pairs
from pyg_skeleton.metrics.pose.pose_metric import PoseMetric


class PAMPJPE(PoseMetric):
    r"""The mean per-joint position error after Procrustes alignment of each predicted pose
    (PA-MPJPE, P-MPJPE), "protocol 2" (P2) of the literature on Human3.6M.

    Each prediction is moved, turned and scaled onto its target by the similarity of least squares
    (:func:`procrustes_align`), but never mirrored. This is what nearly all published numbers under
    this name are: on the same split as protocol 1. The `"Semantic Graph Convolutional Networks"
    <https://arxiv.org/abs/1904.03345>`_ paper means another split by "protocol 2" (S9 trains too,
    every 64th frame of S11 is tested), for which it has no numbers.

    See :class:`PoseMetric` for the arguments; **root** makes no difference.
    """

    title = "PA-MPJPE"
    protocol = "P2"

    def per_pose(self, prediction: Tensor, target: Tensor) -> Tensor:
        """See :func:`pa_mpjpe`."""
        return pa_mpjpe(prediction, target)


def pa_mpjpe(prediction: Tensor, target: Tensor) -> Tensor:
    """The error of each pose after alignment, ``[N, V, 3]`` twice to ``[N]``, see
    :class:`PAMPJPE`.
    """
    return (procrustes_align(prediction, target) - target.double()).norm(dim=-1).mean(1)


def procrustes_align(prediction: Tensor, target: Tensor) -> Tensor:
    r"""Moves, turns and scales each pose onto its target.

    .. math::
        a \hat{\mathbf{X}} \mathbf{R} + \mathbf{1} \mathbf{t}^{\top} \quad \text{with} \quad
        a, \mathbf{R}, \mathbf{t} = \arg\min_{a \geq 0,\, \mathbf{R} \in SO(3),\, \mathbf{t}}
        \lVert a \hat{\mathbf{X}} \mathbf{R} + \mathbf{1} \mathbf{t}^{\top} - \mathbf{X} \rVert_F

    in closed form, by the singular values of all poses at once in double precision. Poses in a
    plane or a line have several best rotations, one of which is taken; a prediction in one point
    goes to the center of its target. A pose with NaN gives NaN and leaves the others alone.

    Args:
        prediction (Tensor): The poses to align.
        target (Tensor): Where to.

    Shapes:
        - **prediction, target, output:** :math:`(N, V, 3)`

    Raises:
        ValueError: If a shape does not fit.
    """
    check_pose_pairs(prediction, target)
    y, x = prediction.double(), target.double()
    center = x.mean(1, keepdim=True)
    y, x = y - y.mean(1, keepdim=True), x - center
    U, s, Vh = torch.linalg.svd(torch.nan_to_num(x.mT @ y, posinf=0.0, neginf=0.0))
    # Of the two orthogonal matrices that come into question, the one that does not mirror.
    sign = torch.ones_like(s)
    sign[:, 2] = torch.where(torch.linalg.det(U @ Vh) < 0, -1.0, 1.0)
    rotation = Vh.mT @ (sign[:, :, None] * U.mT)
    square = y.square().sum((1, 2))
    scale = torch.where(square == 0, 0.0, (s * sign).sum(1) / square)
    return scale[:, None, None] * (y @ rotation) + center
