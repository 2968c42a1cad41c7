"""Arrays of numbers in MATLAB's files of version 5 to 7."""

from __future__ import annotations

import os
import struct
import zlib
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import (
    check_memory,
    check_regular_file,
    memory_limit,
    reader,
    shown,
)

_COMPRESSED, _MATRIX = 15, 14
#: The numbers of an element, by its type, and the classes of arrays that hold numbers.
_NUMBERS = {
    **{1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4"},
    **{7: "f4", 9: "f8", 12: "i8", 13: "u8"},
}
_CLASSES = {
    **{6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2"},
    **{12: "i4", 13: "u4", 14: "i8", 15: "u8"},
}
_COMPLEX = 0x08


@reader("a MAT file")
def read_mat(path: str | os.PathLike[str], key: str) -> NDArray[Any]:
    """Reads one array of numbers from a MAT file.

    SciPy's reader ends the process on cells that are nested some ten thousand times. Here only the
    outermost arrays are looked at, and those of another class than numbers are passed over.

    Args:
        path (str or PathLike): The file.
        key (str): The name of the array.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such file, is damaged or cut off, takes more memory than
            :func:`~pyg_skeleton.io.memory_limit` allows, or has no such array.
    """
    name = check_regular_file(path, "a MAT file")
    with open(name, "rb") as file:
        data = memoryview(file.read())
    order = {b"IM": "<", b"MI": ">"}.get(bytes(data[126:128]))
    if order is None or len(data) < 128:
        raise ValueError(f"{name}: is not a MAT file of version 5 to 7")
    limit = memory_limit(len(data))
    at = 128
    while at < len(data):
        kind, content, at = _element(data, at, order)
        if kind == _COMPRESSED:
            content = _inflate(content, name, limit)
            kind, content, _ = _element(content, 0, order)
        if kind == _MATRIX:
            found = _read_matrix(content, order, key, f"{name}: {key}")
            if found is not None:
                return found
    raise ValueError(f"{name}: has no array {key}")


def _element(data: memoryview, at: int, order: str) -> tuple[int, memoryview, int]:
    """The type and the content of an element, and the place behind it."""
    kind, size = struct.unpack_from(order + "II", data, at)
    if kind >> 16:  # up to four bytes, which stand in the place of their number
        kind, size, begin, end = kind & 0xFFFF, kind >> 16, at + 4, at + 8
    else:
        begin = at + 8
        end = begin + size
        if kind != _COMPRESSED:
            end += -size % 8
    if begin + size > min(len(data), end):
        raise ValueError("it is cut off")
    return kind, data[begin : begin + size], end


def _inflate(data: memoryview, name: str, limit: int) -> memoryview:
    stream = zlib.decompressobj()
    content = stream.decompress(data, limit)
    if stream.unconsumed_tail:
        check_memory(name, limit + 1, limit)
    return memoryview(content)


def _read_matrix(data: memoryview, order: str, key: str, where: str) -> NDArray[Any] | None:
    """The array if it has this name."""
    _, flags, at = _element(data, 0, order)
    kind, sizes, at = _element(data, at, order)
    _, name, at = _element(data, at, order)
    if bytes(name) != key.encode():
        return None
    (flag,) = struct.unpack_from(order + "I", flags)
    shape = np.frombuffer(sizes, order + "i4").tolist()
    if flag & 0xFF not in _CLASSES or flag >> 8 & _COMPLEX:
        raise ValueError(f"{where}: expected an array of real numbers, got the class {flag & 0xFF}")
    kind, numbers, _ = _element(data, at, order)
    if kind not in _NUMBERS or min(shape, default=-1) < 0:
        raise ValueError(f"{where}: expected an array of real numbers, got the type {kind}")
    flat = np.frombuffer(numbers, order + _NUMBERS[kind])
    if prod(shape) != flat.size:
        raise ValueError(f"{where}: has {flat.size} numbers, expected {shown(shape)}")
    return flat.astype(_CLASSES[flag & 0xFF]).reshape(shape, order="F")
