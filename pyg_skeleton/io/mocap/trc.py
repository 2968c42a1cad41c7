"""The marker files of Motion Analysis and OpenSim (``.trc``)."""

from __future__ import annotations

import math
import os
import re
from array import array
from pathlib import Path

import numpy as np

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_regular_file, reader
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import UNITS, Recording
from pyg_skeleton.skeleton.joint_names import layout_from_names

_MAX_BYTES, _MAX_MARKERS = 256 << 20, 1000
_UNITS = {"meters": "m", "meter": "m", "inches": "in", "millimeters": "mm", "centimeters": "cm"}


def is_trc(probe: Probe) -> bool:
    """Whether a file begins as TRC files do."""
    return probe.first_line.startswith("PathFileType")


@reader("a TRC file")
def read_trc(path: str | os.PathLike[str]) -> Recording:
    r"""Reads the markers of a `TRC file
    <https://opensimconfluence.atlassian.net/wiki/spaces/OpenSim/pages/53089972/Marker+.trc+Files>`_
    of OpenSim, Motion Analysis, OptiTrack or Pose2Sim.

    Three lines of header (the second names, the third gives :obj:`DataRate`, :obj:`NumFrames`,
    :obj:`NumMarkers` and :obj:`Units`), a line with the names of the markers and one with those of
    the columns; then, for each frame, its number, its time, and x, y and z of each marker,
    separated by tabs. A blank cell or NaN is a missing marker. The file does not say which axis
    points upwards: it is y in OpenSim and often z in laboratories.

    Markers have no bones. Those with names of joints (:obj:`"RKnee"`) are connected as in the body,
    all others with the root, see :func:`~pyg_skeleton.skeleton.layout_from_names`.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, cut off, or has another form; the message names file and line.
    """
    name = check_regular_file(path, "a TRC file", _MAX_BYTES)
    with open(name, encoding="utf-8", errors="replace") as file:
        lines = file.read().split("\n")
    if len(lines) < 6 or not lines[0].lstrip("\ufeff").startswith("PathFileType"):
        raise ValueError(f"{name}:1: expected PathFileType and at least 6 lines")
    header = dict(zip(lines[1].split(), lines[2].split(), strict=False))
    rate = _header(header, "DataRate", name)
    frames, count = (int(_header(header, key, name)) for key in ("NumFrames", "NumMarkers"))
    text = header.get("Units", "")
    unit = next((u for u in UNITS[:4] if u == _UNITS.get(text.lower(), text.lower())), None)
    if unit is None:
        raise ValueError(f"{name}:3: Units: expected m, cm, mm or in, got {text[:40]!a}")
    markers = _markers(lines[3], f"{name}:4")
    if not 1 <= count <= _MAX_MARKERS or len(markers) != count:
        raise ValueError(f"{name}:4: expected the names of {count} markers, got {len(markers)}")
    rows = array("f")
    found = 0
    for number, line in enumerate(lines[5:], start=6):
        if line.strip():
            rows.extend(_row(line, count, f"{name}:{number}"))
            found += 1
    if found != frames or not found:
        raise ValueError(f"{name}:3: NumFrames is {frames}, the file has {found} frames")
    joints = np.array(rows, np.float32).reshape(1, frames, count, 3)
    return Recording(
        joints,
        layout_from_names(Path(name).stem, markers),
        frame_rate=rate,
        unit=unit,
        name=Path(name).stem,
    )


def _header(header: dict[str, str], key: str, name: str) -> float:
    text = header.get(key, "")
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{0,20})?", text) or not float(text):
        raise ValueError(f"{name}:3: {key}: expected a positive number, got {text[:40]!a}")
    return float(text)


def _markers(line: str, where: str) -> list[str]:
    """The names of the markers: every third cell, or all words where tabs became spaces."""
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) < 3:
        cells = line.split()
    names = [cell for cell in cells[2:] if cell]
    if [cell.lower() for cell in cells[:1]] not in (["frame#"], ["frame"]):
        raise ValueError(f"{where}: expected Frame#, Time and the markers, got {line[:40]!a}")
    twice = [name for name in names if names.count(name) > 1] if len(names) <= _MAX_MARKERS else []
    if twice:
        raise ValueError(f"{where}: the marker {twice[0][:40]!a} is there twice")
    return names


def _row(line: str, count: int, where: str) -> list[float]:
    """The coordinates of a frame; a marker is missing if one of its cells is blank."""
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) < 3:
        cells = line.split()
    width = 2 + 3 * count
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) != width:
        raise ValueError(f"{where}: expected {width} columns, got {len(cells)}")
    out = []
    for cell in cells[2:]:
        text = cell.strip()
        try:
            value = float(text) if text and "_" not in text else math.nan
        except ValueError:
            raise ValueError(f"{where}: expected a number, got {text[:40]!a}") from None
        if abs(value) > LARGEST:
            raise ValueError(f"{where}: expected a number up to {LARGEST:g}, got {text[:40]!a}")
        out.append(value)
    return out
