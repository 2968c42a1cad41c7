"""Text files with some numbers in each line."""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import check_regular_file

_MAX_BYTES = 64 << 20


def read_number_lines(path: str | os.PathLike[str], size: int) -> NDArray[np.float64]:
    """The numbers of a text file, separated by spaces, tabs or commas, as many in each line.

    Empty lines are passed over.

    Args:
        path (str or PathLike): The file.
        size (int): How many numbers a line has.

    Returns:
        The numbers, :math:`(N, D)`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is empty or too large, or a line has other than ``size`` finite numbers;
            the message names file and line.
    """
    name = check_regular_file(path, "a text file of numbers", _MAX_BYTES)
    with open(name, "rb") as file:
        table = parse_number_lines(file, size, name)
    if not len(table):
        raise ValueError(f"{name}:1: the file is empty")
    return table


def parse_number_lines(
    lines: Iterable[bytes], size: int, name: str, first: int = 1
) -> NDArray[np.float64]:
    """The same for lines that are read already.

    Args:
        lines (iterable of bytes): The lines.
        size (int): How many numbers a line has.
        name (str): The file, for messages.
        first (int, optional): The number of the first line. (default: :obj:`1`)
    """
    rows = array("d")
    for number, line in enumerate(lines, start=first):
        fields = line.replace(b",", b" ").split(None, size)
        if not fields:
            continue
        if len(fields) != size:
            got = len(fields) if len(fields) < size else "more"
            raise ValueError(f"{name}:{number}: expected {size} numbers, got {got}")
        try:
            row = [float(field) for field in fields]
        except ValueError:
            row = [math.nan]
        if not all(map(math.isfinite, row)):
            shown = ascii(b" ".join(fields)[:40].decode("latin-1"))
            raise ValueError(f"{name}:{number}: expected {size} finite numbers, got {shown}")
        rows.extend(row)
    return np.array(rows).reshape(-1, size)
