from collections.abc import Sequence

import torch
from torch import Tensor

from pyg_skeleton.nn.image.roi_align import centers, sample_grid
from pyg_skeleton.skeleton import Skeleton


class JointFeaturePool(torch.nn.Module):
    r"""The perceptual feature pooling of the `"Semantic Graph Convolutional Networks for 3D Human
    Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper (section 4.2): the features of
    several maps of a backbone at each joint, by RoIAlign in a square box around it.

    The side of the box is the mean length of the bones in the image, the same for all joints of a
    body. The feature is the mean over a grid of points in the box, which is the mean of RoIAlign's
    bins, whatever their number; the paper specifies neither. Boxes pass no gradient on to the
    joints, as in Mask R-CNN.

    Args:
        skeleton (Skeleton): The body with :math:`V` joints.
        strides (sequence of int): Pixels per cell of each map.
        samples (int, optional): Points per direction of a box. (default: :obj:`4`)

    Shapes:
        - **maps:** :math:`(B, C_i, H_i, W_i)` each
        - **joints:** pixels of the image, its first pixel covering 0 to 1, :math:`(B \cdot V, 2)`
        - **output:** :math:`(B \cdot V, \sum_i C_i)`
    """

    child: Tensor
    parent: Tensor

    def __init__(self, skeleton: Skeleton, strides: Sequence[int], samples: int = 4) -> None:
        super().__init__()
        if samples < 1:
            raise ValueError(f"expected samples >= 1, got {samples}")
        self.num_joints, self.strides, self.samples = skeleton.num_joints, tuple(strides), samples
        bones = torch.tensor(skeleton.bones)
        self.register_buffer("child", bones[:, 0], persistent=False)
        self.register_buffer("parent", bones[:, 1], persistent=False)

    def boxes(self, joints: Tensor) -> Tensor:
        """The corners of the boxes, ``[B, V, 4]``; a side is a pixel at least."""
        places = joints.detach().view(-1, self.num_joints, 2)
        bones = places[:, self.child] - places[:, self.parent]
        half = bones.norm(dim=-1).mean(1).clamp(min=1.0).view(-1, 1, 1) / 2
        return torch.cat([places - half, places + half], dim=-1)

    def forward(self, maps: Sequence[Tensor], joints: Tensor) -> Tensor:
        """Returns the features of all maps at each joint."""
        if len(maps) != len(self.strides):
            raise ValueError(f"expected {len(self.strides)} maps, got {len(maps)}")
        boxes = self.boxes(joints)
        step = centers(self.samples, boxes)
        pooled = []
        for x, stride in zip(maps, self.strides, strict=True):
            corners = boxes / stride - 0.5  # cell i covers [i, i + 1]
            start, side = corners[..., :2, None], (corners[..., 2:] - corners[..., :2])[..., None]
            columns, rows = (start + side * step).unbind(2)
            points = sample_grid(x.float() if x.dtype.itemsize < 4 else x, rows, columns)
            mean = points.view(*points.shape[:2], self.num_joints, -1).mean(3)
            pooled.append(mean.transpose(1, 2).to(x.dtype))
        return torch.cat(pooled, dim=-1).flatten(0, 1)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.num_joints} joints, strides={list(self.strides)}, "
            f"samples={self.samples})"
        )
