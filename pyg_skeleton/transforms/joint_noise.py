"""Adds noise to the joints."""

from __future__ import annotations

import torch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import map_joints


@functional_transform("joint_noise")
class JointNoise(SkeletonTransform):
    r"""Adds independent Gaussian noise to each value of `x` (functional name:
    :obj:`joint_noise`).

    The target and missing joints do not change.

    Args:
        sigma (float): The standard deviation, in the unit of `x`.
    """

    def __init__(self, sigma: float) -> None:
        if not sigma >= 0:
            raise ValueError(f"sigma must be at least 0, got {sigma}")
        self.sigma = sigma

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Adds noise to a clip."""
        return map_joints(data, lambda x: x + self.sigma * torch.randn_like(x), keys=["x"])
