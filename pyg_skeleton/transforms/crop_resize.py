"""Crops a share of a clip and resizes it to a fixed length."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import by_body, masked, need_frames, uniform


@functional_transform("crop_resize")
class CropResize(SkeletonTransform):
    r"""Crops a share of a clip and interpolates it to a fixed number of frames, as the code of the
    `"Channel-wise Topology Refinement Graph Convolution for Skeleton-Based Action Recognition"
    <https://arxiv.org/abs/2107.12213>`_ paper does on NTU (functional name: :obj:`crop_resize`).

    With two numbers as **share**, the share is drawn uniformly between them, but at least
    **min_frames** frames are kept, and the position is random. With one number, half of the rest is
    cut off at either end. Frames are then interpolated linearly with half-pixel centers, unlike
    :class:`TemporalResize`, which keeps the first and the last frame.

    Args:
        num_frames (int): The number of frames of the result.
        share (float or sequence of float): The share that is kept, or its bounds.
        min_frames (int, optional): The smallest number of frames of a random share, in clips that
            have as many. (default: :obj:`64`)
        skip_zeros (bool, optional): Whether a frame in which all joints of a person are zero is
            not mixed with the frame beside it, which would yield half a body; the
            nearer of both is taken. The authors mix them. (default: :obj:`False`)

    A joint that is missing in a frame is missing in all frames that are interpolated with it.
    """

    def __init__(
        self,
        num_frames: int,
        share: float | Sequence[float],
        min_frames: int = 64,
        skip_zeros: bool = False,
    ) -> None:
        bounds = tuple(share) if isinstance(share, Sequence) else (share,)
        if len(bounds) not in (1, 2) or not 0 < bounds[0] <= bounds[-1] <= 1:
            raise ValueError(f"share must be one or two numbers above 0 and up to 1, got {share}")
        if num_frames < 1 or min_frames < 1:
            raise ValueError(
                f"num_frames and min_frames must be at least 1, got {num_frames}, {min_frames}"
            )
        self.num_frames = num_frames
        self.share = bounds
        self.min_frames = min_frames
        self.skip_zeros = skip_zeros

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Crops and resizes a clip."""
        frames = need_frames(data, "CropResize")
        if len(self.share) == 1:
            start = int((1 - self.share[0]) * frames / 2)
            end = frames - start
        else:
            length = int(frames * uniform(*self.share))
            length = min(max(length, self.min_frames), frames)
            start = int(torch.randint(frames - length + 1, ()))
            end = start + length
        part = data.x[:, start:end].transpose(1, 2)
        resized = F.interpolate(part, self.num_frames, mode="linear", align_corners=False)
        data.x = resized.transpose(1, 2).contiguous()
        if self.skip_zeros:
            self._unmix(data, part)
        if "visible" in data._store:
            seen = data.visible[:, None, start:end].to(data.x.dtype)
            shares = F.interpolate(seen, self.num_frames, mode="linear", align_corners=False)
            data.visible = shares.squeeze(1) == 1
            data.x = masked(data.x, data.visible)
        return data

    def _unmix(self, data: SkeletonData, part: Tensor) -> None:
        """Replaces mixtures of frames with and without a person by the nearer frame."""
        bodies = by_body(part, data.num_joints, "CropResize")  # [M, V, C, T]
        there = bodies.any(dim=1).any(dim=1, keepdim=True).float()  # [M, 1, T]
        if bool(there.all()):
            return
        shares = F.interpolate(there, self.num_frames, mode="linear", align_corners=False)
        mixed = ((shares > 0) & (shares < 1)).squeeze(1).repeat_interleave(data.num_joints, dim=0)
        nearest = F.interpolate(part, self.num_frames, mode="nearest-exact").transpose(1, 2)
        data.x[mixed] = nearest[mixed]
