"""Scales the coordinates of a clip to a fixed range."""

from __future__ import annotations

from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import masked, need_frames


@functional_transform("skeleton_min_max_normalize")
class MinMaxNormalize(SkeletonTransform):
    r"""Maps each channel of a clip from its smallest and largest value over all persons, joints and
    frames to :math:`[-1, 1]` (functional name: :obj:`skeleton_min_max_normalize`).

    A constant channel becomes 0.
    """

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Scales a clip."""
        need_frames(data, "MinMaxNormalize")
        x, visible = data.x, data._store.get("visible")
        seen = x.flatten(0, 1) if visible is None else x[visible]
        if seen.size(0) == 0:
            return data
        low, high = seen.aminmax(dim=0)
        half = (high - low).div_(2)
        middle = low.add_(half)
        data.x = masked((x - middle).div_(half.masked_fill_(half == 0, 1.0)), visible)
        return data
