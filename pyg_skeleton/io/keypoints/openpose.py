"""The folders of OpenPose, and those of AlphaPose in the form of OpenPose or CMU-Pose."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import reader, shown
from pyg_skeleton.io.containers.json_file import read_json
from pyg_skeleton.io.formats import Probe, files_in
from pyg_skeleton.io.keypoints.detections import Detection, frame_number, from_detections, triples
from pyg_skeleton.io.recording import Recording

_HAND = 21
_HANDS = ("hand_left_keypoints_2d", "hand_right_keypoints_2d")


@reader("JSON of OpenPose")
def read_openpose_recording(
    path: str | os.PathLike[str], hands: bool = False, max_persons: int | None = None
) -> Recording:
    r"""Reads the output of `OpenPose
    <https://github.com/CMU-Perceptual-Computing-Lab/openpose/blob/master/doc/02_output.md>`_ with
    ``--write_json``, a file for each frame.

    A file has :obj:`"people"`, and each of these :obj:`"pose_keypoints_2d"`: x and y in pixels, y
    down, and a confidence from 0 to 1 (0 if the joint is not found) of the 18 joints of ``COCO`` or
    the 25 of ``BODY_25``; ``--hand`` adds the 21 points of each hand. :obj:`"person_id"` names the
    person, unless it is -1. Frames are sorted by the numbers in the names of the files.

    AlphaPose's ``--format open`` is the same, and ``--format cmu`` has :obj:`"bodies"` with
    :obj:`"joints"`. Both also come as one file with a dict from pictures to their
    content; the frame is then the last number in the name of a picture, counted from the smallest.

    Args:
        path (str or PathLike): The folder of a video, or a file of one frame or of AlphaPose.
        hands (bool, optional): Whether to add the hands, as in the layouts :obj:`"openpose60"` and
            :obj:`"openpose67"`. (default: :obj:`False`)
        max_persons (int, optional): The largest number of persons to keep. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a file is not JSON or has another form, or no frame has a person; the message
            names the file and the key.
    """
    path = Path(path)
    if path.is_dir():
        files = files_in(path, "*.json")
        frames = [(t, read_json(file), str(file)) for t, file in enumerate(files)]
    else:
        content = read_json(path)
        frames = [(0, content, str(path))]
        if isinstance(content, dict) and _people_of(content) is None:
            where = {name: f"{path}: {name!a:.60}" for name in content}
            frames = [
                (frame_number(name, where[name]), content[name], where[name]) for name in content
            ]
    first = min((frame for frame, _, _ in frames), default=0)
    found = [
        detection
        for frame, entry, where in frames
        for detection in _persons(entry, frame - first, where, hands)
    ]
    last = max((frame for frame, _, _ in frames), default=0)
    return from_detections(path, found, last - first + 1, max_persons)


def is_openpose(probe: Probe) -> bool:
    """A dict with `people` or `bodies`, a dict of such dicts, or a folder of them."""
    content = (probe.first("*.json") or probe).json
    if not isinstance(content, dict):
        return False
    return _people_of(content) is not None or (
        bool(content)
        and not probe.is_folder
        and all(
            isinstance(entry, dict) and _people_of(entry) is not None for entry in content.values()
        )
    )


def _people_of(content: dict[str, Any]) -> Any:
    return content.get("people", content.get("bodies"))


def _persons(content: Any, frame: int, where: str, hands: bool) -> list[Detection]:
    people = _people_of(content) if isinstance(content, dict) else None
    if not isinstance(people, list):
        raise ValueError(f"{where}: people: expected a list of persons, got {shown(content)}")
    return [_person(entry, frame, f"{where}: people[{i}]", hands) for i, entry in enumerate(people)]


def _person(entry: Any, frame: int, where: str, hands: bool) -> Detection:
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: expected pose_keypoints_2d, got {type(entry).__name__}")
    key = "joints" if "joints" in entry else "pose_keypoints_2d"
    joints = triples(entry.get(key), f"{where}.{key}")
    if hands:
        joints = np.concatenate([joints, *(_hand(entry, name, where) for name in _HANDS)])
    who = entry.get("person_id")
    who = who[0] if isinstance(who, list) and len(who) == 1 else who
    return Detection(frame, joints, who if type(who) is int and who >= 0 else None)


def _hand(entry: dict[str, Any], name: str, where: str) -> NDArray[np.float32]:
    """The points of a hand, of confidence 0 if it was not looked for."""
    if not entry.get(name):
        return np.zeros((_HAND, 3), np.float32)
    points = triples(entry[name], f"{where}.{name}")
    if len(points) != _HAND:
        raise ValueError(f"{where}.{name}: expected {_HAND} points, got {len(points)}")
    return points
