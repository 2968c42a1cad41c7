"""Crops a window from a clip that is mirrored in time at both ends."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import clips_of, need_frames


@functional_transform("symmetric_crop")
class SymmetricCrop(SkeletonTransform):
    r"""Pads a clip at both ends with its mirror image in time and crops a random window of its
    original length, as the `"Collaborating Domain-shared and Target-specific Feature Clustering for
    Cross-domain 3D Action Recognition" <https://arxiv.org/abs/2207.09767>`_ paper does (functional
    name: :obj:`symmetric_crop`).

    Each end gets :math:`p = \lfloor T / \gamma \rfloor` frames, beginning with a repetition of the
    first or last frame, and the start is one of :math:`2p + 1`. Each clip of a batch has its own.

    Args:
        ratio (int, optional): The padding ratio is :math:`1 / \gamma`: :math:`\gamma` is 6 in the
            paper's weak augmentation, 3 in its strong one. (default: :obj:`6`)

    Raises:
        ValueError: If the ratio is below 1, or a clip has a target, which would no longer follow.
    """

    def __init__(self, ratio: int = 6) -> None:
        if ratio < 1:
            raise ValueError(f"ratio must be at least 1, got {ratio}")
        self.ratio = ratio

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Crops a window from a clip."""
        frames = need_frames(data, "SymmetricCrop")
        if "target" in data._store:
            raise ValueError(f"{self} takes clips without a target, got {data}")
        num_clips, clip = clips_of(data)
        starts = torch.randint(2 * (frames // self.ratio) + 1, (num_clips,))
        idx = window_frames(starts.to(data.x.device), frames, self.ratio).index_select(0, clip)
        data.x = data.x.gather(1, idx.unsqueeze(-1).expand_as(data.x))
        if "visible" in data._store:
            data.visible = data.visible.gather(1, idx)
        return data


def window_frames(starts: Tensor, num_frames: int, ratio: int) -> Tensor:
    r"""Returns the frames of the windows that begin at given frames of the padded clip.

    Shapes:
        - **starts:** :math:`(B)`, from 0 to :math:`2 \lfloor T / \gamma \rfloor`
        - **output:** :math:`(B, T)`, from 0 to :math:`T - 1`
    """
    idx = torch.arange(num_frames, device=starts.device) + starts.unsqueeze(1)
    idx = idx - num_frames // ratio
    idx = torch.where(idx < 0, -1 - idx, idx)
    return torch.where(idx < num_frames, idx, 2 * num_frames - 1 - idx)
