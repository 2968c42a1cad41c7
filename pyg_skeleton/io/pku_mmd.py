"""The text files of PKU-MMD."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import check_regular_file, reader
from pyg_skeleton.io.containers.number_lines import read_number_lines

_PERSONS, _JOINTS = 2, 25
_MAX_BYTES, _MAX_METERS = 4 << 20, 1000.0
_VIDEO = re.compile(r"\d{4}-[LMR]")


class PKUAction(NamedTuple):
    """A line of a label file: an action in a video."""

    #: From 1.
    label: int
    #: The first and the last frame, from 1.
    start: int
    end: int
    confidence: int
    #: The line of the file, from 1.
    line: int


@reader("a text file of PKU-MMD")
def read_pku_skeleton(path: str | os.PathLike[str]) -> NDArray[np.float32]:
    r"""Reads a video of PKU-MMD from the `"PKU-MMD: A Large Scale Benchmark for Continuous
    Multi-Modal Human Action Understanding" <https://arxiv.org/abs/1703.07475>`_ paper.

    A line is a frame: x, y and z in meters of the 25 joints of Kinect's second version, of two
    persons one after the other, zero if they are not there.

    Args:
        path (str or PathLike): The file.

    Returns:
        The joints, :math:`(2, T, 25, 3)`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a line has other than 150 finite numbers, or there is an empty line between
            others, which would shift the frames; the message names file and line.
    """
    rows = read_number_lines(path, _PERSONS * _JOINTS * 3)
    name = os.fspath(path)
    with open(name, "rb") as file:
        lines = [number for number, line in enumerate(file, start=1) if line.strip()]
    if lines[-1] != len(lines):
        empty = next(n for n, line in enumerate(lines, start=1) if n != line)
        raise ValueError(f"{name}:{empty}: the line is empty, and frames follow")
    wild = np.abs(rows).max(1) > _MAX_METERS
    if wild.any():
        line = int(np.argmax(wild)) + 1
        raise ValueError(f"{name}:{line}: expected meters, got {np.abs(rows[line - 1]).max():.4g}")
    joints = rows.astype(np.float32).reshape(len(rows), _PERSONS, _JOINTS, 3)
    return joints.transpose(1, 0, 2, 3)


@reader("a text file of PKU-MMD")
def read_pku_labels(path: str | os.PathLike[str], num_classes: int = 51) -> list[PKUAction]:
    """Reads a label file of PKU-MMD: a line is a class, the first and the last frame of an action,
    both from 1, and a confidence of 1 or 2, with commas or spaces between.

    Where the first frame comes after the last one, as in some official files, they change places.

    Args:
        path (str or PathLike): The file.
        num_classes (int, optional): The number of classes. (default: :obj:`51`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is empty, or a line has anything else; the message names file and line.
    """
    actions = []
    for number, line in _lines(path):
        fields = line.replace(",", " ").split()
        if not fields:
            continue
        where = f"{os.fspath(path)}:{number}"
        if len(fields) != 4 or not all(re.fullmatch(r"[+-]?\d{1,9}", field) for field in fields):
            raise ValueError(
                f"{where}: expected label,start,end,confidence, got {line.strip()!a:.60}"
            )
        label, start, end, confidence = map(int, fields)
        if not 1 <= label <= num_classes:
            raise ValueError(f"{where}: expected a label from 1 to {num_classes}, got {label}")
        start, end = min(start, end), max(start, end)
        if start < 0 or end < 1:
            raise ValueError(f"{where}: expected frames from 1, got {start} to {end}")
        actions.append(PKUAction(label, max(start, 1), end, confidence, number))
    if not actions:
        raise ValueError(f"{os.fspath(path)}:1: the file is empty")
    return actions


@reader("a text file of PKU-MMD")
def read_pku_split(path: str | os.PathLike[str]) -> tuple[list[str], list[str]]:
    """Reads a split file of PKU-MMD (``cross-subject.txt``, ``cross-view.txt``): the names of the
    videos below ``Training videos:`` and below ``Validataion videos:``, with commas between.

    Args:
        path (str or PathLike): The file.

    Returns:
        The names of the videos to train with and of those for the test.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If there is anything else in it, a part is empty, or a video is there twice; the
            message names file and line.
    """
    name = os.fspath(path)
    parts: dict[str, list[str]] = {"training": [], "validation": []}
    seen: set[str] = set()
    at = None
    for number, line in _lines(path):
        start = line.strip().lower()
        if start.endswith("videos:"):
            at = {"train": "training", "valid": "validation"}.get(start[:5])
            if at is None:
                raise ValueError(f"{name}:{number}: expected 'Training videos:', got {start!a:.60}")
            continue
        for video in filter(None, (entry.strip() for entry in line.split(","))):
            if at is None or not _VIDEO.fullmatch(video):
                raise ValueError(
                    f"{name}:{number}: expected videos like 0002-L below 'Training videos:', got "
                    f"{video!a:.40}"
                )
            if video in seen:
                raise ValueError(f"{name}:{number}: the video {video} is there twice")
            seen.add(video)
            parts[at].append(video)
    for part, videos in parts.items():
        if not videos:
            raise ValueError(f"{name}:1: has no {part} videos")
    return parts["training"], parts["validation"]


def _lines(path: str | os.PathLike[str]) -> list[tuple[int, str]]:
    name = check_regular_file(path, "a text file", _MAX_BYTES)
    with open(name, encoding="utf-8", errors="replace") as file:
        return list(enumerate(file, start=1))
