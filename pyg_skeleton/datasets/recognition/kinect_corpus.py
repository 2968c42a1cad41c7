"""The base of the early Kinect corpora: twenty joints, and splits by subject."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset, Selection
from pyg_skeleton.io import ClipSource, write_clip_store
from pyg_skeleton.skeleton import Skeleton

#: The subjects with odd numbers, on whom most papers train.
ODD = tuple(range(1, 100, 2))


class KinectCorpus(ClipDataset):
    r"""The base of :class:`UTDMHAD`, :class:`MSRAction3D` and :class:`UTKinect`.

    The files are read once, in parallel, into a memory-mapped store. A subclass names its classes,
    finds its files in :meth:`find_sources` and reads one in :meth:`read_source`. Names of clips
    hold the number of the subject as ``s05``.

    Args:
        root (str or PathLike): The folder.
        split (str, optional): :obj:`"train"` or :obj:`"test"`; all clips if :obj:`None`.
            (default: :obj:`"train"`)
        train_subjects (iterable of int, optional): The subjects of the training split.
            (default: those with odd numbers)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)
        store (str or PathLike, optional): The folder of the store. By default a folder in
            ``processed`` in **root**. (default: :obj:`None`)
        num_workers (int, optional): The number of processes that read the files, see
            :func:`~pyg_skeleton.io.write_clip_store`. (default: :obj:`None`)
        progress (bool, optional): Whether to show a progress bar while they do.
            (default: :obj:`True`)

    Shapes:
        - **x:** :math:`(20, T, 3)`
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If a file is damaged; the message names it, and the line of a text file.
    """

    #: The names of all classes, in the order of the labels in the store.
    all_classes: ClassVar[Sequence[str]]

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str | None = "train",
        train_subjects: Iterable[int] = ODD,
        transform: Callable[[SkeletonData], Any] | None = None,
        store: str | os.PathLike[str] | None = None,
        num_workers: int | None = None,
        progress: bool = True,
    ) -> None:
        if split not in (None, "train", "test"):
            raise ValueError(f"split must be 'train', 'test' or None, got {split!r}")
        corpus = type(self).__name__.lower()
        place = Path(root, "processed", corpus) if store is None else Path(store)
        sources = self.find_sources(Path(root))
        info = {"corpus": corpus}
        clips = write_clip_store(place, sources, self.read_source, info, num_workers, progress)
        self.split = split
        missing = clips.info["missing"]
        self._leave_out(root, missing, len(clips) + len(missing))
        kept, train = self.kept_labels(), set(train_subjects)
        rows = [
            row
            for row, name in enumerate(clips.names)
            if clips.labels[row] in kept
            and self.is_kept(name)
            and (split is None or (subject_of(name) in train) == (split == "train"))
        ]
        if not rows:
            raise ValueError(f"{root}: has no clip of the split {split!r}")
        super().__init__(
            Selection(clips, rows),
            [kept.index(clips.labels[row]) for row in rows],
            [clips.names[row] for row in rows],
            "kinect20",
            [self.all_classes[label] for label in kept],
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
        return cls(root, split)

    @classmethod
    def find_sources(cls, root: Path) -> list[ClipSource]:
        """The clips with their names and labels.

        Args:
            root (Path): The folder.

        Raises:
            FileNotFoundError: If there is none.
        """
        raise NotImplementedError

    @staticmethod
    def read_source(content: Any) -> NDArray[np.float32] | None:
        """The joints ``[M, V, T, 3]`` of a clip, None if there is no person.

        Args:
            content: What :meth:`find_sources` has for the clip.
        """
        raise NotImplementedError

    def kept_labels(self) -> list[int]:
        """The labels of the classes to take, in the order that they get."""
        return list(range(len(self.all_classes)))

    def is_kept(self, name: str) -> bool:
        """Returns :obj:`True` if the clip with this name belongs to the data set.

        Args:
            name (str): The name.
        """
        return True


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
