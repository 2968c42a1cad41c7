"""Clips as tables of comma-separated values."""

from __future__ import annotations

import csv
import math
import os
import re
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_memory, check_regular_file, memory_limit, reader
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton import Skeleton, list_skeletons
from pyg_skeleton.skeleton.joint_names import layout_from_names
from pyg_skeleton.whole_file import whole_file

_MAX_BYTES, _MAX_JOINTS, _MAX_PERSONS = 2 << 30, 1000, 1000
_DELIMITERS = ",;\t"
_SCORES = ("confidence", "score", "likelihood", "visibility")
_MISSING = ("", "nan", "na", "null", "none")
#: The numbers of a joint, in the order of a recording.
_KINDS = ("x", "y", "z", "confidence")
_WIDE = re.compile(rf"(.+?)[_. ]([xyz]|{'|'.join(_SCORES)})", re.IGNORECASE)


def is_csv(probe: Probe) -> bool:
    """Whether a file begins with the names of columns, tidy or wide."""
    if b"\0" in probe.head[:1024]:
        return False
    names = _header(probe.first_line)
    return _is_tidy(names) or len(_wide_columns(names)) > 0


@reader("a CSV table of joints")
def read_csv(path: str | os.PathLike[str]) -> Recording:
    r"""Reads a table whose first line names the columns, separated by commas, semicolons or tabs.

    A tidy table has a row for each joint: :obj:`frame`, :obj:`person` (one if missing),
    :obj:`joint`, :obj:`x`, :obj:`y`, perhaps :obj:`z`, and perhaps :obj:`confidence` (or
    :obj:`score`, :obj:`likelihood`, :obj:`visibility`) from 0 to 1. A column :obj:`parent` names
    the bones. A wide table has a row for each frame (and person), with columns
    :obj:`left_hip_x`, :obj:`left_hip_y`, :obj:`left_hip_z`, :obj:`left_hip_confidence` and so on.
    Other columns are passed over.

    Frames are whole numbers; those that are not there have no joints. Without :obj:`frame`, each
    row of a wide table is the next one of its person. A column :obj:`time` in seconds tells the
    frame rate. An empty cell, NaN, NA, null or none is a missing joint. Unit and axes are not part
    of the table.

    If the joints are those of a layout of this package, in its order (and with its bones), the
    recording has this layout. Otherwise they are connected as in the body, see
    :func:`~pyg_skeleton.skeleton.layout_from_names`.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If a row has another number of cells, a cell is no number, or a joint is there
            twice; the message names file and line.
    """
    name = check_regular_file(path, "a CSV table", _MAX_BYTES)
    with open(name, encoding="utf-8-sig", errors="replace", newline="") as file:
        first = file.readline(1 << 20)
        table = _Table(_header(first), name)
        rows = csv.reader(file, delimiter=_delimiter(first))
        number = 1
        try:
            for number, row in enumerate(rows, start=2):
                if row:
                    table.add([cell.strip() for cell in row], number)
        except csv.Error as error:
            raise ValueError(f"{name}:{number + 1}: is not a table: {error}") from None
    return table.recording()


def write_csv(path: str | os.PathLike[str], recording: Recording) -> None:
    """Writes a recording as a tidy table, whole or not at all.

    The columns are frame, time (if the frame rate is known), person, joint, parent, x, y, z, and
    confidence (if there is one); missing joints have empty cells. Unit, axes and the size of the
    picture are not written.

    Args:
        path (str or PathLike): The file.
        recording (Recording): The recording, with two or three channels.

    Raises:
        ValueError: If it has another number of channels.
    """
    M, T, V, C = recording.joints.shape
    if C not in (2, 3):
        raise ValueError(f"a CSV table has joints of x, y and perhaps z, got {C} channels")
    skeleton = recording.skeleton
    parents = ["" if p < 0 else skeleton.joints[p] for p in skeleton.parents]
    persons = recording.persons or tuple(range(M))
    rate, scores = recording.frame_rate, recording.confidence
    joints = recording.joints.tolist()
    confidence = None if scores is None else scores.tolist()
    with whole_file(path) as partial, open(partial, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        timed = [] if rate is None else ["time"]
        scored = [] if scores is None else ["confidence"]
        out.writerow(["frame", *timed, "person", "joint", "parent", *"xyz"[:C], *scored])
        for t in range(T):
            when = [] if rate is None else [f"{t / rate:.9g}"]
            for m in range(M):
                for v in range(V):
                    row = [t, *when, persons[m], skeleton.joints[v], parents[v]]
                    row += [f"{x:.9g}" if x == x else "" for x in joints[m][t][v]]
                    row += [] if confidence is None else [f"{confidence[m][t][v]:.9g}"]
                    out.writerow(row)


def _delimiter(line: str) -> str:
    return max(_DELIMITERS, key=line.count)


def _header(line: str) -> list[str]:
    line = line.strip("\ufeff\r\n")
    try:
        names = next(csv.reader([line], delimiter=_delimiter(line)), [])
    except csv.Error:  # a line end in the middle
        return []
    return [name.strip() for name in names]


def _is_tidy(names: Sequence[str]) -> bool:
    return {"frame", "joint", "x", "y"} <= {name.lower() for name in names}


def _wide_columns(names: Sequence[str]) -> dict[str, dict[str, int]]:
    """The columns of each joint that has x and y."""
    joints: dict[str, dict[str, int]] = {}
    for column, name in enumerate(names):
        if match := _WIDE.fullmatch(name):
            kind = match[2].lower()
            joints.setdefault(match[1], {})["confidence" if kind in _SCORES else kind] = column
    return {joint: columns for joint, columns in joints.items() if {"x", "y"} <= set(columns)}


class _Table:
    """The numbers of a table, row by row."""

    def __init__(self, names: list[str], name: str) -> None:
        lower = [column.lower() for column in names]
        self._name, self._width = name, len(names)
        keys = ["frame", "time", "person"]
        if _is_tidy(names):
            keys += ["joint", "parent"]
            kinds = {"confidence" if key in _SCORES else key: key for key in lower}
            numbers = {kind: lower.index(kinds[kind]) for kind in _KINDS if kind in kinds}
            self._groups = {"": numbers}
        else:
            self._groups = _wide_columns(names)
        self._columns = {key: lower.index(key) for key in keys if key in lower}
        found = {tuple(k for k in _KINDS if k in columns) for columns in self._groups.values()}
        if len(found) != 1:
            shown = "other columns for some joints" if found else repr(", ".join(names)[:80])
            raise ValueError(f"{name}:1: expected columns x, y, ... of each joint, got {shown}")
        self._kinds = found.pop()
        self._persons: dict[str, int] = {}
        self._joints: dict[str, int] = {}
        self._parents: dict[str, str] = {}
        self._times: dict[int, float] = {}
        self._rows: dict[int, int] = {}
        #: The line, frame, person and joint of each entry of values.
        self._places = array("q")
        self._values = array("d")

    def add(self, row: list[str], line: int) -> None:
        where = f"{self._name}:{line}"
        if len(row) != self._width:
            raise ValueError(f"{where}: expected {self._width} cells, got {len(row)}")
        cells = {key: row[column] for key, column in self._columns.items()}
        name = cells.get("person", "")
        person = _number_of(name, self._persons, _MAX_PERSONS, f"{where}: person")
        frame = self._rows.get(person, 0)
        self._rows[person] = frame + 1
        if "frame" in cells:
            frame = _whole(cells["frame"], f"{where}: frame")
        if "time" in cells and frame not in self._times:
            self._times[frame] = _real(cells["time"], f"{where}: time")
        for joint, columns in self._groups.items():
            joint = joint or cells["joint"]
            if not joint:
                raise ValueError(f"{where}: expected the name of a joint")
            number = _number_of(joint, self._joints, _MAX_JOINTS, f"{where}: joint")
            self._places.extend((line, frame, person, number))
            self._values.extend(_real(row[columns[k]], f"{where}: {k}") for k in self._kinds)
        if cells.get("parent"):
            self._parents[cells["joint"]] = cells["parent"]

    def recording(self) -> Recording:
        name = self._name
        if not self._places:
            raise ValueError(f"{name}:2: the table has no rows")
        lines, frames, persons, joints = np.array(self._places).reshape(-1, 4).T
        first = int(frames.min())
        shape = (len(self._persons), int(frames.max()) - first + 1, len(self._joints))
        limit = memory_limit(os.stat(name).st_size)
        check_memory(name, 8 * math.prod(shape) * len(self._kinds), limit)
        places = np.ravel_multi_index((persons, frames - first, joints), shape)
        _, unique = np.unique(places, return_index=True)
        if len(unique) < len(places):
            again = int(np.setdiff1d(np.arange(len(places)), unique)[0])
            joint = list(self._joints)[joints[again]]
            raise ValueError(f"{name}:{lines[again]}: {joint[:40]!a} is there twice in this frame")
        flat = np.full((math.prod(shape), len(self._kinds)), np.nan, np.float32)
        flat[places] = np.array(self._values, np.float32).reshape(-1, len(self._kinds))
        table = flat.reshape(*shape, -1)
        scores, channels = None, len(self._kinds)
        if self._kinds[-1] == "confidence":
            channels -= 1
            scores = np.nan_to_num(table[..., -1])
            if scores.min() < 0 or scores.max() > 1:
                raise ValueError(
                    f"{name}: confidence: expected numbers from 0 to 1, got {scores.min():g} to "
                    f"{scores.max():g}"
                )
        return Recording(
            np.ascontiguousarray(table[..., :channels]),
            self._layout(),
            frame_rate=_rate(self._times),
            confidence=scores,
            persons=_ids(list(self._persons)),
            name=Path(name).stem,
        )

    def _layout(self) -> str | dict[str, Any]:
        joints = tuple(self._joints)
        for child, parent in self._parents.items():
            if parent not in self._joints:
                raise ValueError(
                    f"{self._name}: parent: no joint {parent[:40]!a}, as of {child[:40]!a}"
                )
        for layout in map(Skeleton.get, list_skeletons()):
            bones = {(layout.joints[a], layout.joints[b]) for a, b in layout.bones}
            if layout.joints == joints and self._parents.items() in ({}.items(), bones):
                return layout.name
        return layout_from_names(Path(self._name).stem, joints, self._parents.items())


def _number_of(text: str, known: dict[str, int], most: int, where: str) -> int:
    if text not in known and len(known) == most:
        raise ValueError(f"{where}: expected up to {most} of them, got {text[:40]!a}")
    return known.setdefault(text, len(known))


def _whole(text: str, where: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,15}(\.0*)?", text):
        raise ValueError(f"{where}: expected a whole number, got {text[:40]!a}")
    return int(text.partition(".")[0])


def _real(text: str, where: str) -> float:
    if text.lower() in _MISSING:
        return math.nan
    try:
        value = float(text) if "_" not in text else math.inf
    except ValueError:
        value = math.inf
    if not abs(value) <= LARGEST:
        raise ValueError(f"{where}: expected a number up to {LARGEST:g}, got {text[:40]!a}")
    return value


def _ids(persons: list[str]) -> tuple[int | str, ...]:
    """Numbers if all are: 7 is one, and 007 a name."""
    if persons == [""]:
        return ()
    if all(re.fullmatch("0|[1-9][0-9]{0,15}", person) for person in persons):
        return tuple(map(int, persons))
    return tuple(persons)


def _rate(times: dict[int, float]) -> float | None:
    """Frames per second, rounded to the six digits that tables have of times."""
    known = {frame: time for frame, time in times.items() if not math.isnan(time)}
    if len(known) < 2:
        return None
    first, last = min(known), max(known)
    seconds = known[last] - known[first]
    return float(f"{(last - first) / seconds:.6g}") if seconds > 0 else None
