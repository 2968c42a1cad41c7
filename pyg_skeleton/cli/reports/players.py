"""Clips of data sets, for players."""

from typing import Any

from torch import Tensor

from pyg_skeleton.data import Clip
from pyg_skeleton.datasets import ClipDataset


def clip_of(clips: ClipDataset, number: int) -> Clip:
    """A clip of a data set as it is before the transform; of three numbers of a joint in a picture,
    the last is a score.
    """
    joints: Tensor = clips.clip(number).transpose(1, 2)
    planar = clips.planar or joints.size(-1) == 2
    confidence = joints[..., 2].clamp(0, 1) if planar and joints.size(-1) == 3 else None
    values: dict[str, Any] = {
        key: getattr(clips, key, None) for key in ("frame_rate", "unit", "up")
    }
    return Clip(
        joints[..., :2] if planar else joints,
        clips.skeleton,
        confidence=confidence,
        name=clips.names[number],
        **values,
    )
