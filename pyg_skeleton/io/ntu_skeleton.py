"""The ``.skeleton`` text files of NTU RGB+D."""

from __future__ import annotations

import math
import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.decimals import parse_decimals
from pyg_skeleton.io.containers.files import check_regular_file

_JOINTS, _BODY_FIELDS, _JOINT_FIELDS = 25, 10, 12
#: The sensor tracks no more.
_MAX_BODIES = 6
#: The longest recordings are a sixth of it.
_MAX_BYTES = 32 << 20
#: In which the first three numbers of a line end, if it is regular.
_WINDOW = 40
#: Bytes at a time, which stay in the cache of a core.
_BLOCK = 1 << 16
_LARGEST = float(np.finfo(np.float32).max)


class NTUBody(NamedTuple):
    """What the sensor saw of somebody under one tracking number."""

    #: The tracking number.
    id: int
    #: The frames in which there is a body of this number, ascending, ``[N]``.
    frames: NDArray[np.int64]
    #: The joints in these frames, in meters, ``[N, 25, 3]``.
    joints: NDArray[np.float32]
    #: Which of the bodies of its frame it is, by the order in the file, ``[N]``.
    places: NDArray[np.int64]


class NTURecording(NamedTuple):
    """The content of a ``.skeleton`` file."""

    #: The number of frames, also of those without a body.
    num_frames: int
    #: The bodies in the order of their first frames.
    bodies: list[NTUBody]


def read_ntu_skeleton(path: str | os.PathLike[str]) -> NTURecording:
    r"""Reads the joints of a ``.skeleton`` file of the `"NTU RGB+D"
    <https://arxiv.org/abs/1604.02808>`_ data sets.

    The file has the number of frames; for each the number of bodies; for each body a line of ten
    fields (first its tracking number), the number of joints, and for each joint a line of twelve
    numbers (first its position). Regular files are parsed at once, a few times faster than line by
    line; any other is read line by line, to the same result or to an error.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is cut off or has another content, counts do not match, or a number is not
            finite; the message names file and line.
    """
    name = check_regular_file(path, "a .skeleton file")
    if os.stat(name).st_size > _MAX_BYTES:
        raise ValueError(f"{name}: has more than {_MAX_BYTES:,} bytes, which no recording needs")
    with open(name, "rb") as file:
        content = file.read()
    rows = _read_regular(content) or _read_lines(content, name)
    return _by_body(rows)


def write_ntu_skeleton(path: str | os.PathLike[str], recording: NTURecording) -> None:
    """Writes a file that :func:`read_ntu_skeleton` reads; what a recording does not say is zero.

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
    with open(path, "w", encoding="ascii", newline="\r\n") as file:
        file.write("\n".join(lines) + "\n")


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
    """The content if every line is as the sensor's software writes it, else None."""
    # What int(), float() and split() let pass, and a file as it should be does not have.
    if any(byte in content for byte in (b"_", b"+", b"\t", b"\v", b"\f")):
        return None
    buffer = np.frombuffer(content + b"\n" + bytes(_WINDOW), np.uint8)
    surveyed = _survey(buffer)
    if surveyed is None:
        return None
    begins, spaces = surveyed
    try:
        walked = _walk(content, [0, *begins.tolist()])
    except (ValueError, IndexError):
        walked = None
    if walked is None:
        return None
    num_frames, frames, ids, firsts = walked
    if spaces != len(ids) * (_BODY_FIELDS - 1 + _JOINTS * (_JOINT_FIELDS - 1)):
        return None
    # Line i begins after the i-th line break.
    numbers = (np.array(firsts, dtype=np.int64)[:, None] + np.arange(_JOINTS)).ravel()
    values, regular = parse_decimals(buffer, begins[numbers - 1], 3, _WINDOW)
    try:
        for row in np.flatnonzero(~regular).tolist():
            line = content[begins[numbers[row] - 1] : begins[numbers[row]]]
            values[row] = [float(field) for field in line.split()[:3]]
    except ValueError:
        return None
    if not (np.abs(values) <= _LARGEST).all():
        return None
    return _Rows(num_frames, frames, ids, values.astype(np.float32).reshape(-1, _JOINTS, 3))


def _survey(buffer: NDArray[np.uint8]) -> tuple[NDArray[np.int64], int] | None:
    """Where lines begin after the first, and how many spaces there are; None if one is a gap.

    A space has to stand between two numbers, so that counting spaces counts numbers.
    """
    begins, spaces, returns = [], 0, 0
    if buffer[0] <= ord(" "):
        return None
    for start in range(0, len(buffer) - 1, _BLOCK):
        block = buffer[start : start + _BLOCK + 1]  # with the first byte of the next one
        space, blank = block == ord(" "), block <= ord(" ")
        if (space[1:] & blank[:-1]).any() or (space[:-1] & blank[1:]).any():
            return None
        own = block[:_BLOCK]
        begins.append(np.flatnonzero(own == ord("\n")) + (start + 1))
        spaces += int(np.count_nonzero(space[:_BLOCK]))
        returns += int(np.count_nonzero(own == ord("\r")))
    lines = np.concatenate(begins)
    return (lines, spaces) if returns in (0, len(lines) - 1) else None


def _walk(content: bytes, begins: list[int]) -> tuple[int, list[int], list[int], list[int]] | None:
    """The number of frames; of each body in each frame the frame, number and first joint's line."""
    num_frames, at = int(content[: begins[1]]), 1
    frames, ids, firsts = [], [], []
    for frame in range(num_frames):
        count = int(content[begins[at] : begins[at + 1]])
        if not 0 <= count <= _MAX_BODIES:
            return None
        at += 1
        here = []
        for _ in range(count):
            fields = content[begins[at] : begins[at + 1]].split(b" ")
            joints = content[begins[at + 1] : begins[at + 2]]
            if int(joints) != _JOINTS or len(fields) != _BODY_FIELDS:
                return None
            here.append(int(fields[0]))
            firsts.append(at + 2)
            at += 2 + _JOINTS
        if len(set(here)) < count:
            return None
        ids += here
        frames += [frame] * count
    complete = num_frames > 0 and not content[begins[at] :].strip()
    return (num_frames, frames, ids, firsts) if complete else None


# Line by line #####################################################################################


class _Lines:
    """The lines of a file, and errors that name them."""

    def __init__(self, content: bytes, name: str) -> None:
        self._lines = content.split(b"\n")
        while self._lines and not self._lines[-1].strip():
            self._lines.pop()
        self._name = name
        self._number = 0

    def next(self, expected: str) -> list[bytes]:
        if self._number == len(self._lines):
            raise ValueError(
                f"{self._name}:{self._number}: the file ends here, expected {expected}"
            )
        self._number += 1
        return self._lines[self._number - 1].split()

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


def _finite(lines: _Lines, field: bytes) -> float:
    try:
        value = float(field) if b"_" not in field else math.nan
    except ValueError:
        value = math.nan
    if not abs(value) <= _LARGEST:
        raise lines.error(f"expected a finite number, got {lines.shown([field])}")
    return value
