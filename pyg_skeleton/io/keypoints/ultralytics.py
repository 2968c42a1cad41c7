"""The results of Ultralytics YOLO pose networks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_regular_file, reader, shown
from pyg_skeleton.io.containers.json_file import json_numbers, read_json
from pyg_skeleton.io.formats import Probe, files_in
from pyg_skeleton.io.keypoints.detections import Detection, frame_number, from_detections
from pyg_skeleton.io.recording import Recording

_BOX, _MAX_BYTES = 5, 1 << 20
#: The joints of COCO, which the networks that come with Ultralytics find.
_COCO = 17


@reader("labels of Ultralytics")
def read_ultralytics_labels(
    path: str | os.PathLike[str], num_joints: int | None = None, max_persons: int | None = None
) -> Recording:
    r"""Reads the text files of `Ultralytics <https://docs.ultralytics.com/datasets/pose/>`_ with
    ``save_txt=True``, a file for each frame with a person.

    A line is a person: class, center and size of the box, then x and y of each joint, as shares of
    width and height of the picture, y down, with or without a third number, the confidence; then
    the confidence of the person (``save_conf=True``) and the number of the track (``track``), where
    they are written. In labels for training, the third number is 0 if the joint is not labeled, 1
    if it is hidden and 2 if it is visible. A joint at (0, 0) is missing. The frame is the last
    number in the name of a file, counted from the smallest one.

    Args:
        path (str or PathLike): The folder of a video, or the file of one frame.
        num_joints (int, optional): The number of joints, where it is not 17 and lines can be read
            in several ways. (default: :obj:`None`)
        max_persons (int, optional): The largest number of persons to keep. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a line has another form; the message names file and line.
    """
    path = Path(path)
    files = files_in(path, "*.txt") if path.is_dir() else [path]
    numbers = [frame_number(file.name, str(file)) for file in files] if path.is_dir() else [0]
    if len({*numbers}) < len(numbers):
        raise ValueError(f"{path}: has several files of one frame, expected those of one video")
    found = [
        _detection(row, number - min(numbers), where, num_joints)
        for file, number in zip(files, numbers, strict=True)
        for where, row in _rows(file)
    ]
    tracked = found and None not in [detection.person for detection in found]
    if not tracked:
        found = [detection._replace(person=None) for detection in found]
    return from_detections(path, found, max_persons=max_persons, unit="normalized")


def is_ultralytics_labels(probe: Probe) -> bool:
    """Lines of a class, a box of shares, and at least five joints."""
    probe = probe.first("*.txt") or probe
    try:
        row = [float(field) for field in probe.first_line.split()]
    except ValueError:
        return False
    box = row[1:_BOX]
    return (
        probe.suffix == ".txt"
        and len(row) >= _BOX + 10
        and row[0].is_integer()
        and row[0] >= 0
        and all(0 <= number <= 1 for number in box)
    )


@reader("JSON of Ultralytics")
def read_ultralytics_json(
    path: str | os.PathLike[str], max_persons: int | None = None
) -> Recording:
    r"""Reads what :obj:`results.to_json()` of `Ultralytics
    <https://docs.ultralytics.com/modes/predict/#working-with-results>`_ gives, saved for each frame
    in a file, or as a list of all frames.

    A frame is a list of persons with :obj:`"keypoints"`: lists :obj:`"x"`, :obj:`"y"` (pixels, or
    shares with ``normalize=True``; y down) and perhaps :obj:`"visible"`, the confidence. A joint at
    (0, 0) is missing. :obj:`"track_id"` names the person.

    Args:
        path (str or PathLike): The file, or a folder with a file for each frame.
        max_persons (int, optional): The largest number of persons to keep. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON or has another form; the message names the entry.
    """
    path = Path(path)
    frames: list[Any]
    if path.is_dir():
        frames = [read_json(file) for file in files_in(path, "*.json")]
    else:
        content = read_json(path)
        frames = content if _is_frames(content) else [content]
    found = []
    for frame, persons in enumerate(frames):
        if not isinstance(persons, list):
            raise ValueError(f"{path}: frame {frame}: expected persons, got {shown(persons)}")
        for i, person in enumerate(persons):
            where = f"{path}: frame {frame}, person {i}"
            points = person.get("keypoints") if isinstance(person, dict) else None
            if not isinstance(points, dict) or not isinstance(points.get("x"), list):
                raise ValueError(f"{where}: expected keypoints, got {shown(person)}")
            size = (len(points["x"]),)
            x, y = (json_numbers(points.get(key), size, f"{where}: {key}") for key in "xy")
            score = np.ones(size, np.float32)
            if points.get("visible") is not None:
                score = json_numbers(points["visible"], size, f"{where}: visible")
            track = person.get("track_id")
            joints = _without_origin(np.column_stack([x, y, score]))
            found.append(Detection(frame, joints, track if type(track) is int else None))
    return from_detections(path, found, len(frames), max_persons)


def is_ultralytics_json(probe: Probe) -> bool:
    """A list of dicts with `box` and `keypoints`, or a list of such lists."""
    content = (probe.first("*.json") or probe).json
    if _is_frames(content) and not probe.is_folder:
        content = next((frame for frame in content if frame), None)
    first = content[0] if isinstance(content, list) and content else None
    return isinstance(first, dict) and {"box", "keypoints"} <= set(first)


def _is_frames(content: Any) -> bool:
    return isinstance(content, list) and all(isinstance(frame, list) for frame in content)


def _rows(file: Path) -> Iterator[tuple[str, list[float]]]:
    name = check_regular_file(file, "a text file", _MAX_BYTES)
    with open(name, encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if not (fields := line.split()):
                continue
            try:
                row = [float(field) for field in fields]
            except ValueError:
                row = []
            if not row or not (np.abs(row) <= LARGEST).all():
                raise ValueError(f"{name}:{number}: expected numbers, got {shown(line.strip())}")
            yield f"{name}:{number}", row


def _detection(row: list[float], frame: int, where: str, num_joints: int | None) -> Detection:
    V, channels = _shape(row, where, num_joints)
    end = _BOX + V * channels
    joints = np.array(row[_BOX:end], np.float32).reshape(V, channels)
    if channels == 2:
        joints = np.column_stack([joints, np.ones(V, np.float32)])
    elif row[_BOX + 2 : end : 3] and max(row[_BOX + 2 : end : 3]) > 1:  # labels for training
        joints[:, 2] /= 2
    last = row[-1] if len(row) > end else 0.5
    track = int(last) if last.is_integer() and last >= 1 else None
    return Detection(frame, _without_origin(joints), track)


def _shape(row: list[float], where: str, num_joints: int | None) -> tuple[int, int]:
    """The number of joints and of channels: up to two numbers follow the joints."""
    size = len(row) - _BOX
    ways = [
        (rest // channels, channels)
        for channels in (3, 2)
        for rest in range(size, size - 3, -1)
        if rest > 0 and rest % channels == 0
    ]
    wanted = [way for way in ways if way[0] == (num_joints or _COCO)]
    if wanted or num_joints is not None:
        ways = wanted
    if len(ways) != 1:
        hint = f"not of {num_joints} joints" if num_joints else "pass num_joints=..."
        raise ValueError(f"{where}: has {size} numbers after the box, {hint}")
    return ways[0]


def _without_origin(joints: NDArray[np.float32]) -> NDArray[np.float32]:
    joints[~joints[:, :2].any(1), 2] = 0.0
    return joints
