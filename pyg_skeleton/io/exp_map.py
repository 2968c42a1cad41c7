"""Exponential-map text files: one frame a row, comma-separated, radians, no header."""

from __future__ import annotations

import io
import os
import re
import warnings
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pyg_skeleton.io.containers.files import check_regular_file, reader
from pyg_skeleton.whole_file import write_text

_ALLOWED = b"0123456789+-.eE, \t\n"
_NUMBER = re.compile(rb"[ \t]*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[ \t]*")


@reader("a table of comma-separated numbers")
def read_exp_map(
    path: str | os.PathLike[str], num_columns: int | None = None
) -> NDArray[np.float64]:
    r"""Reads a text file of comma-separated numbers, all rows or none.

    This is the format in which Human3.6M and CMU Mocap circulate for motion prediction: three
    columns of root translation, then three columns of axis-angle (exponential map) for each joint.
    About 50 MB a second; a number is read to its nearest double.

    Args:
        path (str or PathLike): The file.
        num_columns (int, optional): How many numbers each row must have (99 in Human3.6M, 117 in
            CMU Mocap). If :obj:`None`, the first row says it. (default: :obj:`None`)

    Shapes:
        - **output:** :math:`(T, D)`, radians (and the file's own unit of length in the translation)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a regular file, is empty, or has a row that is empty or of another
            length, or a cell that is not a finite number; the message names file and line.

    Warns:
        UserWarning: If the last line has no line end: the file may have been cut off inside its
            last number, which nothing else would show.
    """
    name = os.fspath(path)
    data = _read_bytes(name)
    ended, data = data.endswith(b"\n"), data.rstrip(b"\n")
    # NumPy's reader is exact and refuses ragged rows; what it would let pass is looked for first.
    # Only when something is wrong is the file gone through line by line, to say where.
    if not data.translate(None, _ALLOWED) and not data.startswith(b"\n") and b"\n\n" not in data:
        try:
            table = np.loadtxt(io.BytesIO(data), delimiter=",", comments=None, ndmin=2)
        except ValueError:
            pass
        else:
            if num_columns in (None, table.shape[1]) and np.isfinite(table).all():
                if not ended:
                    warnings.warn(
                        f"{name}:{len(table)}: the last line has no line end, its last number "
                        f"may be cut off",
                        stacklevel=3,
                    )
                return table
    raise ValueError(_first_fault(name, data, num_columns))


def write_exp_map(path: str | os.PathLike[str], table: ArrayLike) -> None:
    r"""Writes a table of numbers so that :func:`read_exp_map` gives back exactly the same doubles.

    The file appears whole or not at all: it is written under another name and then renamed.

    Args:
        path (str or PathLike): The file, in a directory that exists.
        table (ArrayLike): The numbers.

    Shapes:
        - **table:** :math:`(T, D)`

    Raises:
        ValueError: If the table is not two-dimensional, is empty or holds NaN or infinity.
    """
    array = np.asarray(table, dtype=np.float64)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"table must be [T, D] and not empty, got {list(array.shape)}")
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"table[{row}, {column}] is {array[row, column]}, not a finite number")
    rows: list[list[Any]] = array.tolist()
    text = "".join(",".join(map(repr, row)) + "\n" for row in rows)
    write_text(text, path, newline="\n")


def _read_bytes(name: str) -> bytes:
    with open(check_regular_file(name, "a text file"), "rb") as file:
        data = file.read().replace(b"\r\n", b"\n")
    if not data.strip():
        raise ValueError(f"{name}:1: the file is empty")
    return data


def _first_fault(name: str, data: bytes, num_columns: int | None) -> str:
    """The message for the first line that is not as it must be."""
    expected, why = num_columns, ""
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            return f"{name}:{number}: the line is empty"
        cells = line.split(b",")
        for column, cell in enumerate(cells, start=1):
            if not _NUMBER.fullmatch(cell) or not np.isfinite(float(cell)):
                shown = cell if len(cell) <= 20 else cell[:20] + b"..."
                text = shown.decode("utf-8", errors="backslashreplace")
                return f"{name}:{number}: column {column} is not a finite number: {text!r}"
        if expected is None:
            expected, why = len(cells), " as in line 1"
        if len(cells) != expected:
            return f"{name}:{number}: expected {expected} columns{why}, got {len(cells)}"
    return f"{name}: not a table of comma-separated numbers"
