"""Aligns each person to their own pose, as InfoGCN does."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import by_body, need_frames


@functional_transform("info_gcn_align")
class InfoGCNAlign(SkeletonTransform):
    r"""Turns each person by their pose in the first frame, as the preparation of NTU in the
    `"InfoGCN: Representation Learning for Human Skeleton-Based Action Recognition"
    <https://openaccess.thecvf.com/content/CVPR2022/html/Chi_InfoGCN_Representation_Learning_for_Human_Skeleton-Based_Action_Recognition_CVPR_2022_paper.html>`_
    paper's code does (functional name: :obj:`info_gcn_align`).

    .. math::
        \mathbf{x} \leftarrow \left[ \mathbf{v}_2, \mathbf{v}_2 \times \mathbf{v}_1, \mathbf{v}_1
        \right]^{\top} \mathbf{x}

    with :math:`\mathbf{v}_1` along the spine and :math:`\mathbf{v}_2` along the hips, orthogonal to
    it. A person who is absent in the first frame becomes zero in all frames, as in that code. A
    person whose hips lie along the spine, who becomes NaN in that code, is not turned.

    Args:
        spine (tuple of int, optional): The lower and the upper end of the spine.
            (default: :obj:`(0, 1)`)
        hips (tuple of int, optional): The right and the left hip; :math:`\mathbf{v}_2` points to
            the second. (default: :obj:`(16, 12)`)
    """

    def __init__(self, spine: tuple[int, int] = (0, 1), hips: tuple[int, int] = (16, 12)) -> None:
        self.spine, self.hips = spine, hips

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Turns each person of a clip."""
        need_frames(data, "InfoGCNAlign")
        if data.x.size(-1) != 3:
            raise ValueError(f"{self} needs 3 channels, got {list(data.x.shape)}")
        bodies = by_body(data.x, data.num_joints, "InfoGCNAlign")
        if max(*self.spine, *self.hips) >= bodies.size(1):
            raise ValueError(f"{self} got clips of {bodies.size(1)} joints")
        turns = [self.turn(pose.double()) for pose in bodies[:, :, 0]]
        turned = [body @ turn.to(body) for body, turn in zip(bodies, turns, strict=True)]
        data.x = torch.stack(turned).view_as(data.x)
        return data

    def turn(self, pose: Tensor) -> Tensor:
        r"""Returns the matrix that turns row vectors by a pose :math:`(V, 3)`; zero if the person
        is absent.
        """
        up = pose[self.spine[1]] - pose[self.spine[0]]
        if float(up.norm()) == 0:
            return pose.new_zeros(3, 3)
        up = up / up.norm()
        left = pose[self.hips[1]] - pose[self.hips[0]]
        left = left - (left @ up) * up
        if float(left.norm()) == 0:
            return torch.eye(3, dtype=pose.dtype)
        left = left / left.norm()
        return torch.stack([left, torch.linalg.cross(left, up), up], dim=1)
