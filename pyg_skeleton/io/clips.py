"""What every array of recorded joints must be."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def check_clip(
    value: Any, channels: int, name: str, num_joints: int | None = None
) -> NDArray[np.float32]:
    """A recording ``[T, V, channels]`` of finite numbers, as float32.

    Args:
        value (ndarray): What a file has in its place.
        channels (int): How many numbers each joint has.
        name (str): What to call it in messages: the file and the key.
        num_joints (int, optional): How many joints it must have. (default: :obj:`None`)

    Raises:
        ValueError: If it is anything else.
    """
    wanted = f"[T, {'V' if num_joints is None else num_joints}, {channels}]"
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf":
        kind = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
        raise ValueError(f"{name}: expected numbers {wanted}, got {kind}")
    shape = value.shape
    if len(shape) != 3 or not value.size or shape[2] != channels:
        raise ValueError(f"{name}: expected {wanted}, got {list(shape)}")
    if num_joints not in (None, shape[1]):
        raise ValueError(f"{name}: expected {wanted}, got {list(shape)}")
    with np.errstate(over="ignore"):
        clip = np.ascontiguousarray(value, dtype=np.float32)
    if not np.isfinite(clip).all():
        frame, joint, _ = np.argwhere(~np.isfinite(clip))[0].tolist()
        raise ValueError(f"{name}: frame {frame}, joint {joint} is not a finite number")
    return clip
