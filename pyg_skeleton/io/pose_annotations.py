"""The pickles in which pyskl and mmaction2 keep skeletons."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import Budget, check_regular_file, reader, shown
from pyg_skeleton.io.containers.restricted_pickle import read_restricted_pickle


class PoseClip(NamedTuple):
    """The skeletons of a clip."""

    #: The name of the clip.
    name: str
    #: Its class, from 0.
    label: int
    #: The joints, ``[M, T, V, C]``.
    keypoints: NDArray[np.float32]
    #: The confidence of the detector, ``[M, T, V]``, if the file contains it.
    scores: NDArray[np.float32] | None
    #: Width and height of the picture in pixels, if the file says.
    image_size: tuple[int, int] | None


class PoseFile(NamedTuple):
    """The content of a pickle of annotations."""

    #: The names of the clips of each split.
    splits: dict[str, list[str]]
    #: The clips, in the order of the file.
    clips: list[PoseClip]


@reader("a pickle of annotations")
def read_pose_annotations(path: str | os.PathLike[str]) -> PoseFile:
    r"""Reads a pickle of `pyskl <https://github.com/kennymckormick/pyskl>`_ or mmaction2, without
    executing what is in it.

    The file holds :obj:`"split"`, from names of splits to names of clips, and
    :obj:`"annotations"`, for each clip a dict of :obj:`frame_dir` (its name), :obj:`label`,
    :obj:`total_frames`, :obj:`keypoint` :math:`(M, T, V, C)` and perhaps :obj:`keypoint_score`
    :math:`(M, T, V)` and :obj:`img_shape` (height, width). A list of annotations alone is read,
    too. Other keys are ignored. pyskl's annotations of Kinetics have no :obj:`keypoint` but the
    names of separate files, which are not read.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such pickle, is damaged or asks for code to be run, or a clip is not
            of that form or not finite; the message names the file and the clip.
    """
    name = check_regular_file(path, "a pickle")
    with open(name, "rb") as file:
        content = read_restricted_pickle(file, name)
    if isinstance(content, list):
        content = {"annotations": content}
    if not isinstance(content, dict) or not isinstance(content.get("annotations"), list):
        raise ValueError(
            f"{name}: expected a dict with annotations in a list, got {_kind(content)}"
        )
    splits = _splits(content.get("split", {}), name)
    budget = Budget(name)
    clips = [
        _clip(entry, f"{name}: annotations[{i}]", budget)
        for i, entry in enumerate(content["annotations"])
    ]
    if not clips:
        raise ValueError(f"{name}: has no annotations")
    return PoseFile(splits, clips)


def _kind(value: Any) -> str:
    if not isinstance(value, dict):
        return type(value).__name__
    return f"a dict of {', '.join(ascii(key) for key in list(value)[:5]) or 'nothing'}"


def _splits(value: Any, name: str) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        raise ValueError(f"{name}: split: expected a dict, got {_kind(value)}")
    for key, names in value.items():
        if not isinstance(names, (list, tuple)) or not all(isinstance(n, str) for n in names):
            raise ValueError(f"{name}: split[{key!a}]: expected a list of names")
    return {str(key): list(names) for key, names in value.items()}


def _clip(entry: Any, where: str, budget: Budget) -> PoseClip:
    if not isinstance(entry, dict) or not isinstance(entry.get("frame_dir"), str):
        raise ValueError(f"{where}: expected a dict with frame_dir, got {_kind(entry)}")
    where = f"{where} ({entry['frame_dir']!a:.60})"
    if entry.get("keypoint") is None and "raw_file" in entry:
        raise ValueError(
            f"{where}: keypoint is missing and raw_file names {shown(entry['raw_file'])}; joints "
            f"in separate files are not read, put them into the annotations"
        )
    keypoints = _numbers(entry, "keypoint", where, budget)
    if keypoints.ndim != 4 or 0 in keypoints.shape or keypoints.shape[3] not in (2, 3):
        raise ValueError(
            f"{where}: keypoint: expected [M, T, V, 2 or 3], got {list(keypoints.shape)}"
        )
    scores = None
    if entry.get("keypoint_score") is not None:
        scores = _numbers(entry, "keypoint_score", where, budget)
        if scores.shape != keypoints.shape[:3]:
            raise ValueError(
                f"{where}: keypoint_score: expected {list(keypoints.shape[:3])}, got "
                f"{list(scores.shape)}"
            )
    label = _whole(entry.get("label"), where, "label", 0, 1_000_000)
    if entry.get("total_frames") is not None:
        total = _whole(entry["total_frames"], where, "total_frames", 0, 1 << 62)
        if total != keypoints.shape[1]:
            raise ValueError(
                f"{where}: total_frames is {total}, keypoint has {keypoints.shape[1]} frames"
            )
    size = None
    if (shape := entry.get("img_shape")) is not None:
        if not isinstance(shape, (list, tuple)) or len(shape) != 2:
            raise ValueError(f"{where}: img_shape: expected height and width, got {shown(shape)}")
        height, width = (_whole(side, where, "img_shape", 1, 1_000_000) for side in shape)
        size = (width, height)
    return PoseClip(entry["frame_dir"], label, keypoints, scores, size)


def _numbers(entry: dict[Any, Any], key: str, where: str, budget: Budget) -> NDArray[np.float32]:
    value = entry.get(key)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iuf":
        kind = value.dtype if isinstance(value, np.ndarray) else type(value).__name__
        raise ValueError(f"{where}: {key}: expected an array of numbers, got {kind}")
    budget.take(where, value.size)
    with np.errstate(over="ignore", invalid="ignore"):
        out = np.ascontiguousarray(value, dtype=np.float32)
    good = np.abs(out) <= LARGEST  # also no NaN
    if not good.all():
        place = np.argwhere(~good)[0].tolist()
        raise ValueError(f"{where}: {key}{place} is not a finite number up to {LARGEST:g}")
    return out


def _whole(value: Any, where: str, key: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{where}: {key}: expected a whole number, got {type(value).__name__}")
    if not low <= value <= high:
        raise ValueError(f"{where}: {key}: expected a number from {low} on, got {shown(value)}")
    return int(value)
