"""What the early Kinect corpora have in common: twenty joints, and splits by subject."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset, Selection
from pyg_skeleton.io import ClipSource, write_clip_store
from pyg_skeleton.skeleton import Skeleton

#: The subjects with odd numbers, as most papers have it.
ODD = tuple(range(1, 100, 2))


class KinectCorpus(ClipDataset):
    """The common base of UTD-MHAD, MSR Action3D and UTKinect.

    Names of clips have the number of the subject as ``s05``. A subclass says where the clips come
    from and how they are read; its own documentation has the arguments.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        sources: Sequence[ClipSource],
        read: Callable[[Any], NDArray[np.float32] | None],
        classes: Sequence[str],
        split: str | None,
        train_subjects: Iterable[int],
        labels: Sequence[int] | None,
        transform: Callable[[SkeletonData], Any] | None,
        store: str | os.PathLike[str] | None,
        num_workers: int | None,
        progress: bool,
    ) -> None:
        if split not in (None, "train", "test"):
            raise ValueError(f"split must be 'train', 'test' or None, got {split!r}")
        corpus = type(self).__name__.lower()
        place = Path(root, "processed", corpus) if store is None else Path(store)
        clips = write_clip_store(place, sources, read, {"corpus": corpus}, num_workers, progress)
        self.split = split
        #: The names of clips with nobody in them.
        self.missing: list[str] = clips.info["missing"]
        kept = list(range(len(classes))) if labels is None else list(labels)
        train = set(train_subjects)
        rows = [
            row
            for row, name in enumerate(clips.names)
            if clips.labels[row] in kept
            and (split is None or (subject_of(name) in train) == (split == "train"))
        ]
        if not rows:
            raise ValueError(f"{root}: has no clip of the split {split!r}")
        super().__init__(
            Selection(clips, rows),
            [kept.index(clips.labels[row]) for row in rows],
            [clips.names[row] for row in rows],
            "kinect20",
            [classes[label] for label in kept],
            transform,
        )
        #: The number of the subject of each clip.
        self.subjects = [subject_of(name) for name in self.names]

    @classmethod
    def open(cls, root: str | os.PathLike[str], split: str = "train") -> KinectCorpus:
        """The clips of a split without a transform.

        Args:
            root (str or PathLike): The folder.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        """
        return cls(root, split=split)  # type: ignore[call-arg]


def subject_of(name: str) -> int:
    """The number behind the ``s`` in the name of a clip."""
    part = next(part for part in name.split("_") if part[:1] == "s")
    return int(part[1:])


def in_kinect_order(clip: NDArray[np.float32], joints: str) -> NDArray[np.float32] | None:
    """A clip of one person ``[T, V, 3]`` whose joints are named, in the order of `kinect20`.

    Returns:
        The joints, ``[1, V, T, 3]``, None if all are zero.
    """
    order = [joints.split().index(name) for name in Skeleton.get("kinect20").joints]
    return clip[:, order].transpose(1, 0, 2)[None] if clip.any() else None
