"""Replaces positions by velocities, accelerations and so on."""

from __future__ import annotations

import torch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.skeleton.motion import difference
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import masked, need_frames


@functional_transform("skeleton_difference")
class Difference(SkeletonTransform):
    r"""Replaces `x` by its differences in time, see
    :func:`~pyg_skeleton.skeleton.difference` (functional name: :obj:`skeleton_difference`).

    A difference of two frames is missing if the joint is missing in one of them. The target does
    not change. :class:`Stream` with :obj:`"joint-motion"` takes the difference to the next frame
    instead, as published recognition pipelines do.

    Args:
        order (int, optional): The order, at least 0. (default: :obj:`1`)
    """

    def __init__(self, order: int = 1) -> None:
        if order < 0:
            raise ValueError(f"order must be at least 0, got {order}")
        self.order = order

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Replaces a clip by its differences."""
        need_frames(data, "Difference")
        data.x = difference(data.x, self.order)
        if "visible" in data:
            for _ in range(self.order):
                seen = data.visible
                data.visible = seen & torch.cat([seen[:, :1], seen[:, :-1]], dim=1)
            data.x = masked(data.x, data.visible)
        return data
