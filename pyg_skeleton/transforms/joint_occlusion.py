"""Hides joints at random."""

from __future__ import annotations

import torch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import masked


@functional_transform("joint_occlusion")
class JointOcclusion(SkeletonTransform):
    r"""Hides each joint of `x` with some probability (functional name: :obj:`joint_occlusion`).

    A hidden joint is zero in all frames and marked in `visible`, a field that is added even if no
    joint is hidden. The target does not change.

    Args:
        p (float): The probability.

    Raises:
        ValueError: If the probability is not between 0 and 1.
    """

    def __init__(self, p: float) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"p must be a probability, got {p}")
        self.p = p

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Hides joints of a clip."""
        seen = (torch.rand(data.x.size(0)) >= self.p).to(data.x.device)
        seen = seen.view(-1, *[1] * (data.x.dim() - 2)).expand(data.x.shape[:-1])
        data.visible = seen & data.visible if "visible" in data else seen.clone()
        data.x = masked(data.x, data.visible)
        return data
