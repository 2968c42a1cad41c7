"""Clips in files of any format, to describe and to draw them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pyg_skeleton.cli.errors import UsageError
from pyg_skeleton.io import (
    read_exp_map,
    read_kinetics_skeleton,
    read_npy,
    read_ntu_skeleton,
    read_nw_ucla,
    read_openpose,
    read_pose_annotations,
)
from pyg_skeleton.skeleton import Skeleton

#: The layout that a format implies.
_LAYOUTS = {".skeleton": "ntu25", "nw-ucla": "kinect20", "kinetics": "openpose18"}


class FileClip(NamedTuple):
    """A clip of a file."""

    #: The name.
    name: str
    #: The joints ``[M, T, V, C]``.
    joints: np.ndarray
    #: The name of the layout, where the file or its format says.
    layout: str | None


def read_clips(path: Path) -> Iterator[FileClip]:
    """The clips of a file.

    Args:
        path (Path): A .skeleton file of NTU, a .npy array, a .pkl of pyskl, a .json of OpenPose,
            Kinetics-Skeleton or NW-UCLA, a folder of OpenPose, or a .txt of exponential maps.

    Raises:
        FileNotFoundError: If there is no such file.
        UsageError: If it has another format.
    """
    from pyg_skeleton.datasets.recognition.raw_clips import file_kind

    kind = file_kind(path)
    layout = _LAYOUTS.get(kind)
    if kind == ".skeleton":
        recording = read_ntu_skeleton(path)
        length = recording.num_frames
        joints = np.full((len(recording.bodies), length, 25, 3), np.nan, np.float32)
        for person, body in zip(joints, recording.bodies, strict=True):
            person[body.frames] = body.joints
        yield FileClip(path.stem, joints, layout)
    elif kind == ".npy":
        array = read_npy(path)
        yield FileClip(path.stem, array[None] if array.ndim == 3 else array, layout)
    elif kind in (".pkl", ".pickle"):
        for clip in read_pose_annotations(path).clips:
            yield FileClip(clip.name, clip.keypoints, _by_size(clip.keypoints, kind))
    elif kind == "openpose":
        joints = read_openpose(path)
        yield FileClip(path.stem, joints, _by_size(joints, kind))
    elif kind == "kinetics":
        yield FileClip(path.stem, read_kinetics_skeleton(path), layout)
    elif kind == "nw-ucla":
        yield FileClip(path.stem, read_nw_ucla(path)[None], layout)
    elif kind == ".txt":
        table = read_exp_map(path)
        yield FileClip(path.stem, table.reshape(1, len(table), -1, 3), None)
    else:
        raise UsageError(
            f"{path}: expected a .skeleton, .npy, .pkl, .json or .txt file, or a folder of OpenPose"
        )


def load_layout(name: str) -> Skeleton:
    """The layout of a name, or of a YAML file."""
    return Skeleton.from_yaml(name) if Path(name).is_file() else Skeleton.get(name)


def _by_size(joints: np.ndarray, kind: str) -> str | None:
    if kind == "openpose":
        return {18: "openpose18", 25: "body25"}.get(joints.shape[2])
    return {17: "coco17", 25: "ntu25"}.get(joints.shape[2])
