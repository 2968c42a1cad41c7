"""Scales clips at random."""

from __future__ import annotations

from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import map_joints, uniform


@functional_transform("skeleton_random_scale")
class RandomScale(SkeletonTransform):
    r"""Scales a clip by a random factor, the same for all persons, frames, channels and the target
    (functional name: :obj:`skeleton_random_scale`).

    Args:
        scales (tuple): The smallest and the largest factor; uniform in between.
    """

    def __init__(self, scales: tuple[float, float]) -> None:
        low, high = scales
        if not 0 < low <= high:
            raise ValueError(f"scales must be positive and in order, got {scales}")
        self.scales = (low, high)

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Scales a clip."""
        factor = uniform(*self.scales)
        return map_joints(data, lambda x: x * factor)
