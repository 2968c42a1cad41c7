"""Interpolates clips to another number of frames."""

from __future__ import annotations

import torch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import masked, need_frames


@functional_transform("temporal_resize")
class TemporalResize(SkeletonTransform):
    r"""Interpolates a clip linearly to another number of frames (functional name:
    :obj:`temporal_resize`).

    The first and the last frame are kept (:class:`CropResize` interpolates between frame centers
    instead); a length of 1 keeps the first. A joint is missing in a new frame if it is missing in
    one of the two frames next to it. The target does not change.

    Args:
        length (int): The number of frames.
    """

    def __init__(self, length: int) -> None:
        if length < 1:
            raise ValueError(f"length must be at least 1, got {length}")
        self.length = length

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Resizes a clip."""
        frames = need_frames(data, "TemporalResize")
        if frames == self.length:
            return data
        # In integers, so that a new frame that falls on an old one is exactly that one.
        steps = max(self.length - 1, 1)
        place = torch.arange(self.length, device=data.x.device) * (frames - 1)
        before, rest = place // steps, place % steps
        after = (before + 1).clamp(max=frames - 1)
        weight = (rest.to(data.x.dtype) / steps).unsqueeze(-1)
        data.x = torch.lerp(data.x[:, before], data.x[:, after], weight)
        if "visible" in data:
            data.visible = data.visible[:, before] & (data.visible[:, after] | (rest == 0))
            data.x = masked(data.x, data.visible)
        return data
