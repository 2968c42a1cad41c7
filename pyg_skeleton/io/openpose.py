"""The JSON files of OpenPose, one for each frame of a video."""

from __future__ import annotations

import os
import re
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import check_memory, memory_limit, reader
from pyg_skeleton.io.containers.json_file import json_numbers, read_json

_MAX_FRAMES, _MAX_PERSONS = 10_000, 100


@reader("a folder of OpenPose")
def read_openpose(path: str | os.PathLike[str]) -> NDArray[np.float32]:
    r"""Reads the output of OpenPose with ``--write_json``: a file for each frame, with its number
    at the end of the name.

    A file holds :obj:`"people"`, and each of these :obj:`"pose_keypoints_2d"`: x and y in pixels
    and the confidence of each joint in turn, 18 (``COCO``) or 25 (``BODY_25``) of them. Persons are
    not tracked: they are listed anew in each frame.

    Args:
        path (str or PathLike): The folder with the files of a video, or the file of one frame.

    Returns:
        The joints of the persons that are listed, zero where fewer are, :math:`(P, T, V, 3)`.

    Raises:
        FileNotFoundError: If there is no such file, or no JSON file in the folder.
        ValueError: If a file is not JSON (the message names the line) or has another form (the
            message names the key), or no frame has a person.
    """
    path = Path(path)
    files = sorted(path.glob("*.json"), key=_in_order) if path.is_dir() else [path]
    if not 1 <= len(files) <= _MAX_FRAMES:
        kind = ValueError if files else FileNotFoundError
        raise kind(
            f"{path}: expected a JSON file for each of up to {_MAX_FRAMES} frames, has {len(files)}"
        )
    frames = [_people(file) for file in files]
    sizes = {len(person) for frame in frames for person in frame}
    if len(sizes) != 1:
        found = "persons of 18 and of 25 joints" if sizes else "no person in any frame"
        raise ValueError(f"{path}: expected persons with equal numbers of joints, got {found}")
    shape = (max(map(len, frames)), len(frames), sizes.pop(), 3)
    size = sum(os.stat(file).st_size for file in files)
    check_memory(str(path), 4 * prod(shape), memory_limit(size))
    out = np.zeros(shape, np.float32)
    for t, frame in enumerate(frames):
        for p, person in enumerate(frame):
            out[p, t] = person
    return out


def _in_order(file: Path) -> list[Any]:
    """Sorts frame 10 behind frame 9, whatever the zeros before them."""
    parts = re.split("([0-9]+)", file.stem)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)]


def _people(file: Path) -> list[NDArray[np.float32]]:
    content = read_json(file)
    people = content.get("people") if isinstance(content, dict) else None
    if not isinstance(people, list) or len(people) > _MAX_PERSONS:
        raise ValueError(f"{file}: people: expected a list of up to {_MAX_PERSONS} persons")
    return [_person(person, f"{file}: people[{i}]") for i, person in enumerate(people)]


def _person(person: Any, where: str) -> NDArray[np.float32]:
    """x, y and confidence of the joints of one person, ``[V, 3]``."""
    if not isinstance(person, dict):
        raise ValueError(f"{where}: expected pose_keypoints_2d, got {type(person).__name__}")
    flat = person.get("pose_keypoints_2d")
    return json_numbers(flat, (54, 75), f"{where}.pose_keypoints_2d").reshape(-1, 3)
