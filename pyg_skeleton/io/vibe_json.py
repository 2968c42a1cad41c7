"""The JSON files of VIBE: the persons of a video and their joints."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import check_poses
from pyg_skeleton.io.containers.files import reader, shown
from pyg_skeleton.io.containers.json_file import read_json

_JOINTS, _MAX_FRAMES, _MAX_TRACKS = 49, 10_000, 1000


class VIBETrack(NamedTuple):
    """A person that VIBE tracks through a video."""

    #: The name of the track in the file.
    name: str
    #: The joints in each frame in which the person is seen, ``[T, 49, 3]``.
    joints: NDArray[np.float32]
    #: Those frames, in order, from 0, ``[T]``.
    frames: NDArray[np.int64]


@reader("a JSON file of VIBE")
def read_vibe_json(path: str | os.PathLike[str]) -> list[VIBETrack]:
    r"""Reads the tracks of a video of Skeletics-152, from the `"Quo Vadis, Skeleton Action
    Recognition?" <https://arxiv.org/abs/2007.02072>`_ paper.

    The file holds a dict of persons; of each, :obj:`"joints3d"` is a list of frames with x, y and z
    of the 49 joints of VIBE, and :obj:`"frame_ids"` says which frames these are. Whatever else is
    there is passed over, and so is a person with no frame.

    Args:
        path (str or PathLike): The file.

    Returns:
        The tracks, sorted by decreasing number of frames; empty if there is no person.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON (the message names the line), or has another form, a number
            that is not finite, or frames that are not in order (the message names the key).
    """
    name = os.fspath(path)
    content = read_json(path)
    if not isinstance(content, dict) or len(content) > _MAX_TRACKS:
        raise ValueError(f"{name}: expected a dict of up to {_MAX_TRACKS} persons")
    tracks = [_track(key, value, f"{name}: {key!a:.20}") for key, value in content.items()]
    return sorted((t for t in tracks if len(t.frames)), key=lambda t: -len(t.frames))


def _track(name: str, value: Any, where: str) -> VIBETrack:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: expected a dict, got {type(value).__name__}")
    frames, joints = value.get("frame_ids"), value.get("joints3d")
    if not isinstance(frames, list) or not isinstance(joints, list):
        raise ValueError(f"{where}: expected frame_ids and joints3d as lists")
    if len(frames) != len(joints):
        raise ValueError(f"{where}: has {len(frames)} frame_ids and {len(joints)} joints3d")
    before = -1
    for i, frame in enumerate(frames):
        if type(frame) is not int or not before < frame < _MAX_FRAMES:
            raise ValueError(
                f"{where}.frame_ids[{i}]: expected a number from {before + 1} to "
                f"{_MAX_FRAMES - 1}, got {shown(frame)}"
            )
        before = frame
    ids = np.array(frames, np.int64)
    if not frames:
        return VIBETrack(name, np.zeros((0, _JOINTS, 3), np.float32), ids)
    return VIBETrack(name, check_poses(joints, 3, f"{where}.joints3d", _JOINTS), ids)
