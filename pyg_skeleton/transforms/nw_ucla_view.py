"""Turns and scales clips at random, as CTR-GCN does on NW-UCLA."""

from __future__ import annotations

import math

import torch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import map_joints, uniform


@functional_transform("nw_ucla_view")
class NWUCLAView(SkeletonTransform):
    r"""Turns a clip about the axes x and y by whole degrees and scales it, the augmentation of
    NW-UCLA in the `"Channel-wise Topology Refinement Graph Convolution for Skeleton-Based Action
    Recognition" <https://arxiv.org/abs/2107.12213>`_ paper's code (functional name:
    :obj:`nw_ucla_view`).

    .. math::
        \mathbf{x} \leftarrow s \, \mathbf{R}_x(\alpha) \mathbf{R}_y(\beta) \mathbf{x}

    All persons and frames share the view. If :class:`MinMaxNormalize` follows, as in that code, the
    scale has no effect.

    Args:
        degrees (int, optional): The largest angle. Angles are whole degrees, uniform between its
            negative and itself. (default: :obj:`60`)
        scale (tuple of float, optional): The smallest and the largest factor.
            (default: :obj:`(0.5, 1.5)`)
    """

    def __init__(self, degrees: int = 60, scale: tuple[float, float] = (0.5, 1.5)) -> None:
        if not 0 <= degrees <= 180:
            raise ValueError(f"degrees must be from 0 to 180, got {degrees}")
        if not 0 < scale[0] <= scale[1]:
            raise ValueError(f"scale must be two factors above 0, the smaller first, got {scale}")
        self.degrees = degrees
        self.scale = (float(scale[0]), float(scale[1]))

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Turns and scales a clip."""
        if data.x.size(-1) != 3:
            raise ValueError(f"{self} needs 3 channels, got {list(data.x.shape)}")
        alpha, beta = torch.randint(-self.degrees, self.degrees + 1, (2,)).tolist()
        s, (ca, sa), (cb, sb) = uniform(*self.scale), _turn(alpha), _turn(beta)
        # Row vectors times this are R_x(alpha) R_y(beta) times column vectors.
        turn = data.x.new_tensor(
            [
                [s * cb, s * sa * sb, -s * ca * sb],
                [0.0, s * ca, s * sa],
                [s * sb, -s * sa * cb, s * ca * cb],
            ]
        )
        return map_joints(data, lambda x: x @ turn)


def _turn(degrees: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    return math.cos(angle), math.sin(angle)
