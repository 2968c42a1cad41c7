"""The hierarchical motion files of Biovision (``.bvh``)."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_memory, check_regular_file, memory_limit, reader
from pyg_skeleton.io.containers.number_lines import parse_number_lines
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton.joint_names import mirror_pairs
from pyg_skeleton.skeleton.kinematics import forward_kinematics

_MAX_BYTES, _MAX_JOINTS = 512 << 20, 1000
_CHANNELS = tuple(f"{axis}{kind}" for kind in ("position", "rotation") for axis in "XYZ")
_MOTION = (
    ("Frames: and their number", rb"Frames:\s*([0-9]{1,9})"),
    (
        "Frame Time: and seconds",
        rb"Frame\s+Time:\s*((?=\.?[0-9])[0-9]{0,4}(?:\.[0-9]{0,20})?(?:[eE]-?[0-9])?)",
    ),
)
#: The usual frames per second.
_RATES = (24, 25, 30, 50, 60, 90, 100, 120, 240)
#: Frames that are computed together.
_FRAMES = 1024


@dataclass(eq=False)
class _Joint:
    name: str
    parent: int
    offset: tuple[float, float, float] = (0.0, 0.0, 0.0)
    #: Numbers from 0 to 5, in the order of the file: positions x, y, z, then rotations.
    channels: list[int] = field(default_factory=list)
    is_end: bool = False
    end_sites: int = 0


def is_bvh(probe: Probe) -> bool:
    """Whether a file begins as BVH files do."""
    return probe.first_line.split(None, 1)[:1] == ["HIERARCHY"]


@reader("a BVH file")
def read_bvh(path: str | os.PathLike[str]) -> Recording:
    r"""Reads a BVH file, described in `"Biovision BVH"
    <https://research.cs.wisc.edu/graphics/Courses/cs-838-1999/Jeff/BVH.html>`_ and in `"Motion
    Capture File Formats Explained"
    <https://staffwww.dcs.shef.ac.uk/people/S.Maddock/publications/Motion%20Capture%20File%20Formats%20Explained.pdf>`_.

    The hierarchy becomes the layout, in the order of the file. An end site is a joint with the name
    of its parent and :obj:`"_end"`, unless it lies at its parent. Rotations are in degrees and
    multiplied in the order in which the channels are listed: with ``Zrotation Yrotation
    Xrotation``, :math:`\mathbf{R} = \mathbf{R}_z \mathbf{R}_y \mathbf{R}_x` for column vectors.
    Joints are placed by :func:`~pyg_skeleton.skeleton.forward_kinematics`.

    A position channel replaces the offset, as in MotionBuilder and Blender. (The first text above
    adds both at the root, which moves the whole recording if the offset of the root is not zero, as
    it is in most files.) By convention y points upwards. The format has no unit: conversions of CMU
    are often in inches or in units of 5.64 cm, Mixamo and Xsens use centimeters.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, cut off, or has several roots; the message names file and
            line.
    """
    name = check_regular_file(path, "a BVH file", _MAX_BYTES)
    with open(name, "rb") as file:
        content = file.read()
    motion = re.search(rb"^[ \t]*MOTION[ \t\r]*$", content, re.MULTILINE | re.IGNORECASE)
    head = content[: motion.start()] if motion else content
    tokens = _Tokens(head, name)
    joints = _hierarchy(tokens)
    if motion is None:
        raise tokens.error("the file ends here, expected MOTION")
    start = head.count(b"\n") + 1
    frames, seconds, rows = _motion_header(content[motion.end() :].split(b"\n"), name, start)
    width = sum(len(joint.channels) for joint in joints)
    if not width:
        raise ValueError(f"{name}:{start}: no joint has a channel")
    check_memory(name, (8 * width + 12 * len(joints)) * frames, memory_limit(len(content)))
    table = parse_number_lines(rows, width, name, start + 3)
    if len(table) != frames:
        raise ValueError(f"{name}:{start + 1}: announces {frames} frames, has {len(table)}")
    positions = np.concatenate(
        [_place(joints, table[at : at + _FRAMES]) for at in range(0, frames, _FRAMES)]
    )
    if not (np.abs(positions) <= LARGEST).all():
        raise ValueError(f"{name}: a joint is farther away than {LARGEST:g}")
    names = [joint.name for joint in joints]
    layout = {
        "name": Path(name).stem,
        "joints": {j.name: None if j.parent < 0 else names[j.parent] for j in joints},
        "mirror": [list(pair) for pair in mirror_pairs(names)],
    }
    return Recording(
        positions.astype(np.float32)[None],
        layout,
        frame_rate=frame_rate_of(seconds),
        up="y",
        name=Path(name).stem,
    )


def frame_rate_of(seconds: str) -> float:
    """The frames per second of a frame time, whose last digit is rounded.

    That is 30 for 0.0333333; and 60 for 0.017, which could be 58 or 59, too.
    """
    time = Decimal(seconds)
    half = Decimal(5).scaleb(int(time.as_tuple().exponent) - 1)
    off = {rate: abs(1 / Decimal(rate) - time) for rate in (*_RATES, max(1, round(1 / time)))}
    exact = [rate for rate in off if off[rate] * rate * rate < Decimal("1e-9")]
    usual = [rate for rate in _RATES if off[rate] <= half]
    whole = [rate for rate in off if off[rate] <= half]
    close = exact or usual or whole
    return float(min(close, key=off.__getitem__) if close else 1 / time)


class _Tokens:
    """The words of a hierarchy, and errors that name their lines."""

    def __init__(self, text: bytes, name: str) -> None:
        lines = text.decode("utf-8", "replace").split("\n")
        self._words = [(word, i) for i, line in enumerate(lines, start=1) for word in line.split()]
        self._name, self._at = name, 0

    def next(self, expected: str) -> str:
        if self._at == len(self._words):
            raise self.error(f"the file ends here, expected {expected}")
        self._at += 1
        return self._words[self._at - 1][0]

    def expect(self, word: str) -> None:
        found = self.next(word)
        if found.upper() != word.upper():
            raise self.error(f"expected {word}, got {found[:40]!a}")

    def name(self) -> str:
        """The words up to the next brace: names can have spaces."""
        words = []
        while (word := self.next("{")) != "{":
            words.append(word)
        if not words or len(words) > 10:
            raise self.error("expected the name of a joint before this brace")
        return " ".join(words)

    def number(self) -> float:
        word = self.next("a number")
        try:
            value = float(word) if "_" not in word else math.nan
        except ValueError:
            value = math.nan
        if not abs(value) <= LARGEST:
            raise self.error(f"expected a finite number, got {word[:40]!a}")
        return value

    def error(self, message: str) -> ValueError:
        line = self._words[max(self._at, 1) - 1][1] if self._words else 1
        return ValueError(f"{self._name}:{line}: {message}")

    @property
    def done(self) -> bool:
        return self._at == len(self._words)


def _hierarchy(tokens: _Tokens) -> list[_Joint]:
    tokens.expect("HIERARCHY")
    tokens.expect("ROOT")
    joints = [_Joint(tokens.name(), -1)]
    names = {joints[0].name}
    open_joints = [0]
    while open_joints:
        here = joints[open_joints[-1]]
        word = tokens.next("}").upper()
        if word == "OFFSET":
            here.offset = (tokens.number(), tokens.number(), tokens.number())
        elif word == "CHANNELS":
            here.channels = _channels(tokens)
        elif word in ("JOINT", "END"):
            if word == "END":
                tokens.expect("Site")
                tokens.expect("{")
                here.end_sites += 1
                again = here.end_sites if here.end_sites > 1 else ""
                name = f"{here.name}_end{again}"
            else:
                name = tokens.name()
            if name in names or len(joints) == _MAX_JOINTS:
                what = f"a second joint {name[:40]!a}" if name in names else "more than 1000 joints"
                raise tokens.error(f"the hierarchy has {what}")
            names.add(name)
            joints.append(_Joint(name, open_joints[-1], is_end=word == "END"))
            open_joints.append(len(joints) - 1)
        elif word == "}":
            open_joints.pop()
            if here.is_end and not any(here.offset):
                joints.remove(here)
                names.remove(here.name)
        else:
            raise tokens.error(
                f"expected OFFSET, CHANNELS, JOINT, End Site or }}, got {word[:40]!a}"
            )
    if not tokens.done:
        found = tokens.next("MOTION")
        reason = "only one root is read" if found.upper() == "ROOT" else "expected MOTION"
        raise tokens.error(f"{reason}, got {found[:40]!a}")
    return joints


def _channels(tokens: _Tokens) -> list[int]:
    count = tokens.number()
    if count not in range(7):
        raise tokens.error(f"expected up to 6 channels, got {count:g}")
    known = {name.lower(): number for number, name in enumerate(_CHANNELS)}
    channels: list[int] = []
    for _ in range(int(count)):
        word = tokens.next("a channel")
        number = known.get(word.lower())
        if number is None or number in channels:
            raise tokens.error(f"expected each of {', '.join(_CHANNELS)} once, got {word[:40]!a}")
        channels.append(number)
    return channels


def _motion_header(lines: list[bytes], name: str, start: int) -> tuple[int, str, list[bytes]]:
    """The number of frames, the seconds between them, and the lines with numbers."""
    found = []
    for number, (wanted, pattern) in enumerate(_MOTION, start=1):
        line = lines[number].strip() if number < len(lines) else b""
        match = re.fullmatch(pattern, line, re.IGNORECASE)
        if match is None or not float(match[1]):
            shown = line[:40].decode("latin-1")
            raise ValueError(f"{name}:{start + number}: expected {wanted}, got {shown!a}")
        found.append(match[1].decode("ascii"))
    return int(found[0]), found[1], lines[3:]


def _place(joints: list[_Joint], table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The positions of the joints in some frames, ``[T, V, 3]``."""
    numbers = torch.from_numpy(table)
    T = len(table)
    offsets = numbers.new_tensor([joint.offset for joint in joints]).repeat(T, 1, 1)
    turns = torch.eye(3, dtype=numbers.dtype).repeat(T, len(joints), 1, 1)
    column = 0
    for v, joint in enumerate(joints):
        for channel in joint.channels:
            values = numbers[:, column]
            column += 1
            if channel < 3:
                offsets[:, v, channel] = values
                continue
            # A rotation about an axis mixes the columns of the other two; a matrix product for
            # each channel takes ten times as long.
            a, b = (turns[:, v, :, (channel + step) % 3].clone() for step in (1, 2))
            angle = values.deg2rad().unsqueeze(1)
            turns[:, v, :, (channel + 1) % 3] = angle.cos() * a + angle.sin() * b
            turns[:, v, :, (channel + 2) % 3] = angle.cos() * b - angle.sin() * a
    parents = [joint.parent for joint in joints]
    return forward_kinematics(turns, offsets, parents, offsets[:, 0]).numpy()
