"""Pads clips to a fixed length."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import by_body, frames_there, need_frames

PadMode = Literal["loop", "zero"]


@functional_transform("pad_frames")
class PadFrames(SkeletonTransform):
    r"""Pads clips to a fixed number of frames, the first step of the preparation of NTU by 2s-AGCN
    and ST-GCN (functional name: :obj:`pad_frames`).

    :obj:`"zero"` (ST-GCN) appends empty frames. :obj:`"loop"` (2s-AGCN) repeats, for each person,
    the frames up to the last one in which the person is present; if the person is absent in the
    first frame, all empty frames are removed before. Longer clips are cut at the end.

    Args:
        num_frames (int, optional): The number of frames. (default: :obj:`300`)
        mode (str, optional): :obj:`"loop"` or :obj:`"zero"`. (default: :obj:`"loop"`)

    Raises:
        ValueError: If the clip has missing joints.
    """

    def __init__(self, num_frames: int = 300, mode: PadMode = "loop") -> None:
        if num_frames < 1:
            raise ValueError(f"num_frames must be at least 1, got {num_frames}")
        if mode not in get_args(PadMode):
            raise ValueError(f"mode must be one of {get_args(PadMode)}, got {mode!r}")
        self.num_frames = num_frames
        self.mode = mode

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Pads or cuts a clip."""
        need_frames(data, "PadFrames")
        if "visible" in data._store:
            raise ValueError(f"{self} takes clips without missing joints, got {data}")
        bodies = by_body(data.x, data.num_joints, "PadFrames")[:, :, : self.num_frames]
        out = bodies.new_zeros(*bodies.shape[:2], self.num_frames, bodies.size(-1))
        there = frames_there(data)[:, : self.num_frames]
        for body, frames, seen in zip(out, bodies, there, strict=True):
            kept = frames if self.mode == "zero" else self._looped(frames, seen)
            body[:, : kept.size(1)] = kept
        data.x = out.flatten(0, 1)
        return data

    def _looped(self, frames: Tensor, seen: Tensor) -> Tensor:
        at = seen.nonzero().squeeze(1)
        if not len(at):
            return frames
        at = torch.arange(int(at[-1]) + 1) if bool(seen[0]) else at.cpu()
        return frames[:, at[torch.arange(self.num_frames) % len(at)].to(frames.device)]
