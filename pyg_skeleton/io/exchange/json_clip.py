"""Clips as JSON."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import reader, shown
from pyg_skeleton.io.containers.json_file import read_json
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import AXES, UNITS, Recording
from pyg_skeleton.whole_file import whole_file

FORMAT = "pyg_skeleton clip"
_MAX_BYTES = 1 << 30


def is_json_clip(probe: Probe) -> bool:
    """Whether a JSON file says that it holds a clip."""
    return (
        "format" in probe.keys and isinstance(probe.json, dict) and probe.json["format"] == FORMAT
    )


@reader("a JSON file with a clip")
def read_json_clip(path: str | os.PathLike[str]) -> Recording:
    r"""Reads a clip that :func:`write_json_clip` has written.

    The file holds a dict: :obj:`"format"`, which is :obj:`"pyg_skeleton clip"`; :obj:`"layout"`,
    the name of a layout or its description, see
    :meth:`~pyg_skeleton.skeleton.Skeleton.from_dict`; :obj:`"channels"`, how many numbers a joint
    has; :obj:`"joints"`, for each person a list of frames, each with the numbers of all joints in
    turn, :obj:`null` where a joint is missing; and, where they are known, :obj:`"confidence"` (one
    number for each joint), :obj:`"frame_rate"`, :obj:`"persons"`, :obj:`"unit"`, :obj:`"up"` and
    :obj:`"image_size"`, which are those of :class:`~pyg_skeleton.io.Recording`.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON (the message names the line) or has another form (the message
            names the key).
    """
    name = os.fspath(path)
    content = read_json(path, _MAX_BYTES)
    if not isinstance(content, dict):
        raise ValueError(f"{name}: expected a dict, got {shown(content)}")
    channels = content.get("channels")
    if type(channels) is not int or not 1 <= channels <= 10:
        raise ValueError(f"{name}: channels: expected a number up to 10, got {shown(channels)}")
    table = _numbers(content.get("joints"), f"{name}: joints")
    if table.shape[2] % channels:
        raise ValueError(
            f"{name}: joints: expected {channels} numbers for each joint, got {table.shape[2]}"
        )
    confidence = content.get("confidence")
    if confidence is not None:
        confidence = _numbers(confidence, f"{name}: confidence")
    joints = table.reshape(*table.shape[:2], -1, channels)
    return recording_of(joints, confidence, content, name)


def write_json_clip(path: str | os.PathLike[str], recording: Recording) -> None:
    """Writes a recording so that :func:`read_json_clip` gives it back, whole or not at all.

    Args:
        path (str or PathLike): The file.
        recording (Recording): The recording.
    """
    joints = recording.joints
    content = {
        **about(recording),
        "channels": joints.shape[3],
        "joints": _rows(joints.reshape(*joints.shape[:2], -1)),
    }
    if recording.confidence is not None:
        content["confidence"] = _rows(recording.confidence)
    with whole_file(path) as partial:
        partial.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")


def about(recording: Recording) -> dict[str, Any]:
    """All of a recording but its numbers, as JSON has it."""
    size, layout = recording.image_size, recording.layout
    return {
        "format": FORMAT,
        "layout": layout if layout is None or isinstance(layout, str) else dict(layout),
        "frame_rate": recording.frame_rate,
        "persons": list(recording.persons),
        "unit": recording.unit,
        "up": recording.up,
        "image_size": None if size is None else list(size),
        "name": recording.name,
    }


def recording_of(
    joints: NDArray[np.float32],
    confidence: NDArray[np.float32] | None,
    content: dict[str, Any],
    name: str,
) -> Recording:
    """The recording of numbers and of what :func:`about` has said of them, which is checked."""
    layout, persons = content.get("layout"), content.get("persons") or []
    rate, unit, up = (content.get(key) for key in ("frame_rate", "unit", "up"))
    size, title = content.get("image_size"), content.get("name") or Path(name).stem
    checks = {
        "layout": layout is None or isinstance(layout, (str, dict)),
        "frame_rate": rate is None or (type(rate) in (int, float) and 0 < rate < math.inf),
        "persons": isinstance(persons, list) and {int, str}.issuperset(map(type, persons)),
        "unit": unit in (None, *UNITS),
        "up": up in (None, *AXES),
        "image_size": size is None
        or (isinstance(size, list) and len(size) == 2 and {int}.issuperset(map(type, size))),
        "name": isinstance(title, str),
    }
    for key, good in checks.items():
        if not good:
            raise ValueError(f"{name}: {key}: invalid value {shown(content[key])}")
    if not (np.isnan(joints) | (np.abs(joints) <= LARGEST)).all():
        raise ValueError(f"{name}: joints: a number is larger than {LARGEST:g}")
    if confidence is not None:
        if confidence.shape != joints.shape[:3]:
            found, wanted = list(confidence.shape), list(joints.shape[:3])
            raise ValueError(f"{name}: confidence: expected {wanted}, got {found}")
        if not ((confidence >= 0) & (confidence <= 1)).all():
            raise ValueError(f"{name}: confidence: expected numbers from 0 to 1")
    return Recording(
        joints,
        layout,
        frame_rate=None if rate is None else float(rate),
        confidence=confidence,
        persons=tuple(persons),
        unit=unit,
        up=up,
        image_size=None if size is None else (size[0], size[1]),
        name=title,
    )


def _rows(table: NDArray[np.float32]) -> list[list[list[float | None]]]:
    """Numbers with nine digits, which is all of a float32; None for NaN."""
    return [
        [[float(f"{x:.9g}") if x == x else None for x in row] for row in rows]
        for rows in table.tolist()
    ]


def _numbers(value: Any, where: str) -> NDArray[np.float32]:
    """Lists of lists of equal numbers of numbers, ``[M, T, D]``."""
    if not isinstance(value, list) or not value or not all(isinstance(v, list) for v in value):
        raise ValueError(f"{where}: expected a list of frames for each person, got {shown(value)}")
    first = value[0][0] if value[0] else None
    shape = (len(value), len(value[0]), len(first) if isinstance(first, list) else 0)
    out = np.empty(shape, np.float32)
    for m, frames in enumerate(value):
        if len(frames) != shape[1] or not shape[2]:
            raise ValueError(f"{where}[{m}]: expected {shape[1]} frames, got {len(frames)}")
        for t, row in enumerate(frames):
            good = isinstance(row, list) and len(row) == shape[2]
            if not good or not {int, float, type(None)}.issuperset(map(type, row)):
                raise ValueError(
                    f"{where}[{m}][{t}]: expected {shape[2]} numbers, got {shown(row)}"
                )
            try:
                out[m, t] = [math.nan if x is None else min(max(x, -1e30), 1e30) for x in row]
            except OverflowError:
                raise ValueError(f"{where}[{m}][{t}]: a number is too large") from None
    return out
