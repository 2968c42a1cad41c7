"""Arrays of joints without any description."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.npy import read_npy
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording

Channels = Literal["xy", "xyz", "xys"]


def read_array(path: Path, channels: Channels | None = None) -> Recording:
    r"""Reads an ``.npy`` file with the joints of a clip; NaN is a missing joint.

    Args:
        path (Path): The file.
        channels (str, optional): What the numbers of a joint are: :obj:`"xy"`, :obj:`"xyz"`, or
            :obj:`"xys"` where the third one is the score of a detector. By default three numbers
            are a position in space, unless the first two are pixels and the third lies between 0
            and 1. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, has other dimensions than :math:`(T, V, C)` or
            :math:`(M, T, V, C)` with 2 or 3 channels, or holds a number that is infinite.
    """
    array = read_npy(path)
    if array.ndim not in (3, 4) or array.size == 0 or array.shape[-1] not in (2, 3):
        raise ValueError(
            f"{path}: expected joints [T, V, 2 or 3] or [M, T, V, 2 or 3], got {list(array.shape)}"
        )
    return array_recording(np.asarray(array, np.float32), str(path), path.stem, channels)


def is_array(probe: Probe) -> bool:
    """A file that begins as NumPy's do."""
    return probe.head.startswith(b"\x93NUMPY")


def array_recording(
    array: NDArray[np.float32], where: str, name: str, channels: Channels | None = None
) -> Recording:
    """The recording of an array :math:`(T, V, C)` or :math:`(M, T, V, C)`, see
    :func:`read_array`.
    """
    joints = array.reshape(-1, *array.shape[-3:])
    if not (np.isnan(joints) | (np.abs(joints) <= LARGEST)).all():
        raise ValueError(f"{where}: a joint is not a finite number up to {LARGEST:g}")
    channels = channels or ("xy" if joints.shape[3] == 2 else _third(joints))
    if len(channels) != joints.shape[3]:
        raise ValueError(f"{where}: has {joints.shape[3]} channels, expected {channels!r}")
    if channels != "xys":
        return Recording(joints, name=name)
    score = np.nan_to_num(joints[..., 2])
    if score.min() < 0 or score.max() > 1:
        raise ValueError(
            f"{where}: expected scores from 0 to 1, got {score.min()} to {score.max()}"
        )
    out = joints[..., :2].copy()
    out[score == 0] = np.nan
    return Recording(out, confidence=score, name=name)


def _third(joints: NDArray[np.float32]) -> Channels:
    """Whether the third channel is a score: a body as flat as that is none in space."""
    third = joints[..., 2][~np.isnan(joints[..., 2])]
    if not third.size or third.min() < 0 or third.max() > 1:
        return "xyz"
    reach = np.nanmax(joints[..., :2]) - np.nanmin(joints[..., :2])
    return "xys" if reach > 50 else "xyz"
