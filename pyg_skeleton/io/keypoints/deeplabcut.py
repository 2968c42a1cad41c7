"""The tables of DeepLabCut."""

from __future__ import annotations

import csv
import math
import os
import pickletools
from array import array
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_regular_file, reader, shown
from pyg_skeleton.io.containers.h5 import open_h5
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton.joint_names import layout_from_names

_MAX_BYTES, _MAX_NAMES = 1 << 29, 4
_COORDS = ("x", "y", "likelihood")


@reader("a table of DeepLabCut")
def read_deeplabcut_csv(path: str | os.PathLike[str]) -> Recording:
    r"""Reads a CSV file of `DeepLabCut
    <https://deeplabcut.github.io/DeepLabCut/docs/standardDeepLabCut_UserGuide.html>`_, with a row
    for each frame.

    The lines at the top name scorer, body part and coordinate of each column, and the individual
    where there are several; the coordinates are x and y in pixels, y down, and the likelihood, from
    0 to 1. Files of labels have no likelihood. An empty cell is a missing body part. The layout is
    that of the body parts; the file says nothing of bones.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the lines at the top are not those, or a cell is not a number; the message
            names the line.
    """
    path = Path(path)
    name = check_regular_file(path, "a CSV file", _MAX_BYTES)
    values = array("f")
    with open(name, encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = enumerate(csv.reader(file), start=1)
        names: dict[str, list[str]] = {}
        for _, cells in islice(lines, _MAX_NAMES):
            names[cells[0] if cells else ""] = cells
            if "coords" in names:
                break
        if not {"scorer", "bodyparts", "coords"} <= set(names):
            raise ValueError(f"{path}:1: expected lines of scorer, bodyparts and coords")
        width = len(names["coords"])
        if any(len(cells) != width for cells in names.values()):
            raise ValueError(f"{path}:1: expected {width} cells in each of the first lines")
        # Labels have one to three columns for the picture.
        first = next((i for i, cell in enumerate(names["coords"]) if cell in _COORDS), width)
        for number, cells in lines:
            if cells:
                if len(cells) != width:
                    raise ValueError(f"{path}:{number}: expected {width} cells, got {len(cells)}")
                values.extend(_cell(cell, f"{path}:{number}") for cell in cells[first:])
    individuals = names.get("individuals", [""] * width)
    columns = list(
        zip(individuals[first:], names["bodyparts"][first:], names["coords"][first:], strict=True)
    )
    return _recording(path, columns, np.array(values, np.float32).reshape(-1, max(1, len(columns))))


def is_deeplabcut_csv(probe: Probe) -> bool:
    """The lines begin with scorer and bodyparts."""
    lines = probe.head.decode("utf-8-sig", "replace").splitlines()[:4]
    starts = [line.partition(",")[0] for line in lines]
    return starts[:1] == ["scorer"] and {"bodyparts", "coords"} <= set(starts)


def is_deeplabcut_h5(probe: Probe) -> bool:
    """An HDF5 file with a table of pandas whose columns have a likelihood."""
    if not probe.head.startswith(b"\x89HDF"):
        return False
    with open_h5(probe.path) as file:
        return any(
            b"likelihood" in file.attribute(f"{key}/table", "values_block_0_kind")
            for key in file.keys("/")
        )


@reader("an HDF5 table of DeepLabCut")
def read_deeplabcut_h5(path: str | os.PathLike[str]) -> Recording:
    r"""Reads an HDF5 file of `DeepLabCut
    <https://deeplabcut.github.io/DeepLabCut/docs/standardDeepLabCut_UserGuide.html>`_, a table that
    pandas wrote; its content is that of :func:`read_deeplabcut_csv`.

    The names of the columns are a pickle, of which only the text is taken and nothing executed.

    Args:
        path (str or PathLike): The file.

    Raises:
        ImportError: If h5py is not installed.
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or has another content.
    """
    path = Path(path)
    with open_h5(path) as file:
        group = next((key for key in file.keys("/") if "table" in file.keys(key)), None)
        if group is None:
            raise ValueError(f"{path}: has no table, only {', '.join(file.keys()) or 'nothing'}")
        values = file.read_field(f"{group}/table", "values_block_0")
        columns = _columns(file.attribute(f"{group}/table", "values_block_0_kind"), str(path))
    return _recording(path, columns, values.astype(np.float32))


def _cell(cell: str, where: str) -> float:
    try:
        value = float(cell or "nan")
    except ValueError:
        value = math.inf
    if abs(value) > LARGEST:
        raise ValueError(f"{where}: expected finite numbers, got {shown(cell)}")
    return value


def _columns(pickled: bytes, where: str) -> list[tuple[str, str, str]]:
    """Individual, body part and coordinate of each column, from a pickled list of tuples of text.

    The pickle is read as a list of instructions: those that make text, remember and recall it, and
    mark the ends of a tuple. Any other is refused.
    """
    stack: list[Any] = []
    memory: dict[Any, Any] = {}
    mark = object()
    for code, argument, _ in pickletools.genops(pickled):
        match code.name:
            case "PROTO" | "FRAME" | "APPENDS" | "APPEND" | "STOP" | "EMPTY_LIST" | "LIST":
                pass
            case "UNICODE" | "BINUNICODE" | "SHORT_BINUNICODE" | "STRING" | "SHORT_BINSTRING":
                stack.append(str(argument))
            case "MARK":
                stack.append(mark)
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                memory[argument] = stack[-1] if stack else None
            case "MEMOIZE":
                memory[len(memory)] = stack[-1] if stack else None
            case "GET" | "BINGET" | "LONG_BINGET":
                stack.append(memory[argument])
            case "TUPLE":
                start = len(stack) - 1 - stack[::-1].index(mark)
                stack[start:] = [tuple(stack[start + 1 :])]
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                size = int(code.name[-1])
                stack[-size:] = [tuple(stack[-size:])]
            case _:
                raise ValueError(f"{where}: the names of the columns have {code.name}")
    found = [entry for entry in stack if isinstance(entry, tuple)]
    if not all(len(names) in (3, 4) and all(isinstance(n, str) for n in names) for names in found):
        raise ValueError(f"{where}: expected columns of scorer, bodyparts and coords")
    return [(names[1] if len(names) == 4 else "", names[-2], names[-1]) for names in found]


def _recording(
    path: Path, columns: list[tuple[str, str, str]], values: NDArray[np.float32]
) -> Recording:
    parts = list(dict.fromkeys(part for _, part, _ in columns))
    individuals = list(dict.fromkeys(who for who, _, _ in columns))
    if values.ndim != 2 or values.shape[1] != len(columns) or not values.size:
        raise ValueError(f"{path}: expected {len(columns)} columns, got {list(values.shape)}")
    table = np.full((len(individuals), len(values), len(parts), 3), np.nan, np.float32)
    for (who, part, coord), column in zip(columns, values.T, strict=True):
        if coord not in _COORDS:
            raise ValueError(
                f"{path}: expected the columns {', '.join(_COORDS)}, got {coord!a:.40}"
            )
        table[individuals.index(who), :, parts.index(part), _COORDS.index(coord)] = column
    joints, likelihood = table[..., :2].copy(), table[..., 2]
    if np.isnan(joints).all():
        raise ValueError(f"{path}: has no body part in any frame")
    missing = np.isnan(joints).any(-1)
    known = not np.isnan(likelihood).all()
    return Recording(
        joints,
        layout_from_names("deeplabcut", parts),
        confidence=np.where(missing, 0, np.nan_to_num(likelihood, nan=1.0)).clip(0, 1)
        if known
        else None,
        persons=tuple(individuals) if individuals != [""] else (),
        unit="px",
        up="-y",
        name=path.stem,
    )
