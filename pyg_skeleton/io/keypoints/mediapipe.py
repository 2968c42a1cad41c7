"""The landmarks of MediaPipe Pose, as programs dump them."""

from __future__ import annotations

import os
import re
from array import array
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import (
    check_memory,
    check_regular_file,
    memory_limit,
    reader,
    shown,
)
from pyg_skeleton.io.containers.json_file import read_json
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording

Landmarks = Literal["image", "world"]

_JOINTS, _HIPS, _MAX_BYTES, _MAX_PERSONS = 33, slice(23, 25), 1 << 28, 100
#: What the versions of MediaPipe and its examples call the landmarks.
_KEYS: dict[Landmarks, tuple[str, ...]] = {
    "world": ("pose_world_landmarks", "poseWorldLandmarks", "world_landmarks", "worldLandmarks"),
    "image": ("pose_landmarks", "poseLandmarks", "landmarks", "landmark"),
}
_CHANNELS = {"x": 0, "y": 1, "z": 2, "v": 3, "visibility": 3}
#: ``x12`` and ``12_x``, with or without a word before; ``LEFT_HIP_x``.
_COLUMN = re.compile(r"(?:[a-z]+_)?(?:(\d+)_?(x|y|z|visibility|v)|(x|y|z|visibility|v)_?(\d+))")
_NAMED = re.compile(r"([a-z_]+?)[_.](x|y|z|visibility|v)")
_IN_ORDER = """
    nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer
    left_ear right_ear mouth_left mouth_right left_shoulder right_shoulder left_elbow right_elbow
    left_wrist right_wrist left_pinky right_pinky left_index right_index left_thumb right_thumb
    left_hip right_hip left_knee right_knee left_ankle right_ankle left_heel right_heel
    left_foot_index right_foot_index
"""
_NAMES = _IN_ORDER.split()


@reader("landmarks of MediaPipe")
def read_mediapipe_json(
    path: str | os.PathLike[str], landmarks: Landmarks | None = None
) -> Recording:
    r"""Reads the 33 landmarks of `MediaPipe Pose
    <https://ai.google.dev/edge/mediapipe/solutions/vision/pose_landmarker>`_ from JSON: a list of
    frames, alone or under :obj:`"frames"`.

    A frame is a list of landmarks with x, y, z and visibility (or of such lists, one for each
    person), alone or in a dict under :obj:`"pose_landmarks"` or :obj:`"pose_world_landmarks"`, also
    as JavaScript spells them; it is empty or null without a person. Landmarks of the picture are
    shares of its width and height, y down; their z has another scale and is left out. World
    landmarks are meters, y down, the origin between the hips. The visibility is the confidence.
    Persons are not followed: they keep their place in the list.

    Args:
        path (str or PathLike): The file.
        landmarks (str, optional): :obj:`"image"` or :obj:`"world"`. By default those of the world
            if the file names them; those without a name are of the world if the middle of the hips
            is the origin. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON, or has another form or no person; the message names the
            frame.
    """
    path = Path(path)
    frames = _frames(read_json(path))
    if landmarks is None and any(_pick(frame, "world") for frame in frames):
        landmarks = "world"
    rows = []
    for t, frame in enumerate(frames):
        picked = _pick(frame, landmarks) if isinstance(frame, dict) else frame
        rows.append(_persons(picked, f"{path}: frame {t}"))
    shape = (max(map(len, rows), default=0), len(rows), _JOINTS, 4)
    check_memory(str(path), 4 * int(np.prod(shape)), memory_limit(path.stat().st_size))
    table = np.full(shape, np.nan, np.float32)
    for t, persons in enumerate(rows):
        for m, person in enumerate(persons):
            table[m, t] = person
    return _recording(path, table, landmarks)


def is_mediapipe_json(probe: Probe) -> bool:
    """The first frame with a person has 33 points."""
    for frame in _frames(probe.json):
        points = _pick(frame, None) if isinstance(frame, dict) else frame
        while isinstance(points, list) and points and not _is_point(points[0]):
            points = points[0]
        if points:
            return isinstance(points, list) and len(points) == _JOINTS and _is_point(points[0])
    return False


@reader("a table of landmarks of MediaPipe")
def read_mediapipe_csv(
    path: str | os.PathLike[str], landmarks: Landmarks | None = None
) -> Recording:
    r"""Reads a table of the 33 landmarks of `MediaPipe Pose
    <https://ai.google.dev/edge/mediapipe/solutions/vision/pose_landmarker>`_, a row for each frame,
    with commas between.

    Columns are found by their names, in any case: :obj:`x1` to :obj:`x33` or from 0, :obj:`y1`,
    :obj:`z1` and :obj:`v1`, or :obj:`left_hip_x` and so on; others are passed over. Without names,
    a row is x, y, z and visibility of each landmark in turn, 132 numbers. Units and axes are those
    of :func:`read_mediapipe_json`. A frame whose cells are empty or zero has no person.

    Args:
        path (str or PathLike): The file.
        landmarks (str, optional): :obj:`"image"` or :obj:`"world"`. By default the latter if the
            middle of the hips is the origin. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a cell is not a number, or there is no person; the message names the line.
    """
    path = Path(path)
    name = check_regular_file(path, "a table", _MAX_BYTES)
    cells = array("f")
    with open(name, encoding="utf-8-sig", errors="replace") as file:
        first = file.readline()
        columns, named = _columns(first)
        if columns is None:
            raise ValueError(f"{path}:1: expected x, y and z of {_JOINTS} landmarks in each row")
        for number, line in enumerate(chain([] if named else [first], file), start=1 + named):
            if line.strip():
                cells.extend(_cells(line, columns, f"{path}:{number}"))
    table = np.array(cells, np.float32).reshape(1, -1, _JOINTS, 4)
    return _recording(path, table, landmarks)


def is_mediapipe_csv(probe: Probe) -> bool:
    """A first line with the names of 33 landmarks, or 132 numbers with commas between."""
    return b"\0" not in probe.head and _columns(probe.first_line)[0] is not None


# JSON #############################################################################################


def _frames(content: Any) -> list[Any]:
    """The frames of a file: a list, alone or under a key, or a single frame."""
    if isinstance(content, dict):
        under = (content[key] for key in ("frames", "results", "data") if key in content)
        frames = next(under, None)
        return frames if isinstance(frames, list) else [content]
    if not isinstance(content, list):
        return []
    return [content] if content and _is_point(content[0]) else content


def _pick(frame: Any, landmarks: Landmarks | None) -> Any:
    """The landmarks of a kind in a dict, of any kind if it is None; None if it has none."""
    if not isinstance(frame, dict):
        return None
    kinds = _KEYS if landmarks is None else (landmarks,)
    keys = (key for kind in kinds for key in _KEYS[kind])
    found = next((frame[key] for key in keys if frame.get(key)), None)
    # A protocol buffer as a dict: {"landmark": [...]}.
    return found["landmark"] if isinstance(found, dict) and "landmark" in found else found


def _is_point(value: Any) -> bool:
    if isinstance(value, dict):
        return {"x", "y"} <= set(value)
    return isinstance(value, list) and bool(value) and isinstance(value[0], int | float)


def _persons(frame: Any, where: str) -> list[NDArray[np.float32]]:
    if not frame:
        return []
    if not isinstance(frame, list) or len(frame) > _MAX_PERSONS:
        raise ValueError(f"{where}: expected {_JOINTS} landmarks, got {shown(frame)}")
    return [_points(person, where) for person in ([frame] if _is_point(frame[0]) else frame)]


def _points(person: Any, where: str) -> NDArray[np.float32]:
    """x, y, z and visibility, ``[33, 4]``."""
    if not isinstance(person, list) or len(person) != _JOINTS:
        raise ValueError(f"{where}: expected {_JOINTS} landmarks, got {shown(person)}")
    rows = [_row(point) for point in person]
    if not all(len(row) == 4 and {int, float}.issuperset(map(type, row)) for row in rows):
        raise ValueError(f"{where}: expected x, y, z and visibility, got {shown(person)}")
    out = np.array(rows, np.float64)
    if not (np.abs(out) <= LARGEST).all():
        raise ValueError(f"{where}: a number is not finite or above {LARGEST:g}")
    return out.astype(np.float32)


def _row(point: Any) -> list[Any]:
    if isinstance(point, dict):
        return [point.get("x"), point.get("y"), point.get("z", 0.0), point.get("visibility", 1.0)]
    if not isinstance(point, list):
        return []
    return [*point[:4], *(None, None, 0.0, 1.0)[len(point) :]]


# Tables ###########################################################################################


def _columns(line: str) -> tuple[list[int] | None, bool]:
    """The column of each number of :math:`33 x 4`, -1 if there is none, and whether the line has
    the names.
    """
    cells = [cell.strip().strip('"').lower() for cell in line.split(",")]
    found: dict[tuple[int, int], int] = {}
    for place, cell in enumerate(cells):
        if match := _COLUMN.fullmatch(cell):
            number, channel = match[1] or match[4], match[2] or match[3]
            found[int(number[:4]), _CHANNELS[channel]] = place
        elif (match := _NAMED.fullmatch(cell)) and match[1] in _NAMES:
            found[_NAMES.index(match[1]), _CHANNELS[match[2]]] = place
    if not found:
        numbers = len(cells) == 4 * _JOINTS and all(re.fullmatch(r"[-+.\de]+", c) for c in cells)
        return (list(range(4 * _JOINTS)) if numbers else None), False
    first = min(joint for joint, _ in found)
    columns = [found.get((first + joint, c), -1) for joint in range(_JOINTS) for c in range(4)]
    good = all(columns[4 * joint + c] >= 0 for joint in range(_JOINTS) for c in range(2))
    last = max(joint for joint, _ in found)
    return (columns if good and last - first == _JOINTS - 1 and first < 2 else None), True


def _cells(line: str, columns: list[int], where: str) -> list[float]:
    cells = line.split(",")
    if len(cells) <= max(columns):
        raise ValueError(f"{where}: expected {max(columns) + 1} columns, got {len(cells)}")
    out = []
    for place, column in enumerate(columns):
        cell = cells[column].strip() if column >= 0 else ("0" if place % 4 == 2 else "1")
        try:
            value = float(cell or "nan")
        except ValueError:
            raise ValueError(
                f"{where}: column {column + 1} is not a number: {cell!a:.30}"
            ) from None
        if abs(value) > LARGEST:
            raise ValueError(f"{where}: column {column + 1} is not a finite number: {cell!a:.30}")
        out.append(value)
    return out


# Both #############################################################################################


def _recording(path: Path, table: NDArray[np.float32], landmarks: Landmarks | None) -> Recording:
    table[~np.nan_to_num(table[..., :3]).any((2, 3))] = np.nan  # zeros without a person
    there = ~np.isnan(table[..., :2]).any((2, 3))
    if not there.any():
        raise ValueError(f"{path}: has no person in any frame")
    if landmarks is None:
        middle = table[there][:, _HIPS, :2].mean(1)
        landmarks = "world" if np.abs(middle).max() < 0.01 else "image"
    world = landmarks == "world"
    return Recording(
        table[..., : 3 if world else 2],
        "mediapipe33",
        confidence=np.nan_to_num(table[..., 3]).clip(0, 1),
        unit="m" if world else "normalized",
        up="-y",
        name=path.stem,
    )
