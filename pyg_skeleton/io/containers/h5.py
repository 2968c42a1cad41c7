"""HDF5 files, which MATLAB writes too, opened without trust."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import (
    check_memory,
    check_regular_file,
    memory_limit,
    reading,
)

#: The most names that a file has, and their length.
_MAX_TEXTS, _MAX_LENGTH = 100_000, 10_000


@contextmanager
def open_h5(path: str | os.PathLike[str]) -> Iterator[H5File]:
    """Opens an HDF5 file to read.

    Raises:
        ImportError: If h5py is not installed.
        FileNotFoundError: If there is no such file.
        ValueError: If it is no HDF5 file or damaged; also for what goes wrong while it is open.
    """
    name = check_regular_file(path, "an HDF5 file")
    try:
        import h5py
    except ImportError:
        raise ImportError(
            f"{name}: to read HDF5 files, install h5py: pip install 'pyg_skeleton[h5]'"
        ) from None
    with reading(name, "an HDF5 file"), h5py.File(name, "r") as file:
        yield H5File(file, name)


class H5File:
    """An open HDF5 file, of which only arrays of numbers inside itself are read."""

    def __init__(self, file: Any, name: str) -> None:
        self._file = file
        self.name = name

    def keys(self, key: str = "/") -> list[str]:
        """The names in a group, none if there is no such group."""
        group = self._find(key)
        return sorted(map(str, group)) if hasattr(group, "keys") else []

    def read(self, *keys: str) -> NDArray[Any]:
        """The first of some arrays that is there.

        Raises:
            ValueError: If none is there, it is empty or unreasonably large, or does not hold
                numbers that lie in this file.
        """
        for key in keys:
            found = self._find(key)
            if found is not None:
                return self._read(found, f"{self.name}: {key}")
        wanted = " or ".join(repr(key) for key in keys)
        raise ValueError(
            f"{self.name}: has no {wanted}, only {', '.join(self.keys()) or 'nothing'}"
        )

    def attribute(self, key: str, name: str) -> bytes:
        """An attribute of an array or a group as bytes, empty if it is not there or no text."""
        found = self._find(key)
        value = None if found is None else found.attrs.get(name)
        if isinstance(value, str):
            return value.encode()
        return bytes(value) if isinstance(value, bytes) else b""

    def read_text(self, key: str) -> list[str]:
        """A list of text, empty if there is no such array.

        Raises:
            ValueError: If it is something else or unreasonably long.
        """
        import h5py

        found = self._find(key)
        if found is None:
            return []
        kind = h5py.check_string_dtype(found.dtype) if isinstance(found, h5py.Dataset) else None
        if kind is None or len(found.shape) != 1:
            raise ValueError(f"{self.name}: {key}: is not a list of text")
        if found.size > _MAX_TEXTS or (kind.length or 0) > _MAX_LENGTH:
            raise ValueError(f"{self.name}: {key}: has {found.size:,} texts, expected fewer")
        return [bytes(text).decode("utf-8", "replace") for text in found[()].tolist()]

    def read_field(self, key: str, field: str) -> NDArray[Any]:
        """A field of numbers of a table with named fields.

        Raises:
            ValueError: If it is not there or does not hold numbers that lie in this file.
        """
        import h5py

        found, where = self._find(key), f"{self.name}: {key}"
        if not isinstance(found, h5py.Dataset) or field not in (found.dtype.names or ()):
            raise ValueError(f"{where}: is not a table with {field!r}")
        if found.dtype[field].base.kind not in "iuf":
            raise ValueError(f"{where}: {field}: is not an array of numbers")
        self._check_stored(found, where)
        array: NDArray[Any] = np.asarray(found[field])
        return array

    def _find(self, key: str) -> Any:
        """Resolves a path step by step, as a link could lead into another file."""
        import h5py

        place = self._file
        for part in key.strip("/").split("/") if key != "/" else []:
            if not isinstance(place, h5py.Group) or part not in place:
                return None
            if not isinstance(place.get(part, getlink=True), h5py.HardLink):
                raise ValueError(f"{self.name}: {key}: is a link, expected an array in this file")
            place = place[part]
        return place

    def _read(self, found: Any, where: str) -> NDArray[Any]:
        import h5py

        if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "biuf":
            raise ValueError(f"{where}: is not an array of numbers")
        self._check_stored(found, where)
        array: NDArray[Any] = np.asarray(found[()])
        return array

    def _check_stored(self, found: Any, where: str) -> None:
        """Refuses numbers that are not in this file, or more than it can hold."""
        if found.is_virtual or found.external:
            raise ValueError(f"{where}: lies in another file, which is not read")
        if not found.shape or found.size == 0:
            raise ValueError(f"{where}: has the shape {list(found.shape or ())}, expected numbers")
        check_memory(where, found.nbytes, memory_limit(os.stat(self.name).st_size))
        # HDF5 makes up what is not in the file, from a fill value.
        chunks = prod(
            -(-n // size) for n, size in zip(found.shape, found.chunks or (), strict=False)
        )
        stored = found.id.get_storage_size()
        if found.id.get_num_chunks() < chunks if found.chunks else stored < found.nbytes:
            raise ValueError(
                f"{where}: has {found.nbytes:,} bytes of numbers, the file holds {stored:,}"
            )
