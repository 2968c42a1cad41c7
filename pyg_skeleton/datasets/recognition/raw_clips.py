"""Reads the clips of single files, in any format that holds skeletons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.io import (
    NTURecording,
    PoseClip,
    read_npy,
    read_ntu_skeleton,
    read_nw_ucla,
    read_openpose,
    read_pose_annotations,
)
from pyg_skeleton.io.containers.json_file import read_json
from pyg_skeleton.skeleton import Skeleton

Joints = NDArray[Any]
Size = tuple[int, int] | None


class RawClip(NamedTuple):
    """A clip as its file holds it, before any preparation."""

    #: The name of the clip: that of the file, or the one in it.
    name: str
    #: The joints ``[M, T, V, C]``.
    joints: Tensor
    #: Width and height of the picture in pixels, where the joints are in pixels.
    image_size: Size

    def to_data(self, skeleton: Skeleton) -> SkeletonData:
        """The clip as a data object, ready for the preparation of a network.

        Args:
            skeleton (Skeleton): The layout of the joints.
        """
        data = skeleton.to_data(self.joints.transpose(1, 2))
        if self.image_size is not None:
            data.image_size = torch.tensor([self.image_size])
        return data


def file_kind(path: Path) -> str:
    """The format of a file: its ending, or for ``.json`` and folders the program that wrote it."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file")
    if path.is_dir():
        return "openpose"
    if path.suffix != ".json":
        return path.suffix
    content = read_json(path)
    keys = content if isinstance(content, dict) else {}
    return "openpose" if "people" in keys else "kinetics" if "data" in keys else "nw-ucla"


def read_file(
    path: Path,
    kind: str,
    skeleton: Skeleton,
    channels: int,
    persons: Callable[[NTURecording], Joints | None],
    size: Size,
) -> Iterator[tuple[str, Joints | None, Size]]:
    """The clips of a file: name, joints ``[M, T, V, C]`` (None without a person), image size."""
    if kind == ".skeleton":
        yield path.stem, frames_first(persons(read_ntu_skeleton(path))), None
    elif kind == ".npy":
        array = read_npy(path)
        yield path.stem, array[None] if array.ndim == 3 else array, size
    elif kind in (".pkl", ".pickle"):
        for clip in read_pose_annotations(path).clips:
            yield clip.name, scored_joints(clip), clip.image_size or size
    elif kind == "openpose":
        keypoints = best_persons(read_openpose_joints(path, skeleton), most=2)
        yield path.stem, keypoints[keypoints.any((1, 2, 3))][..., :channels], size
    elif kind == "nw-ucla":
        yield path.stem, read_nw_ucla(path)[None], None
    else:
        raise ValueError(
            f"{path}: expected a .skeleton, .npy, .pkl or .json file, or a folder of OpenPose"
        )


def scored_joints(clip: PoseClip) -> Joints | None:
    """The persons of an annotation, ``[M, T, V, 3]``; joints in pictures get their scores."""
    there = clip.keypoints.any((1, 2, 3))
    if not there.any():
        return None
    joints = clip.keypoints[there]
    if joints.shape[3] == 2:
        scores = np.ones(joints.shape[:3], "f4") if clip.scores is None else clip.scores[there]
        joints = np.concatenate([joints, scores[..., None]], axis=-1)
    return joints


def frames_first(joints: Joints | None) -> Joints | None:
    """Joints ``[M, V, T, C]`` as ``[M, T, V, C]``."""
    return None if joints is None else joints.swapaxes(1, 2)


def read_openpose_joints(path: Path, skeleton: Skeleton) -> Joints:
    """All persons ``[P, T, V, 3]`` of a recording of OpenPose, with the joints of a layout."""
    persons = read_openpose(path)
    names = Skeleton.get({18: "openpose18", 25: "body25"}[persons.shape[2]]).joints
    unknown = [joint for joint in skeleton.joints if joint not in names]
    if unknown:
        raise ValueError(f"{path}: OpenPose has no {unknown[0]!r}, a joint of {skeleton.name!r}")
    return persons[:, :, [names.index(joint) for joint in skeleton.joints]]


def best_persons(persons: Joints, most: int) -> Joints:
    """The persons of the highest score in each frame, in the order of their scores.

    Args:
        persons (numpy.ndarray): x, y and score, :math:`(P, T, V, 3)`.
        most (int): The largest number of persons.
    """
    order = np.argsort(-persons[..., 2].sum(-1), axis=0, kind="stable")[:most]
    return np.take_along_axis(persons, order[..., None, None], axis=0)


def check_clip(
    path: Path, name: str, joints: Joints | None, skeleton: Skeleton, channels: int
) -> Tensor:
    """The joints as a tensor, after a check of their shape and values."""
    expected = (skeleton.num_joints, channels)
    if joints is not None and (joints.ndim != 4 or joints.shape[2:] != expected):
        raise ValueError(
            f"{path}: expected (M, T, {expected[0]}, {expected[1]}) for the layout "
            f"{skeleton.name!r} and the channels of the network, got {joints.shape}"
        )
    if joints is None or not np.any(joints):
        raise ValueError(f"{path}: no person in clip {name!r}")
    with np.errstate(over="ignore"):
        clip = torch.from_numpy(np.array(joints, np.float32))
    if not bool(clip.isfinite().all()):
        raise ValueError(f"{path}: clip {name!r} has a joint that is not a finite number")
    return clip
