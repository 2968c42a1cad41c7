"""Checks of recorded joints, whatever the file that they come from."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: The largest coordinate, in any unit: a million kilometers, or the numbers of a damaged file.
LARGEST = 1e9


def check_clip(
    value: Any, channels: int, name: str, num_joints: int | None = None
) -> NDArray[np.float32]:
    """A recording ``[T, V, channels]`` of finite numbers, as float32.

    Args:
        value (ndarray): The value in the file.
        channels (int): The number of coordinates of each joint.
        name (str): The file and the key, for messages.
        num_joints (int, optional): The number of joints that it must have. (default: :obj:`None`)

    Raises:
        ValueError: If it is anything else, or a number is larger than a billion.
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
    with np.errstate(over="ignore", invalid="ignore"):
        clip = np.ascontiguousarray(value, dtype=np.float32)
    good = np.abs(clip) <= LARGEST  # also no NaN
    if not good.all():
        frame, joint, channel = np.argwhere(~good)[0].tolist()
        number = float(clip[frame, joint, channel])
        kind = f"{number:.4g}, no coordinate" if np.isfinite(number) else "not a finite number"
        raise ValueError(f"{name}: frame {frame}, joint {joint} is {kind}")
    return clip


def check_poses(value: Any, channels: int, name: str, num_joints: int) -> NDArray[np.float32]:
    """The same for nested lists, as JSON has them: frames of joints of coordinates.

    Args:
        value (list): The value in the file.
        channels (int): The number of coordinates of each joint.
        name (str): The file and the key, for messages.
        num_joints (int): The number of joints that each frame must have.

    Raises:
        ValueError: If it is anything else; the message names the frame.
    """
    if not isinstance(value, list):
        raise ValueError(f"{name}: expected a list of frames, got {type(value).__name__}")
    for i, frame in enumerate(value):
        good = (
            isinstance(frame, list)
            and len(frame) == num_joints
            and all(isinstance(joint, list) and len(joint) == channels for joint in frame)
            and {int, float}.issuperset(map(type, chain.from_iterable(frame)))
        )
        if not good:
            raise ValueError(f"{name}[{i}]: expected {num_joints} joints of {channels} numbers")
    try:
        clip = np.array(value, np.float64)
    except OverflowError:
        raise ValueError(f"{name}: a number is too large") from None
    return check_clip(clip, channels, name, num_joints)
