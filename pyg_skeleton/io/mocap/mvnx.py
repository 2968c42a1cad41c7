"""The XML files of Xsens MVN (``.mvnx``)."""

from __future__ import annotations

import os
from array import array
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_regular_file, reader
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton.joint_names import layout_from_names

#: The segments of a body in the order of the layout :obj:`"xsens23"`.
_SEGMENTS = (
    *("Pelvis", "L5", "L3", "T12", "T8", "Neck", "Head"),
    *("RightShoulder", "RightUpperArm", "RightForeArm", "RightHand"),
    *("LeftShoulder", "LeftUpperArm", "LeftForeArm", "LeftHand"),
    *("RightUpperLeg", "RightLowerLeg", "RightFoot", "RightToe"),
    *("LeftUpperLeg", "LeftLowerLeg", "LeftFoot", "LeftToe"),
)
_MAX_BYTES, _MAX_DEPTH, _MAX_SEGMENTS = 2 << 30, 20, 1000
#: Elements whose text is read; sensors and angles, most of a file, are passed over.
_TEXTS = ("position", "connector1", "connector2")


def is_mvnx(probe: Probe) -> bool:
    """Whether an XML file has the element of MVNX."""
    return b"<mvnx" in probe.head


@reader("an MVNX file")
def read_mvnx(path: str | os.PathLike[str]) -> Recording:
    r"""Reads the body of an MVNX file, described in the `MVN User Manual
    <https://www.manualshelf.com/manual/xsens-technologies/mtw2-3a7g6/user-s-manual-english/page-90.html>`_
    of Xsens (now Movella).

    :obj:`"subject"` has the frame rate; :obj:`"segments"` lists the 23 segments of the layout
    :obj:`"xsens23"`, and :obj:`"position"` of each frame of type :obj:`"normal"` x, y and z of
    their origins, which are the joints nearer to the pelvis: that of a forearm is the elbow. They
    are in meters, x to the front (or magnetic north), y to the left, z upwards. With other segments
    (fingers, props), the layout comes from :obj:`"joints"`, which connect the segments.

    The file is parsed by `expat <https://docs.python.org/3/library/pyexpat.html>`_, and refused if
    it declares entities.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no XML or cut off, or a frame has other than three finite numbers for
            each segment; the message names file and line.
    """
    name = check_regular_file(path, "an MVNX file", _MAX_BYTES)
    body = _Body(name)
    with open(name, "rb") as file:
        try:
            body.parser.ParseFile(file)
        except expat.ExpatError as error:
            text = expat.errors.messages[error.code]
            raise ValueError(f"{name}:{error.lineno}: is not XML: {text}") from None
    if not body.segments or not len(body.positions):
        what = "frame of type normal" if body.segments else "segment"
        raise ValueError(f"{name}: has no {what}")
    joints: NDArray[np.float32] = np.array(body.positions, np.float32)
    layout: str | dict[str, Any] = "xsens23"
    if tuple(body.segments) != _SEGMENTS:
        layout = layout_from_names(body.label or Path(name).stem, body.segments, body.bones())
    return Recording(
        joints.reshape(1, -1, len(body.segments), 3),
        layout,
        frame_rate=body.frame_rate,
        persons=(body.label,) if body.label else (),
        unit="m",
        up="z",
        name=Path(name).stem,
    )


class _Body:
    """The body of an MVNX file, filled while the file is parsed."""

    def __init__(self, name: str) -> None:
        self.label, self.frame_rate = "", 0.0
        self.segments: list[str] = []
        self.positions = array("f")
        self._name = name
        self._joints: list[list[str]] = []
        self._open: list[str] = []
        self._text: list[str] | None = None
        self._subjects, self._in_normal_frame = 0, False
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.EntityDeclHandler = self._refuse_entity

    def bones(self) -> list[tuple[str, str]]:
        """The pairs of segments that joints connect, of which both exist."""
        ends = [tuple(end.partition("/")[0] for end in joint) for joint in self._joints]
        known = set(self.segments)
        return [(pair[0], pair[1]) for pair in ends if len(pair) == 2 and known.issuperset(pair)]

    def _error(self, message: str) -> ValueError:
        return ValueError(f"{self._name}:{self.parser.CurrentLineNumber}: {message}")

    def _refuse_entity(self, *_: object) -> None:
        raise self._error("declares an entity, which is not read")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._open and tag != "mvnx":
            raise self._error(f"expected the element mvnx, got {tag[:40]!a}")
        self._open.append(tag)
        if len(self._open) > _MAX_DEPTH:
            raise self._error(f"elements are nested more than {_MAX_DEPTH} deep")
        if tag == "subject":
            self._subject(attributes)
        elif tag == "segment":
            label = attributes.get("label", "")
            if not label or label in self.segments or len(self.segments) == _MAX_SEGMENTS:
                raise self._error(f"expected a segment with a label of its own, got {label[:40]!a}")
            self.segments.append(label)
        elif tag == "joint":
            self._joints.append([])
        elif tag == "frame":
            self._in_normal_frame = attributes.get("type", "normal") == "normal"
        elif tag in _TEXTS:
            self._text = []

    def _subject(self, attributes: dict[str, str]) -> None:
        self._subjects += 1
        if self._subjects > 1:
            raise self._error("has a second subject, only one is read")
        self.label = attributes.get("label", "")[:100]
        text = attributes.get("frameRate", "")
        try:
            self.frame_rate = float(text)
        except ValueError:
            self.frame_rate = 0.0
        if not 0 < self.frame_rate < 1e6:
            raise self._error(f"frameRate: expected frames per second, got {text[:40]!a}")

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, tag: str) -> None:
        self._open.pop()
        if tag not in _TEXTS or self._text is None:
            return
        text, self._text = "".join(self._text), None
        if tag != "position":
            if self._joints:
                self._joints[-1].append(text.strip())
        elif self._in_normal_frame:
            self._position(text)

    def _position(self, text: str) -> None:
        words = text.split(None, 3 * len(self.segments))
        try:
            numbers = [float(word) for word in words]
        except ValueError:
            numbers = []
        wanted = 3 * len(self.segments)
        if len(numbers) != wanted or not all(abs(x) <= LARGEST for x in numbers):
            raise self._error(
                f"position: expected {wanted} finite numbers, three for each segment, got "
                f"{len(words)}: {text.strip()[:40]!a}"
            )
        self.positions.extend(numbers)
