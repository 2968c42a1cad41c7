"""Clips of different lengths and numbers of persons in one memory-mapped file."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.json_file import read_json

INDEX, ITEM = "index.json", 4
FORMAT = "pyg_skeleton.clips/3"


def data_name(identity: str) -> str:
    """The name of the file with the numbers of a store."""
    return f"clips-{identity}.f32"


def identity_of(index: Mapping[str, Any]) -> str:
    """The digest of an index, which has the checksums of the clips."""
    content = {key: value for key, value in index.items() if key != "identity"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


class ClipStore(Sequence[NDArray[np.float32]]):
    r"""Clips in one memory-mapped file; a clip is read from the disk when it is used.

    A store is a folder with the numbers of all clips one after the other, as little-endian 32-bit
    floats, and an index in JSON. :func:`~pyg_skeleton.io.write_clip_store` makes it. Processes that
    have it open share the memory.

    The file of numbers is named after the content of the store. A worker process that opens the
    store again, in a folder that meanwhile holds another one, gets an error instead of other clips.
    Each clip has a checksum, which is verified when it is first read; that of the index, with names
    and labels, is verified when the store is opened.

    PyG keeps processed data sets in ``processed_dir`` as one tensor for each attribute, which every
    process loads as a whole. NTU RGB+D 120 has 114,480 clips of 1 to 300 frames, 20 GB, of which an
    epoch of a worker reads a part: hence a file that is mapped and not loaded.

    Args:
        path (str or PathLike): The folder.
        verify (bool, optional): Verifies all checksums at once. (default: :obj:`False`)

    Shapes:
        - **items:** :math:`(M, V, T, C)`, read-only

    Raises:
        FileNotFoundError: If there is no store.
        ValueError: If it is damaged; the message names the file and the clip.
    """

    def __init__(self, path: str | os.PathLike[str], verify: bool = False) -> None:
        self.path = Path(path)
        index = read_json(self.path / INDEX, max_bytes=1 << 30)
        where = str(self.path / INDEX)
        if not isinstance(index, dict) or index.get("format") != FORMAT:
            raise ValueError(f"{where}: is not the index of a store, expected {FORMAT!r} as format")
        try:
            #: Identifies the content.
            self.identity = str(index["identity"])
            self.num_joints, self.num_channels = int(index["joints"]), int(index["channels"])
            self.info: dict[str, Any] = dict(index["info"])
            clips = index["clips"]
            self.names: list[str] = [str(name) for name in clips["name"]]
            columns = [clips[key] for key in ("label", "persons", "frames", "checksum")]
            table = np.array(columns, dtype=np.int64).reshape(4, len(self.names))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise ValueError(f"{where}: lacks a key or has it in another form") from None
        #: The class of each clip, ``[N]``.
        self.labels: NDArray[np.int64] = table[0]
        #: The numbers of persons and frames of each clip, ``[N, 2]``.
        self.shapes: NDArray[np.int64] = table[1:3].T
        self._checksums: NDArray[np.int64] = table[3]
        each = self.num_joints * self.num_channels
        if each < 1 or not ((self.shapes > 0) & (self.shapes < (1 << 40) // each)).all():
            raise ValueError(f"{where}: has a clip without persons, frames, joints or channels")
        sizes = self.shapes.prod(1) * each
        self._starts = np.cumsum(sizes) - sizes
        self._open()
        have, needed = os.stat(self._data).st_size, int(sizes.sum()) * ITEM
        if have != needed:
            raise ValueError(f"{self._data}: has {have:,} bytes, expected {needed:,} by its index")
        if self.identity != identity_of(index):
            raise ValueError(f"{where}: is damaged; delete {self.path} to make it again")
        if verify:
            for idx in range(len(self)):
                self[idx]

    @property
    def _data(self) -> Path:
        return self.path / data_name(self.identity)

    def _open(self) -> None:
        if not self._data.is_file():
            raise ValueError(
                f"{self.path}: another store has replaced the one of identity {self.identity}; "
                f"make the data set again, or keep its store in a folder of its own"
            )
        empty = np.empty(0, np.float32)
        self._numbers = np.memmap(self._data, dtype="<f4", mode="r") if len(self) else empty
        self._verified = np.zeros(len(self), bool)

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, idx: Any) -> Any:
        persons, frames = self.shapes[idx].tolist()
        shape = (persons, self.num_joints, frames, self.num_channels)
        start = self._starts[idx]
        clip = self._numbers[start : start + persons * frames * shape[1] * shape[3]]
        if not self._verified[idx]:
            if zlib.crc32(clip.data) != self._checksums[idx]:
                raise ValueError(
                    f"{self._data}: clip {self.names[idx]!r} differs from its checksum: the file "
                    f"is damaged; delete {self.path} to make it again"
                )
            self._verified[idx] = True
        return clip.view(np.ndarray).reshape(shape)

    def __getstate__(self) -> dict[str, Any]:
        # Worker processes map the file again, instead of getting a copy of all of it.
        left_out = ("_numbers", "_verified")
        return {key: value for key, value in self.__dict__.items() if key not in left_out}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({str(self.path)!r}, clips={len(self)})"
