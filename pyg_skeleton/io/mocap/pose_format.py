"""The ``.pose`` files of the package pose-format."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_memory, check_regular_file, memory_limit, reader
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton.joint_names import layout_from_names

_MAX_BYTES, _MAX_POINTS, _MAX_PERSONS = 2 << 30, 2000, 1000
_VERSIONS = (0.1, 0.2)


@dataclass
class _Component:
    name: str
    format: str
    points: list[str]
    limbs: list[tuple[int, int]]


def is_pose_format(probe: Probe) -> bool:
    """Whether a file begins with a version of the format and names of components."""
    head = probe.head
    if probe.suffix != ".pose" or len(head) < 14:
        return False
    return round(struct.unpack_from("<f", head)[0], 3) in _VERSIONS


@reader("a .pose file")
def read_pose_format(path: str | os.PathLike[str], component: str | None = None) -> Recording:
    r"""Reads a ``.pose`` file, by the specifications `0.1
    <https://github.com/sign-language-processing/pose/blob/master/docs/specs/v0.1.md>`_ and `0.2
    <https://github.com/sign-language-processing/pose/blob/master/docs/specs/v0.2.md>`_.

    The header has the size of the picture and components (:obj:`"POSE_LANDMARKS"`,
    :obj:`"LEFT_HAND_LANDMARKS"`, ...), each with names of points and the limbs that connect them;
    the body has the frames per second, the coordinates of all points in pixels (x to the right, y
    downwards, and z in the same scale where there is one), and the confidence of each, with which a
    point of confidence 0 is missing. A component becomes the layout, its limbs the bones.

    Args:
        path (str or PathLike): The file.
        component (str, optional): The name of the component to read; the first if :obj:`None`.
            (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, cut off, of another version, or has no such component.
    """
    name = check_regular_file(path, "a .pose file", _MAX_BYTES)
    with open(name, "rb") as file:
        data = _Bytes(file.read(), name)
    version = round(data.unpack("f")[0], 3)
    if version not in _VERSIONS:
        raise ValueError(f"{name}: is of version {version}, expected 0.1 or 0.2")
    width, height, _ = data.unpack("HHH")
    components = [_component(data) for _ in range(data.unpack("H")[0])]
    points = sum(len(part.points) for part in components)
    if not 1 <= points <= _MAX_POINTS:
        raise ValueError(f"{name}: expected 1 to {_MAX_POINTS} points, got {points}")
    names = [part.name for part in components]
    chosen = names[0] if component is None else component
    if chosen not in names:
        raise ValueError(f"{name}: component must be one of {', '.join(names)}, got {chosen!r}")
    part = components[names.index(chosen)]
    dims = max(len(each.format) for each in components) - 1
    if part.format not in ("XYC", "XYZC") or dims not in (2, 3):
        raise ValueError(
            f"{name}: {chosen}: expected the points as XYC or XYZC, got {part.format[:20]!a}"
        )
    rate, frames, persons = data.unpack("HHH" if version == 0.1 else "fIH")
    row = 4 * persons * points * (dims + 1)
    if version == 0.1 and row:  # the number of frames overflows in long recordings
        frames = data.left // row
    if not frames or not 1 <= persons <= _MAX_PERSONS or data.left != frames * row:
        raise ValueError(
            f"{name}: announces {frames} frames of {persons} persons and {points} points, "
            f"{frames * row:,} bytes, has {data.left:,}"
        )
    check_memory(name, 3 * data.left, memory_limit(data.size))
    values = data.floats((frames, persons, points, dims))
    scores = data.floats((frames, persons, points))
    first = sum(len(each.points) for each in components[: names.index(chosen)])
    at = slice(first, first + len(part.points))
    joints = values[:, :, at, : len(part.format) - 1].swapaxes(0, 1).copy()
    confidence = np.nan_to_num(scores[:, :, at].swapaxes(0, 1)).clip(0, 1)
    missing = confidence == 0
    if not (np.abs(joints[~missing]) <= LARGEST).all():
        raise ValueError(f"{name}: {chosen}: a point is not a finite number up to {LARGEST:g}")
    joints[missing] = np.nan
    limbs = [(part.points[a], part.points[b]) for a, b in part.limbs]
    return Recording(
        joints,
        layout_from_names(chosen, part.points, limbs),
        frame_rate=float(f"{rate:.6g}") if 0 < rate < 1e6 else None,
        confidence=confidence,
        unit="px",
        up="-y",
        image_size=(width, height) if width and height else None,
        name=Path(name).stem,
    )


class _Bytes:
    """The content of a file, read from the front to the back."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name, self._at = data, name, 0

    @property
    def size(self) -> int:
        return len(self._data)

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def _take(self, size: int) -> int:
        if size > self.left:
            raise ValueError(f"{self._name}: the file ends after {self.size:,} bytes, cut off")
        self._at += size
        return self._at - size

    def unpack(self, code: str) -> tuple[Any, ...]:
        return struct.unpack_from(f"<{code}", self._data, self._take(struct.calcsize(f"<{code}")))

    def text(self) -> str:
        (size,) = self.unpack("H")
        at = self._take(size)
        return self._data[at : at + size].decode("utf-8", "replace")

    def floats(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        count = prod(shape)
        return np.frombuffer(self._data, "<f4", count, self._take(4 * count)).reshape(shape)


def _component(data: _Bytes) -> _Component:
    name, form = data.text(), data.text()
    points, limbs, colors = data.unpack("HHH")
    names = [data.text() for _ in range(points)]
    ends = [data.unpack("HH") for _ in range(limbs)]
    for _ in range(colors):
        data.unpack("HHH")
    if len(set(names)) < points or "" in names or any(max(pair) >= points for pair in ends):
        raise ValueError(
            f"{data._name}: {name[:40]!a}: expected names of points, and limbs of them"
        )
    return _Component(name, form, names, [(a, b) for a, b in ends])
