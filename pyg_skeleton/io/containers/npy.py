"""A NumPy array in a file of its own."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import check_regular_file, reader
from pyg_skeleton.io.containers.npz import read_npy_header
from pyg_skeleton.io.containers.plain_array import plain_dtype


@reader("an .npy file")
def read_npy(path: str | os.PathLike[str]) -> NDArray[Any]:
    r"""Reads the numbers of an ``.npy`` file, without executing anything.

    Args:
        path (str or PathLike): The file.

    Returns:
        The array, read-only, and read from the disk when it is used.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file, is cut off, or holds anything but numbers; the message
            names it.
    """
    name = check_regular_file(path, "an .npy file")
    with open(name, "rb") as file:
        code, fortran, shape = read_npy_header(file, name)
        dtype = plain_dtype(code, name)
        offset = file.tell()
    if dtype.kind not in "iuf":
        raise ValueError(f"{name}: expected an array of numbers, got {dtype}")
    have, needed = os.stat(name).st_size - offset, math.prod(shape) * dtype.itemsize
    if have != needed:
        raise ValueError(f"{name}: announces {needed:,} bytes of numbers, has {have:,}")
    order: Any = "F" if fortran else "C"
    if not needed:
        return np.empty(shape, dtype, order)
    return np.memmap(name, dtype, "r", offset, shape, order)
