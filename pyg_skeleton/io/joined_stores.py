"""Several stores of clips as one."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clip_store import INDEX, ClipStore


class JoinedStores(Sequence[NDArray[np.float32]]):
    r"""The clips of several stores, one store after the other, for data that do not fit on one
    disk: each store is on a disk or a file system of its own, with its own identity and checksums.

    .. code-block:: python

        clips = JoinedStores(["/disk0/part0", "/disk1/part1"])
        data = ClipDataset(clips, clips.labels, clips.names, "ntu25", classes)

    Clips are read as from one :class:`ClipStore`, in any order. To read long runs of neighbors, see
    the argument :obj:`block` of :class:`~pyg_skeleton.data.EpochSampler`.

    Args:
        stores (PathLike, or sequence of PathLike or ClipStore): The stores in their order, or a
            folder that has them as subfolders, which are taken in the order of their names.

    Shapes:
        - **items:** :math:`(M, V, T, C)`, read-only

    Raises:
        FileNotFoundError: If there is no store.
        ValueError: If a store is damaged or has other joints or channels than the first one, or two
            have a clip of the same name.
    """

    def __init__(
        self, stores: str | os.PathLike[str] | Iterable[str | os.PathLike[str] | ClipStore]
    ) -> None:
        if isinstance(stores, (str, os.PathLike)):
            folder = Path(stores)
            stores = sorted(index.parent for index in folder.glob(f"*/{INDEX}"))
            if not stores:
                raise FileNotFoundError(f"{folder}: has no stores of clips as subfolders")
        self.stores = [s if isinstance(s, ClipStore) else ClipStore(s) for s in stores]
        if not self.stores:
            raise ValueError("expected one store or more, got none")
        first = self.stores[0]
        self.num_joints, self.num_channels = first.num_joints, first.num_channels
        for store in self.stores:
            have, expected = (
                f"{s.num_joints} joints of {s.num_channels} channels" for s in (store, first)
            )
            if have != expected:
                raise ValueError(f"{store.path}: has {have}, expected {expected} as {first.path}")
        self.names: list[str] = [name for store in self.stores for name in store.names]
        for name, times in Counter(self.names).most_common(1):
            if times > 1:
                places = ", ".join(str(s.path) for s in self.stores if name in s.names)
                raise ValueError(f"the clip {name!r} is there twice: {places}")
        #: The class of each clip, ``[N]``.
        self.labels: NDArray[np.int64] = np.concatenate([s.labels for s in self.stores])
        #: The numbers of persons and frames of each clip, ``[N, 2]``.
        self.shapes: NDArray[np.int64] = np.concatenate([s.shapes for s in self.stores])
        #: Identifies the content.
        self.identity = hashlib.sha256(
            " ".join(store.identity for store in self.stores).encode()
        ).hexdigest()[:32]
        self._ends = np.cumsum([len(store) for store in self.stores])

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, idx: Any) -> Any:
        idx = range(len(self))[idx]
        which = int(np.searchsorted(self._ends, idx, side="right"))
        store = self.stores[which]
        return store[idx - int(self._ends[which]) + len(store)]

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}(stores={len(self.stores)}, clips={len(self)})"
