"""Mirrors clips at random."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import VISIBLE, as_graph, by_body, map_joints, uniform


@functional_transform("mirror_flip")
class MirrorFlip(SkeletonTransform):
    r"""Mirrors a clip with some probability (functional name: :obj:`mirror_flip`).

    One axis changes its sign, and left and right joints are swapped, also in the target. Of
    axis-angle vectors, the two other axes change their sign.

    Args:
        skeleton (Skeleton or str): The layout, or its name; it needs mirror pairs.
        axis (int, optional): The axis from left to right. (default: :obj:`0`)
        p (float, optional): The probability. (default: :obj:`0.5`)
        rotations (bool, optional): Whether joints are axis-angle vectors, in place of positions.
            (default: :obj:`False`)

    Raises:
        ValueError: If the layout has no mirror pairs, or the axis does not exist.
    """

    def __init__(
        self, skeleton: Skeleton | str, axis: int = 0, p: float = 0.5, rotations: bool = False
    ) -> None:
        self.skeleton: Skeleton = as_graph(skeleton)
        if not self.skeleton.mirror:
            raise ValueError(f"{self.skeleton.name!r} has no mirror pairs")
        if not 0 <= p <= 1:
            raise ValueError(f"p must be a probability, got {p}")
        self.axis = axis
        self.p = p
        self.rotations = rotations

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Mirrors a clip, or returns it unchanged."""
        if uniform(0, 1) >= self.p:
            return data
        for mask_key in VISIBLE.values():
            if mask_key in data:
                data[mask_key] = self._swap(data[mask_key])
        return map_joints(data, self._mirror)

    def _swap(self, value: Tensor) -> Tensor:
        bodies = by_body(value, self.skeleton.num_joints, self.__class__.__name__)
        return bodies[:, self.skeleton.mirror_index.to(value.device)].flatten(0, 1)

    def _mirror(self, x: Tensor) -> Tensor:
        if not 0 <= self.axis < x.size(-1):
            raise ValueError(f"{self} got joints of {x.size(-1)} channels")
        sign = torch.ones(x.size(-1), dtype=x.dtype, device=x.device)
        sign[self.axis] = -1
        return self._swap(x) * (-sign if self.rotations else sign)
