"""Draws a fixed number of frames, at random or evenly spaced."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import need_frames, select_frames

#: The number of copies of each frame that CTR-GCN's code draws from.
_COPIES = 100


@functional_transform("frame_draw")
class FrameDraw(SkeletonTransform):
    r"""Keeps a fixed number of frames in their order, as the code of the `"Channel-wise Topology
    Refinement Graph Convolution for Skeleton-Based Action Recognition"
    <https://arxiv.org/abs/2107.12213>`_ paper does on NW-UCLA (functional name: :obj:`frame_draw`).

    At random, frames are drawn without replacement from a hundred copies of each. Otherwise they
    are evenly spaced from the first to the last, rounded down (:class:`TemporalSample` rounds to
    the nearest). Either way, frames of short clips are repeated.

    Args:
        num_frames (int): The number of frames.
        random (bool, optional): Whether to draw them at random. (default: :obj:`True`)
    """

    def __init__(self, num_frames: int, random: bool = True) -> None:
        if not 1 <= num_frames <= _COPIES:
            raise ValueError(f"num_frames must be from 1 to {_COPIES}, got {num_frames}")
        self.num_frames = num_frames
        self.random = random

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Draws the frames of a clip."""
        frames = need_frames(data, "FrameDraw")
        if not self.random:
            return select_frames(data, _evenly(frames, self.num_frames))
        # Taking the first different numbers of draws with replacement is the same distribution.
        drawn: dict[int, None] = {}
        while len(drawn) < self.num_frames:
            more = torch.randint(_COPIES * frames, (2 * self.num_frames,)).tolist()
            drawn.update(dict.fromkeys(more))
        chosen = sorted(list(drawn)[: self.num_frames])
        return select_frames(data, torch.tensor([number // _COPIES for number in chosen]))


@lru_cache(maxsize=4096)
def _evenly(frames: int, num_frames: int) -> Tensor:
    # With NumPy's rounding: a place that should be whole may fall just below, as it does there.
    return torch.from_numpy(np.linspace(0, frames - 1, num_frames).astype(np.int64))
