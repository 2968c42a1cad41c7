"""The binary files of laboratories of biomechanics (``.c3d``)."""

from __future__ import annotations

import os
import struct
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_memory, check_regular_file, memory_limit, reader
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import AXES, UNITS, Axis, Recording, Unit
from pyg_skeleton.skeleton.joint_names import layout_from_names

_BLOCK, _MAX_BYTES, _MAX_POINTS = 512, 2 << 30, 2000
#: By the type of processor that wrote a file: Intel, DEC, MIPS.
_ORDERS = {84: "<", 85: "<", 86: ">"}
_DEC = 85
#: Groups of "points" that are no positions, by the parameter that lists them.
_NO_POSITIONS = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS", "REACTIONS")
_UNITS = {"meters": "m", "meter": "m", "millimeters": "mm", "millimeter": "mm", "inches": "in"}


class _Parameter(NamedTuple):
    """-1 for text, 1 for bytes, 2 for integers, 4 for real numbers."""

    kind: int
    shape: tuple[int, ...]
    data: bytes


def is_c3d(probe: Probe) -> bool:
    """Whether a file has the key of C3D in its header and its parameters."""
    head = probe.head
    return len(head) > 2 * _BLOCK and head[1] == 0x50 and head[_at(head[0]) :][1:2] == b"\x50"


@reader("a C3D file")
def read_c3d(path: str | os.PathLike[str]) -> Recording:
    r"""Reads the markers of a C3D file, by the `C3D User Guide
    <https://www.c3d.org/docs/C3D_User_Guide.pdf>`_.

    The parameters of the group POINT have the labels, the unit and the frames per second, and
    perhaps in :obj:`"Y_SCREEN"` the axis upwards; the data x, y, z and a residual of each marker in
    each frame, as integers or as real numbers, of Intel, DEC or MIPS processors. A marker with a
    negative residual is missing. Angles, forces, moments and powers, which models store as points,
    analog data and events are left out.

    Markers have no bones. Those with names of joints are connected as in the body, all others with
    the root, see :func:`~pyg_skeleton.skeleton.layout_from_names`.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or cut off, or has no marker.
    """
    name = check_regular_file(path, "a C3D file", _MAX_BYTES)
    with open(name, "rb") as file:
        data = file.read()
    if len(data) < 2 * _BLOCK or data[1] != 0x50:
        raise ValueError(f"{name}: has no header of C3D")
    order, is_dec, parameters = _parameters(data, _at(data[0]), name)
    words = struct.unpack_from(f"{order}5H", data, 2)
    points, analog, first, last = words[:4]
    scale, rate = (_reals(data[at : at + 4], order, is_dec)[0] for at in (12, 20))
    frames = last - first + 1
    trial = [parameters.get(f"TRIAL:ACTUAL_{end}_FIELD") for end in ("START", "END")]
    if all(entry is not None and entry.kind == 2 and len(entry.data) == 4 for entry in trial):
        ends = [struct.unpack(f"{order}HH", entry.data) for entry in trial if entry is not None]
        low, high = (int(a) + (int(b) << 16) for a, b in ends)
        # Only longer recordings need it: cutting tools leave it as it was.
        frames = high - low + 1 if last == 0xFFFF and high - low >= frames else frames
    if not 1 <= points <= _MAX_POINTS or frames < 1:
        raise ValueError(f"{name}: announces {points} points in {frames} frames")
    is_real = scale < 0
    start = _at(struct.unpack_from(f"{order}H", data, 16)[0])
    row = (4 * points + analog) * (4 if is_real else 2)
    if len(data) - start < frames * row:
        raise ValueError(
            f"{name}: announces {frames} frames of {points} points, {start + frames * row:,} "
            f"bytes, has {len(data):,}"
        )
    check_memory(name, 8 * frames * row, memory_limit(len(data)))
    content = data[start : start + frames * row]
    if is_real:
        table = _reals(content, order, is_dec).reshape(frames, -1)
    else:
        table = np.frombuffer(content, f"{order}i2").astype(np.float32).reshape(frames, -1)
    values = table[:, : 4 * points].reshape(frames, points, 4)
    with np.errstate(over="ignore", invalid="ignore"):
        joints = values[..., :3] * (1.0 if is_real else scale)
    missing = ~(values[..., 3] >= 0) | np.isnan(joints).any(2)
    if not (np.abs(joints[~missing]) <= LARGEST).all():
        raise ValueError(f"{name}: a marker is farther away than {LARGEST:g}")
    joints[missing] = np.nan
    labels = _labels(parameters, points)
    without = {label for key in _NO_POSITIONS for label in _texts(parameters.get(f"POINT:{key}"))}
    keep = [i for i, label in enumerate(labels) if label not in without]
    if not keep:
        raise ValueError(f"{name}: has no marker among its {points} points")
    return Recording(
        np.ascontiguousarray(joints[None, :, keep], np.float32),
        layout_from_names(Path(name).stem, [labels[i] for i in keep]),
        frame_rate=_rate(parameters, float(rate), order, is_dec),
        unit=_unit(parameters),
        up=_up(parameters),
        name=Path(name).stem,
    )


def _at(block: int) -> int:
    """The place of a block; they are counted from one."""
    return max(block - 1, 0) * _BLOCK


def _reals(raw: bytes, order: str, is_dec: bool) -> NDArray[np.float32]:
    if is_dec:  # the halves are swapped, and exponents are higher by two
        swapped = np.frombuffer(raw, "<u2").reshape(-1, 2)[:, ::-1]
        return np.ascontiguousarray(swapped).view(np.float32)[:, 0] / np.float32(4)
    return np.frombuffer(raw, f"{order}f4").astype(np.float32)


def _parameters(data: bytes, start: int, name: str) -> tuple[str, bool, dict[str, _Parameter]]:
    """The byte order, whether reals are those of DEC, and the parameters as GROUP:NAME."""
    if len(data) < start + _BLOCK or data[start + 1] != 0x50:
        raise ValueError(f"{name}: has no parameters of C3D at byte {start}")
    processor = data[start + 3]
    if processor not in _ORDERS:
        raise ValueError(f"{name}: expected processor {list(_ORDERS)}, got {processor}")
    order, end = _ORDERS[processor], start + data[start + 2] * _BLOCK
    groups: dict[int, str] = {}
    found: list[tuple[int, str, _Parameter]] = []
    at = start + 4
    while 0 < at < min(end, len(data) - 4):
        size, group = struct.unpack_from("bb", data, at)
        size = abs(size)
        if not size or not group:
            break
        text = data[at + 2 : at + 2 + size].decode("latin-1").strip().upper()
        place = at + 2 + size
        (step,) = struct.unpack_from(f"{order}H", data, place)
        if group < 0:
            groups[-group] = text
        else:
            found.append((group, text, _parameter(data, place + 2, f"{name}: {text[:40]!a}")))
        if not step:
            break
        at = place + step
    return order, processor == _DEC, {f"{groups.get(g)}:{key}": entry for g, key, entry in found}


def _parameter(data: bytes, at: int, where: str) -> _Parameter:
    kind, count = struct.unpack_from("bB", data, at)
    shape = tuple(data[at + 2 : at + 2 + count])
    start = at + 2 + count
    content = data[start : start + prod(shape) * abs(kind)]
    if kind not in (-1, 1, 2, 4) or count > 7 or len(content) != prod(shape) * abs(kind):
        raise ValueError(f"{where}: is a damaged parameter")
    return _Parameter(kind, shape, content)


def _texts(entry: _Parameter | None) -> list[str]:
    if entry is None or entry.kind != -1 or not entry.shape:
        return []
    width = entry.shape[0]
    count = prod(entry.shape[1:])
    return [
        entry.data[i * width : (i + 1) * width].decode("latin-1").strip(" \0") for i in range(count)
    ]


def _labels(parameters: dict[str, _Parameter], points: int) -> list[str]:
    """The label of each point; more than 255 are in POINT:LABELS2 and so on."""
    labels = _texts(parameters.get("POINT:LABELS"))
    for number in range(2, 1 + -(-points // 255)):
        labels += _texts(parameters.get(f"POINT:LABELS{number}"))
    labels = (labels + [""] * points)[:points]
    seen: set[str] = set()
    for i, label in enumerate(labels):
        labels[i] = label if label and label not in seen else f"{label or 'point'}#{i}"
        seen.add(labels[i])
    return labels


def _rate(
    parameters: dict[str, _Parameter], header: float, order: str, is_dec: bool
) -> float | None:
    entry = parameters.get("POINT:RATE")
    rate = header
    if entry is not None and entry.kind == 4 and len(entry.data) == 4:
        rate = float(_reals(entry.data, order, is_dec)[0])
    return rate if 0 < rate < 1e6 else None


def _unit(parameters: dict[str, _Parameter]) -> Unit | None:
    text = "".join(_texts(parameters.get("POINT:UNITS"))[:1]).lower()
    return next((unit for unit in UNITS[:4] if unit == _UNITS.get(text, text)), None)


def _up(parameters: dict[str, _Parameter]) -> Axis | None:
    text = "".join(_texts(parameters.get("POINT:Y_SCREEN"))[:1]).lower().lstrip("+")
    return next((axis for axis in AXES if axis == text), None)
