"""The ``.skeleton`` text files of NTU RGB+D."""

from __future__ import annotations

import math
import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_regular_file, reader
from pyg_skeleton.whole_file import write_text

_JOINTS, _BODY_FIELDS, _JOINT_FIELDS = 25, 10, 12
#: The most bodies that the sensor tracks.
_MAX_BODIES = 6
#: Six times the longest recordings.
_MAX_BYTES = 32 << 20


class NTUBody(NamedTuple):
    """The body that the sensor tracked under one number."""

    #: The tracking number.
    id: int
    #: The frames with a body of this number, ascending, ``[N]``.
    frames: NDArray[np.int64]
    #: The joints in these frames, in meters, ``[N, 25, 3]``.
    joints: NDArray[np.float32]
    #: The position among the bodies of each frame, in the order of the file, ``[N]``.
    places: NDArray[np.int64]


class NTURecording(NamedTuple):
    """The content of a ``.skeleton`` file."""

    #: The number of frames, also of those without a body.
    num_frames: int
    #: The bodies in the order of their first frames.
    bodies: list[NTUBody]


@reader("a .skeleton file")
def read_ntu_skeleton(path: str | os.PathLike[str]) -> NTURecording:
    r"""Reads the joints of a ``.skeleton`` file of the `"NTU RGB+D"
    <https://arxiv.org/abs/1604.02808>`_ data sets.

    The file has the number of frames; for each the number of bodies; for each body a line of ten
    fields (first its tracking number), the number of joints, and for each joint a line of twelve
    numbers (first its position). A file of another form is read once more line by line, to the
    same result or to an error.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is cut off or has another content, counts do not match, or a number is not
            finite; the message names file and line.
    """
    name = check_regular_file(path, "a .skeleton file", _MAX_BYTES)
    with open(name, "rb") as file:
        content = file.read()
    try:
        rows = _read_regular(content)
    except (ValueError, IndexError):
        rows = None
    return _by_body(rows or _read_lines(content, name))


def write_ntu_skeleton(path: str | os.PathLike[str], recording: NTURecording) -> None:
    """Writes a file that :func:`read_ntu_skeleton` reads; fields that a recording lacks are zero.

    Args:
        path (str or PathLike): The file.
        recording (NTURecording): The bodies.
    """
    frames: list[list[tuple[int, NTUBody, int]]] = [[] for _ in range(recording.num_frames)]
    for body in recording.bodies:
        for row, frame in enumerate(body.frames.tolist()):
            frames[frame].append((int(body.places[row]), body, row))
    lines = [str(recording.num_frames)]
    for members in frames:
        lines.append(str(len(members)))
        for _, body, row in sorted(members, key=lambda member: member[0]):
            lines += [f"{body.id} 0 0 0 0 0 0 0 0 2", str(_JOINTS)]
            for x, y, z in body.joints[row].tolist():
                lines.append(f"{x:.9g} {y:.9g} {z:.9g} 0 0 0 0 0 0 0 0 2")
    write_text("\n".join(lines) + "\n", path, newline="\r\n")


class _Rows(NamedTuple):
    """One row for each body in each frame."""

    num_frames: int
    frames: list[int]
    ids: list[int]
    joints: NDArray[np.float32]


def _by_body(rows: _Rows) -> NTURecording:
    members: dict[int, list[int]] = {}
    for row, body in enumerate(rows.ids):
        members.setdefault(body, []).append(row)
    frames = np.array(rows.frames, dtype=np.int64)
    places = np.arange(len(frames)) - np.searchsorted(frames, frames)
    return NTURecording(
        rows.num_frames,
        [NTUBody(i, frames[at], rows.joints[at], places[at]) for i, at in members.items()],
    )


# All at once ######################################################################################


def _read_regular(content: bytes) -> _Rows | None:
    """The content if every line is as the sensor's software writes it, else None.

    NumPy reads the numbers about twice as fast as a loop, but its errors name no line.
    """
    text = content.replace(b"\r\n", b"\n").rstrip()
    if any(blank in text for blank in (b"\t", b"\r", b"\v", b"\f")):
        return None  # so that spaces can be counted instead of fields
    lines = text.split(b"\n")
    frames: list[int] = []
    ids: list[int] = []
    joints: list[bytes] = []
    at = 1
    num_frames = _whole(lines[0])
    for frame in range(num_frames):
        count, begin = _whole(lines[at]), len(ids)
        at += 1
        for _ in range(count):
            fields = lines[at].split(b" ")
            if len(fields) != _BODY_FIELDS or _whole(lines[at + 1]) != _JOINTS:
                return None
            ids.append(_whole(fields[0]))
            joints += lines[at + 2 : at + 2 + _JOINTS]
            at += 2 + _JOINTS
        frames += [frame] * count
        if not 0 <= count <= _MAX_BODIES or len(set(ids[begin:])) < count:
            return None
    fits = at == len(lines) and at > 1 and len(joints) == _JOINTS * len(ids)
    if not fits or any(line.count(b" ") != _JOINT_FIELDS - 1 for line in joints):
        return None
    table = np.zeros((0, 3))
    if joints:
        table = np.loadtxt(joints, delimiter=" ", comments=None, usecols=(0, 1, 2), ndmin=2)
    if not (np.abs(table) <= LARGEST).all():
        return None
    return _Rows(num_frames, frames, ids, table.astype(np.float32).reshape(-1, _JOINTS, 3))


# Line by line #####################################################################################


class _Lines:
    """The lines of a file, and errors that name them."""

    def __init__(self, content: bytes, name: str) -> None:
        self._lines = content.rstrip().split(b"\n")
        self._name = name
        self._number = 0

    def next(self, expected: str) -> list[bytes]:
        if self._number == len(self._lines) or not self._lines[0]:
            raise ValueError(
                f"{self._name}:{self._number}: the file ends here, expected {expected}"
            )
        self._number += 1
        return self._lines[self._number - 1].split(None, _JOINT_FIELDS)

    def count(self, what: str, low: int, high: float) -> int:
        fields = self.next(what)
        # A number that long is refused below; int() alone would take its time.
        value = int(fields[0]) if len(fields) == 1 and _is_whole(fields[0]) else None
        if value is None or not low <= value <= high:
            upto = "" if high == math.inf else f" to {high}"
            raise self.error(f"expected {what}, {low}{upto}, got {self.shown(fields)}")
        return value

    def error(self, message: str) -> ValueError:
        return ValueError(f"{self._name}:{self._number}: {message}")

    @staticmethod
    def shown(fields: list[bytes]) -> str:
        return ascii(b" ".join(fields[:4])[:40].decode("latin-1"))

    @property
    def left(self) -> int:
        return len(self._lines) - self._number


def _read_lines(content: bytes, name: str) -> _Rows:
    lines = _Lines(content, name)
    frames: list[int] = []
    ids: list[int] = []
    joints: list[list[float]] = []
    num_frames = lines.count("the number of frames", 1, math.inf)
    if num_frames > lines.left:
        raise lines.error(f"{num_frames} frames announced, in a file of {lines.left + 1} lines")
    for frame in range(num_frames):
        where = f"of frame {frame} of {num_frames}"
        count = lines.count(f"the number of bodies {where}", 0, _MAX_BODIES)
        here: list[int] = []
        for body in range(count):
            fields = lines.next(f"body {body} of {count} {where}")
            if len(fields) != _BODY_FIELDS or not _is_whole(fields[0]):
                raise lines.error(
                    f"expected the {_BODY_FIELDS} fields of body {body} of {count} {where}, "
                    f"got {len(fields)}: {lines.shown(fields)}"
                )
            here.append(int(fields[0]))
            if here[-1] in here[:-1]:
                raise lines.error(f"body {here[-1]} is twice in frame {frame}")
            lines.count("the number of joints", _JOINTS, _JOINTS)
            for joint in range(_JOINTS):
                fields = lines.next(f"joint {joint} of body {body} {where}")
                if len(fields) != _JOINT_FIELDS:
                    raise lines.error(
                        f"expected the {_JOINT_FIELDS} numbers of joint {joint} of body {body} "
                        f"{where}, got {len(fields)}: {lines.shown(fields)}"
                    )
                joints.append([_finite(lines, field) for field in fields[:3]])
        ids += here
        frames += [frame] * count
    if lines.left:
        raise lines.error(f"{lines.left} lines more after the last of {num_frames} frames")
    table = np.array(joints, dtype=np.float32).reshape(-1, _JOINTS, 3)
    return _Rows(num_frames, frames, ids, table)


def _is_whole(field: bytes) -> bool:
    return len(field) <= 20 and field.removeprefix(b"-").isdigit()


def _whole(field: bytes) -> int:
    if not _is_whole(field):
        raise ValueError
    return int(field)


def _finite(lines: _Lines, field: bytes) -> float:
    try:
        value = float(field) if b"_" not in field else math.nan
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise lines.error(f"expected a finite number, got {lines.shown([field])}")
    return value
