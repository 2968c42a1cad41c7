"""Crops a window of consecutive frames."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import need_frames, select_frames

CropMode = Literal["random", "center", "first", "last"]


@functional_transform("temporal_crop")
class TemporalCrop(SkeletonTransform):
    r"""Keeps a window of consecutive frames (functional name: :obj:`temporal_crop`).

    To resize the window as well, use :class:`CropResize`.

    Args:
        length (int): The number of frames.
        mode (str, optional): The position of the window: :obj:`"random"`, :obj:`"center"`,
            :obj:`"first"` or :obj:`"last"`. (default: :obj:`"random"`)

    Raises:
        ValueError: If the clip is shorter, or if it has a target and the window would not end
            where the target begins.
    """

    def __init__(self, length: int, mode: CropMode = "random") -> None:
        if length < 1:
            raise ValueError(f"length must be at least 1, got {length}")
        if mode not in get_args(CropMode):
            raise ValueError(f"mode must be one of {get_args(CropMode)}, got {mode!r}")
        self.length = length
        self.mode = mode

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Crops a window from a clip."""
        left = need_frames(data, "TemporalCrop") - self.length
        if left < 0:
            raise ValueError(f"{self} needs {self.length} frames, got {data.x.size(1)}")
        if left > 0 and "target" in data and self.mode != "last":
            raise ValueError(f"{self} would leave a gap between x and the target; use mode='last'")
        if self.mode == "random":
            start = int(torch.randint(left + 1, ()))
        else:
            start = {"first": 0, "center": left // 2, "last": left}[self.mode]
        return select_frames(data, slice(start, start + self.length))
