"""Bone lengths of poses and their calibration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from pyg_skeleton.skeleton.skeleton import Skeleton


def total_bone_length(
    positions: Tensor, skeleton: Skeleton, edges: Iterable[tuple[int, int]] | None = None
) -> Tensor:
    r"""Computes the total bone length of each pose.

    Args:
        positions (torch.Tensor): The poses.
        skeleton (Skeleton): The layout.
        edges (iterable of pairs, optional): The pairs of joints to sum over. If :obj:`None`, the
            bones of the skeleton. (default: :obj:`None`)

    Raises:
        ValueError: If the number of joints differs from the skeleton's.

    Shapes:
        - **positions:** :math:`(*, V, C)`
        - **output:** :math:`(*)`, in the unit of the positions
    """
    if positions.dim() < 2 or positions.size(-2) != skeleton.num_joints:
        raise ValueError(
            f"expected positions [*, {skeleton.num_joints}, C] ({skeleton.name!r}), "
            f"got {list(positions.shape)}"
        )
    pairs = list(skeleton.bones if edges is None else edges)
    ends = torch.tensor(pairs, device=positions.device).view(-1, 2)
    first, second = (positions.index_select(-2, end) for end in ends.unbind(1))
    return (first - second).norm(dim=-1).sum(-1)


def calibrate_bone_length(
    positions: Tensor,
    skeleton: Skeleton,
    length: float | Tensor,
    edges: Iterable[tuple[int, int]] | None = None,
) -> Tensor:
    r"""Scales each pose to the total bone length of a canonical skeleton, the test-time
    calibration of the `"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
    <https://arxiv.org/abs/1904.03345>`_ paper (Section 5.2).

    .. math::
        \mathbf{X} \cdot \frac{\bar{L}}{\sum_{(i, j) \in \mathcal{E}} \| \mathbf{x}_i -
        \mathbf{x}_j \|}

    The canonical length :math:`\bar{L}` is the mean over the training data:
    ``total_bone_length(train, skeleton).mean()``. The paper follows the `"Towards 3D Human Pose
    Estimation in the Wild" <https://arxiv.org/abs/1704.02447>`_ paper, whose code sets
    :math:`\bar{L} = 4072.3544` mm over 14 edges of ``mpii16``: the bones below the hips, shoulders
    and the head, the hips to the pelvis, the shoulders to the thorax, and one edge from pelvis to
    thorax, which skips the spine. The official code of the paper does not calibrate.

    .. code-block:: python

        mpii = Skeleton.get("mpii16")
        pelvis, spine, thorax = map(mpii.joint_id, ("pelvis", "spine", "thorax"))
        edges = [bone for bone in mpii.bones if spine not in bone] + [(pelvis, thorax)]
        pose = calibrate_bone_length(pose, mpii, 4072.3544, edges)

    Args:
        positions (torch.Tensor): The poses relative to their root, which does not move.
        skeleton (Skeleton): The layout.
        length (float or torch.Tensor): The canonical length :math:`\bar{L}`, in the unit of the
            positions, or a tensor :math:`(*)` with one length per pose.
        edges (iterable of pairs, optional): The pairs of joints :math:`\mathcal{E}`. If
            :obj:`None`, the bones of the skeleton. (default: :obj:`None`)

    Raises:
        ValueError: If the number of joints differs from the skeleton's or a length is not positive.

    Shapes:
        - **positions, output:** :math:`(*, V, C)`; a pose of total length zero is not changed
    """
    target = torch.as_tensor(length, dtype=positions.dtype, device=positions.device)
    if not bool((target > 0).all()):
        raise ValueError(f"length must be positive, got {target.tolist()}")
    current = total_bone_length(positions, skeleton, edges)
    scale = torch.where(current == 0, 1.0, target / current)
    return positions * scale[..., None, None]
