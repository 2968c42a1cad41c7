"""The JSON files of Kinetics-Skeleton."""

from __future__ import annotations

import os
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import check_memory, memory_limit, reader, shown
from pyg_skeleton.io.containers.json_file import json_numbers, read_json

_JOINTS, _MAX_FRAMES, _MAX_PERSONS = 18, 10_000, 100


class KineticsLabel(NamedTuple):
    """The entry of a clip in a label file."""

    label: str
    number: int
    #: :obj:`True` if the clip has a skeleton.
    has_skeleton: bool


@reader("a clip of Kinetics-Skeleton")
def read_kinetics_skeleton(
    path: str | os.PathLike[str],
) -> NDArray[np.float32]:
    r"""Reads a clip of Kinetics-Skeleton from the `"Spatial Temporal Graph Convolutional Networks
    for Skeleton-Based Action Recognition" <https://arxiv.org/abs/1801.07455>`_ paper.

    The file holds :obj:`"data"`, for each frame :obj:`"frame_index"` and a list
    :obj:`"skeleton"` of persons with :obj:`"pose"` (x and y of 18 joints in turn, as shares of the
    picture) and :obj:`"score"`. Frames of which it says nothing are empty. Persons are not tracked:
    they are listed anew in each frame.

    Args:
        path (str or PathLike): The file.

    Returns:
        The joints of the persons that are listed, with their scores as third channel, zero where
        fewer are, :math:`(P, T, 18, 3)`, where :math:`P` can be 0.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON (the message names the line), or has another form or a number
            that is not finite (the message names the key).
    """
    name = os.fspath(path)
    content = read_json(path)
    frames = content.get("data") if isinstance(content, dict) else None
    if not isinstance(frames, list):
        raise ValueError(f"{name}: expected data in a list, got {type(content).__name__}")
    found: dict[int, list[Any]] = {}
    for i, frame in enumerate(frames):
        where = f"{name}: data[{i}]"
        number = frame.get("frame_index") if isinstance(frame, dict) else None
        if type(number) is not int or not 0 <= number < _MAX_FRAMES:
            raise ValueError(
                f"{where}.frame_index: expected a number from 0 to {_MAX_FRAMES - 1}, got "
                f"{shown(number)}"
            )
        persons = frame.get("skeleton")
        if not isinstance(persons, list) or len(persons) > _MAX_PERSONS:
            raise ValueError(f"{where}.skeleton: expected a list of up to {_MAX_PERSONS} persons")
        if number in found:
            raise ValueError(f"{where}: frame {number} is there twice")
        found[number] = [
            _person(person, f"{where}.skeleton[{j}]") for j, person in enumerate(persons)
        ]
    most = max(map(len, found.values()), default=0)
    shape = (most, max(found, default=-1) + 1, _JOINTS, 3)
    check_memory(name, 4 * prod(shape), memory_limit(os.stat(name).st_size))
    out = np.zeros(shape, np.float32)
    for number, persons in found.items():
        for j, person in enumerate(persons):
            out[j, number] = person
    return out


@reader("a label file of Kinetics-Skeleton")
def read_kinetics_labels(path: str | os.PathLike[str]) -> dict[str, KineticsLabel]:
    r"""Reads a label file of Kinetics-Skeleton: by the name of the clip its :obj:`"label"`,
    :obj:`"label_index"` and :obj:`"has_skeleton"`.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON or has another form.
    """
    content = read_json(path, max_bytes=1 << 28)
    if not isinstance(content, dict) or not content:
        raise ValueError(f"{os.fspath(path)}: expected a dict of clips")
    labels = {}
    for name, entry in content.items():
        label = entry.get("label") if isinstance(entry, dict) else None
        number = entry.get("label_index") if isinstance(entry, dict) else None
        if not isinstance(label, str) or type(number) is not int or not 0 <= number < 100_000:
            raise ValueError(f"{os.fspath(path)}: {name!a}: expected label and label_index")
        labels[name] = KineticsLabel(label, number, bool(entry.get("has_skeleton", True)))
    return labels


def _person(person: Any, where: str) -> NDArray[np.float32]:
    """x, y and score of the joints of one person, ``[18, 3]``."""
    if not isinstance(person, dict):
        raise ValueError(f"{where}: expected pose and score, got {type(person).__name__}")
    pose = json_numbers(person.get("pose"), (2 * _JOINTS,), f"{where}.pose")
    score = json_numbers(person.get("score"), (_JOINTS,), f"{where}.score")
    return np.column_stack([pose.reshape(_JOINTS, 2), score])
