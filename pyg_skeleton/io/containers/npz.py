"""NumPy's archives, with objects in them read safely."""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO, Any

from pyg_skeleton.io.containers.files import check_regular_file
from pyg_skeleton.io.containers.plain_array import plain_array, plain_dtype
from pyg_skeleton.io.containers.restricted_pickle import read_restricted_pickle

_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    r"\{'descr': '([^']*)', 'fortran_order': (True|False), 'shape': \(([0-9L, ]*)\),? ?\}\s*"
)
_MAX_HEADER = 10_000
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def read_npz(
    path: str | os.PathLike[str], keys: Iterable[str] | None = None, max_bytes: int = 2 << 30
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
        max_bytes (int, optional): The most bytes that a member may unpack to, so that a small file
            cannot fill the memory. (default: 2 GiB)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no such archive, is damaged or cut off, lacks one of the keys, holds
            anything but numbers and plain containers, or unpacks to too much; the message is one
            line with the file and the key.
    """
    name = check_regular_file(path, "an .npz archive")
    try:
        with zipfile.ZipFile(name) as archive:
            members = {
                info.filename.removesuffix(".npy"): info
                for info in archive.infolist()
                if info.filename.endswith(".npy")
            }
            wanted = list(members if keys is None else keys)
            for key in wanted:
                if key not in members:
                    found = ", ".join(ascii(key) for key in sorted(members)[:8]) or "nothing"
                    raise _Refused(f"{name}: has no {key!r}, only {found}")
            return {
                key: _read(archive, members[key], f"{name}: {key}", max_bytes) for key in wanted
            }
    except _Refused:
        raise
    # What zipfile raises for damaged files, in any part of it.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
    raise ValueError(f"{name}: is not an .npz archive or is damaged: {reason}")


class _Refused(ValueError):
    """An error whose message is complete."""


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, max_bytes: int) -> Any:
    if info.file_size > max_bytes:
        raise _Refused(f"{name}: unpacks to {info.file_size:,} bytes, expected up to {max_bytes:,}")
    if info.compress_type not in _COMPRESSIONS:
        raise _Refused(f"{name}: is compressed in an unknown way, expected none or deflate")
    with archive.open(info) as file:
        try:
            code, fortran, shape = read_npy_header(file)
            dtype = plain_dtype(code)
            if dtype.hasobject:
                value = read_restricted_pickle(file, name)
                return value.item() if getattr(value, "shape", None) == () else value
            return plain_array(file.read(), dtype, shape, fortran)
        except ValueError as error:
            message = str(error)
            raise _Refused(message if message.startswith(name) else f"{name}: {message}") from None


def read_npy_header(file: IO[bytes]) -> tuple[str, bool, tuple[int, ...]]:
    """Type, order and shape. NumPy would evaluate the header as Python; only its form is read."""
    start = file.read(len(_MAGIC) + 2)
    width = {1: 2, 2: 4}.get(start[-2] if len(start) == len(_MAGIC) + 2 else 0)
    if start[:-2] != _MAGIC or width is None:
        raise ValueError("is not a NumPy array, format 1 or 2")
    size = int.from_bytes(file.read(width), "little")
    text = file.read(min(size, _MAX_HEADER)).decode("latin-1")
    match = _HEADER.fullmatch(text)
    if match is None:
        raise ValueError(f"has the header {text[:40]!a}, expected that of an array of numbers")
    code, fortran, sizes = match.groups()
    try:
        shape = tuple(int(size.strip(" L")) for size in sizes.split(",") if size.strip())
    except ValueError:
        raise ValueError(f"has the shape ({sizes[:40]})") from None
    return code, fortran == "True", shape
