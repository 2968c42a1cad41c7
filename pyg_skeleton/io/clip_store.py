"""Clips of different lengths and numbers of persons in one memory-mapped file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.json_file import read_json

#: The files of a store, and the bytes of a number.
DATA, INDEX, ITEM = "clips.f32", "index.json", 4
FORMAT = "pyg_skeleton.clips/1"


class ClipStore(Sequence[NDArray[np.float32]]):
    r"""Clips in one memory-mapped file, of which only those are read that are asked for.

    A store is a folder with the numbers of all clips one after the other, as little-endian 32-bit
    floats, and an index in JSON. It appears when it is complete, see
    :func:`~pyg_skeleton.io.write_clip_store`. Processes that have it open share the memory.

    Args:
        path (str or PathLike): The folder.

    Shapes:
        - **items:** :math:`(M, V, T, C)`, read-only

    Raises:
        FileNotFoundError: If there is no store.
        ValueError: If it is damaged; the message names the file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        index = read_json(self.path / INDEX, max_bytes=1 << 30)
        where = str(self.path / INDEX)
        if not isinstance(index, dict) or index.get("format") != FORMAT:
            raise ValueError(f"{where}: is not the index of a store, expected {FORMAT!r} as format")
        try:
            self.num_joints, self.num_channels = int(index["joints"]), int(index["channels"])
            self.info: dict[str, Any] = dict(index["info"])
            clips = index["clips"]
            self.names: list[str] = [str(name) for name in clips["name"]]
            columns = [clips[key] for key in ("label", "persons", "frames")]
            table = np.array(columns, dtype=np.int64).reshape(3, len(self.names))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise ValueError(f"{where}: lacks something or has it in another form") from None
        #: The class of each clip, ``[N]``.
        self.labels: NDArray[np.int64] = table[0]
        #: The numbers of persons and frames of each clip, ``[N, 2]``.
        self.shapes: NDArray[np.int64] = table[1:].T
        sizes = self.shapes.prod(1) * (self.num_joints * self.num_channels)
        ends = np.cumsum(sizes)
        self._starts = ends - sizes
        have = os.stat(self.path / DATA).st_size
        wanted = int(ends[-1]) * ITEM if len(ends) else 0
        if have != wanted or (sizes <= 0).any():
            raise ValueError(f"{self.path / DATA}: has {have:,} bytes, its index {wanted:,}")
        self._open()

    def _open(self) -> None:
        path, empty = self.path / DATA, np.empty(0, np.float32)
        self._numbers = np.memmap(path, dtype="<f4", mode="r") if len(self) else empty

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, idx: Any) -> Any:
        persons, frames = self.shapes[idx].tolist()
        shape = (persons, self.num_joints, frames, self.num_channels)
        start = self._starts[idx]
        clip = self._numbers[start : start + persons * frames * shape[1] * shape[3]]
        return clip.view(np.ndarray).reshape(shape)

    def __getstate__(self) -> dict[str, Any]:
        # Worker processes map the file anew, instead of getting a copy of all of it.
        return {key: value for key, value in self.__dict__.items() if key != "_numbers"}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self._open()

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({str(self.path)!r}, clips={len(self)})"
