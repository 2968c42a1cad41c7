"""Selects evenly spaced frames."""

from __future__ import annotations

import torch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import need_frames, select_frames


@functional_transform("temporal_sample")
class TemporalSample(SkeletonTransform):
    r"""Keeps evenly spaced frames, including the first and the last (functional name:
    :obj:`temporal_sample`).

    Positions are rounded to the nearest frame. In shorter clips some frames are repeated. The
    target does not change.

    Args:
        num_frames (int): The number of frames, at least 2.
    """

    def __init__(self, num_frames: int) -> None:
        if num_frames < 2:
            raise ValueError(f"num_frames must be at least 2, got {num_frames}")
        self.num_frames = num_frames

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Selects the frames of a clip."""
        last, steps = need_frames(data, "TemporalSample") - 1, self.num_frames - 1
        place = torch.arange(self.num_frames, device=data.x.device) * last
        return select_frames(data, (2 * place + steps) // (2 * steps))
