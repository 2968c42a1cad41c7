"""The text and MAT files of the early Kinect corpora: MSR Action3D, UTKinect and UTD-MHAD."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import check_clip
from pyg_skeleton.io.containers.files import check_regular_file, reader
from pyg_skeleton.io.containers.mat import read_mat
from pyg_skeleton.io.containers.number_lines import read_number_lines

_JOINTS = 20
_SEGMENT = re.compile(r"(\w+)\s*:\s*(\d{1,9}|NaN)\s+(\d{1,9}|NaN)\s*", re.IGNORECASE)
_HEAD = re.compile(r"s\d+_e\d+", re.IGNORECASE)
_MAX_LABEL_BYTES = 4 << 20


class UTKinectSegment(NamedTuple):
    """An action in a recording of UTKinect."""

    #: The recording: ``s01_e01``.
    recording: str
    action: str
    #: The numbers of the first and the last frame.
    first: int
    last: int


@reader("a text file of MSR Action3D")
def read_msr_action3d(path: str | os.PathLike[str]) -> NDArray[np.float32]:
    r"""Reads a ``*_skeleton3D.txt`` of the `"Action Recognition Based on A Bag of 3D Points"
    <https://doi.org/10.1109/CVPRW.2010.5543273>`_ paper: a line for each of the 20 joints of each
    frame, with three coordinates and a confidence.

    Args:
        path (str or PathLike): The file.

    Returns:
        The coordinates in the order of the file, :math:`(T, 20, 3)`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a line has another form, or the lines are not those of whole frames; the
            message names file and line.
    """
    table = read_number_lines(path, 4)
    if len(table) % _JOINTS:
        raise ValueError(
            f"{os.fspath(path)}:{len(table)}: the file ends in the middle of a frame: "
            f"{len(table)} lines of numbers, {_JOINTS} to a frame"
        )
    return check_clip(table.reshape(-1, _JOINTS, 4)[..., :3], 3, os.fspath(path))


@reader("a text file of UTKinect")
def read_utkinect(
    path: str | os.PathLike[str],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    r"""Reads a ``joints_s*_e*.txt`` of the `"View Invariant Human Action Recognition Using
    Histograms of 3D Joints" <https://doi.org/10.1109/CVPRW.2012.6239233>`_ paper: in each line the
    number of a frame and three coordinates of 20 joints.

    A frame that is there several times, as some are, is taken once.

    Args:
        path (str or PathLike): The file.

    Returns:
        The numbers of the frames, ascending, :math:`(T)`, and their joints, :math:`(T, 20, 3)`, in
        meters.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a line has another form; the message names file and line.
    """
    table = read_number_lines(path, 1 + 3 * _JOINTS)
    numbers = table[:, 0]
    odd = (numbers % 1 != 0) | (numbers < 0) | (numbers > 1e9)
    if odd.any():
        raise ValueError(
            f"{os.fspath(path)}: {float(numbers[odd][0])} is no number of a frame, in row "
            f"{int(odd.argmax()) + 1}"
        )
    frames, first = np.unique(numbers.astype(np.int64), return_index=True)
    joints = table[first, 1:].reshape(-1, _JOINTS, 3)
    return frames, check_clip(joints, 3, os.fspath(path))


@reader("a label file of UTKinect")
def read_utkinect_labels(path: str | os.PathLike[str]) -> list[UTKinectSegment]:
    r"""Reads ``actionLabel.txt`` of UTKinect: the name of a recording, then in each line an action
    with its first and last frame (:obj:`NaN` for one that was not recorded, which is left out).

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a line has another form, or ends before it begins; the message names it.
    """
    name = check_regular_file(path, "a text file", _MAX_LABEL_BYTES)
    segments: list[UTKinectSegment] = []
    recording = None
    with open(name, encoding="utf-8", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            text = line.strip()
            match = _SEGMENT.fullmatch(text)
            if not text:
                continue
            if _HEAD.fullmatch(text):
                recording = text.lower()
            elif match is None or recording is None:
                raise ValueError(
                    f"{name}:{number}: expected a recording or 'action: first last', got "
                    f"{text[:40]!a}"
                )
            elif match[2].isdigit() and match[3].isdigit():
                segment = UTKinectSegment(recording, match[1], int(match[2]), int(match[3]))
                if segment.first > segment.last:
                    raise ValueError(f"{name}:{number}: the action ends before it begins")
                segments.append(segment)
    if not segments:
        raise ValueError(f"{name}:1: names no action")
    return segments


@reader("a MAT file of UTD-MHAD")
def read_utd_mhad(path: str | os.PathLike[str]) -> NDArray[np.float32]:
    r"""Reads a ``*_skeleton.mat`` of the `"UTD-MHAD" <https://doi.org/10.1109/ICIP.2015.7350781>`_
    paper: the array :obj:`"d_skel"`, 20 joints by three coordinates by frames.

    Args:
        path (str or PathLike): The file.

    Returns:
        The coordinates in the order of the file, :math:`(T, 20, 3)`, in meters.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or has another content; the message names the file.
    """
    name = os.fspath(path)
    clip = read_mat(path, "d_skel")
    if clip.ndim == 2:  # MATLAB drops the last dimension if it is 1
        clip = clip[..., None]
    if clip.ndim != 3:
        raise ValueError(f"{name}: d_skel: expected [20, 3, T], got {list(clip.shape)}")
    return check_clip(clip.transpose(2, 0, 1), 3, f"{name}: d_skel (frames first)", _JOINTS)
