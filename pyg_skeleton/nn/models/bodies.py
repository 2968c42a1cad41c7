"""The bodies of a batch of clips."""

from typing import Any, NamedTuple

import torch
from torch import Tensor


class Bodies(NamedTuple):
    """The clip and the person that each body of a batch belongs to."""

    clip: Tensor
    """The clip of each body, ``[B]``."""
    person: Tensor
    """The number of the person in its clip, ``[B]``."""
    num_clips: int
    """The number of clips."""


def bodies_of(data: Any, num_joints: int) -> Bodies:
    """Returns the clip and the person of each body of a clip or a batch.

    Without the field `person`, the bodies of a clip are numbered in order.
    """
    clip, person = getattr(data, "batch", None), getattr(data, "person", None)
    if clip is None:
        clip, num_clips = data.x.new_zeros(data.x.size(0), dtype=torch.long), 1
    else:
        num_clips = data.num_graphs if hasattr(data, "num_graphs") else int(clip.max()) + 1
    clip = clip[::num_joints].contiguous()
    if person is None:
        number = torch.arange(len(clip), device=clip.device)
        return Bodies(clip, number - torch.searchsorted(clip, clip), num_clips)
    return Bodies(clip, person[::num_joints], num_clips)


def flatten_clips(x: Tensor, keep_absent: bool = False) -> tuple[Tensor, Tensor, Tensor]:
    r"""Brings padded clips into the order of nodes, for networks' :meth:`forward_plain`.

    Args:
        x (torch.Tensor): The clips, :math:`(N, M, T, V, C)`.
        keep_absent (bool, optional): Whether persons whose joints are all zero count. Otherwise
            they belong to clip :math:`N`, which the caller leaves out. (default: :obj:`False`)

    Returns:
        The nodes :math:`(N \cdot M \cdot V, T, C)`, and clip and person of each body.
    """
    N, M, T, V, C = x.shape
    clip = torch.arange(N, device=x.device).unsqueeze(1).expand(N, M)
    if M > 1 and not keep_absent:
        clip = torch.where((x != 0).flatten(2).any(dim=2), clip, N)
    person = torch.arange(M, device=x.device).repeat(N)
    return x.transpose(2, 3).reshape(N * M * V, T, C), clip.flatten(), person
