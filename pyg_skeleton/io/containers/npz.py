"""NumPy's archives, with objects in them read safely."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterable
from typing import IO, Any

from pyg_skeleton.io.containers.files import (
    DAMAGED,
    check_memory,
    check_regular_file,
    memory_limit,
    reading,
)
from pyg_skeleton.io.containers.plain_array import plain_array, plain_dtype
from pyg_skeleton.io.containers.restricted_pickle import read_restricted_pickle

_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    r"\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9L, ]*)\),? ?\}\s*"
)
_MAX_HEADER = 10_000
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_npz(
    path: str | os.PathLike[str], keys: Iterable[str] | None = None, max_bytes: int | None = None
) -> dict[str, Any]:
    r"""Reads members of an ``.npz`` archive: arrays of numbers, and objects without executing them.

    Objects (dicts of arrays, say) are stored as pickles; they are read by
    :func:`~pyg_skeleton.io.read_restricted_pickle`, and :obj:`numpy.load` with
    :obj:`allow_pickle=True` is never called. An object that was stored alone comes as what it is,
    not in an array without dimensions. Arrays are read-only.

    Args:
        path (str or PathLike): The archive.
        keys (iterable of str, optional): The members to read; all if :obj:`None`.
            (default: :obj:`None`)
        max_bytes (int, optional): The most memory that the members may take together. By default
            64 MiB and 8 bytes for each byte of the archive, see
            :func:`~pyg_skeleton.io.memory_limit`. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such archive, is damaged or cut off, lacks one of the keys, holds
            anything but numbers and plain containers, or unpacks to too much; the message is one
            line with the file and the key.
    """
    name = check_regular_file(path, "an .npz archive")
    limit = memory_limit(os.stat(name).st_size) if max_bytes is None else max_bytes
    with reading(name, "an .npz archive"), zipfile.ZipFile(name) as archive:
        members = {
            info.filename.removesuffix(".npy"): info
            for info in archive.infolist()
            if info.filename.endswith(".npy")
        }
        wanted = list(members if keys is None else keys)
        for key in wanted:
            if key not in members:
                found = ", ".join(ascii(key) for key in sorted(members)[:8]) or "nothing"
                raise ValueError(f"{name}: has no {key!r}, only {found}")
        out = {}
        for key in wanted:
            check_memory(f"{name}: {key}", members[key].file_size, limit)
            limit -= members[key].file_size
            with reading(f"{name}: {key}", "a NumPy array"):
                out[key] = _read(archive, members[key], f"{name}: {key}", limit)
        return out


def npz_keys(path: str | os.PathLike[str]) -> set[str]:
    """The names of the members of an ``.npz`` archive, none if it is no archive."""
    name = check_regular_file(path, "an .npz archive")
    try:
        with zipfile.ZipFile(name) as archive:
            return {n.removesuffix(".npy") for n in archive.namelist() if n.endswith(".npy")}
    except DAMAGED:
        return set()


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, limit: int) -> Any:
    if info.compress_type not in _COMPRESSIONS:
        raise ValueError(f"{name}: is compressed in an unknown way, expected none or deflate")
    with archive.open(info) as file:
        code, fortran, shape = read_npy_header(file, name)
        dtype = plain_dtype(code, name)
        if dtype.hasobject:
            value = read_restricted_pickle(file, name, limit)
            return value.item() if getattr(value, "shape", None) == () else value
        return plain_array(file.read(), dtype, shape, fortran, name)


def read_npy_header(file: IO[bytes], name: str) -> tuple[str, bool, tuple[int, ...]]:
    """Type, order and shape. NumPy would evaluate the header as Python; only its form is read."""
    start = file.read(len(_MAGIC) + 2)
    width = {1: 2, 2: 4}.get(start[-2] if len(start) == len(_MAGIC) + 2 else 0)
    if start[:-2] != _MAGIC or width is None:
        raise ValueError(f"{name}: is not a NumPy array, format 1 or 2")
    size = int.from_bytes(file.read(width), "little")
    text = file.read(min(size, _MAX_HEADER)).decode("latin-1")
    match = _HEADER.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{name}: has the header {text[:40]!a}, expected that of an array of numbers"
        )
    code, fortran, sizes = match.groups()
    try:
        shape = tuple(int(size.strip(" L")) for size in sizes.split(",") if size.strip())
    except ValueError:
        raise ValueError(f"{name}: has the shape ({sizes[:40]})") from None
    return code, fortran == "True", shape
