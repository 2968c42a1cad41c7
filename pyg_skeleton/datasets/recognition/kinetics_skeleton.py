"""Kinetics-Skeleton: poses by OpenPose in videos of Kinetics."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset, one_clip
from pyg_skeleton.io import (
    ClipSource,
    KineticsLabel,
    read_kinetics_labels,
    read_kinetics_skeleton,
    write_clip_store,
)
from pyg_skeleton.io.formats import find_format
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.chains import Chain, Pipeline, kinetics_chain, stgcn_kinetics
from pyg_skeleton.transforms.stream import StreamName

#: The number of persons of a frame that are considered, and that are kept.
_LISTED, _KEPT = 5, 2


class KineticsSkeleton(ClipDataset):
    r"""Kinetics-Skeleton from the `"Spatial Temporal Graph Convolutional Networks for
    Skeleton-Based Action Recognition" <https://arxiv.org/abs/1801.07455>`_ paper: poses by
    OpenPose in the videos of Kinetics 400.

    The files are ``kinetics_{split}/{clip}.json`` and ``kinetics_{split}_label.json``. As in
    ST-GCN's code, the origin is in the middle of the picture and y points upwards; a joint with a
    score of 0 is zero; of the first five persons of a frame the two with the highest scores are
    kept. As persons are not tracked, the first one of a frame is not always the first one of the
    next. The files are read once, in parallel and resumable, into a memory-mapped store.

    Args:
        root (str or PathLike): The folder.
        split (str, optional): :obj:`"train"` or :obj:`"val"`. (default: :obj:`"train"`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. :obj:`"stgcn"` is :func:`~pyg_skeleton.transforms.stgcn_kinetics`.
            (default: :obj:`"stgcn"`)
        store (str or PathLike, optional): The folder of the store. By default a folder in
            ``processed`` in **root**. (default: :obj:`None`)
        num_workers (int, optional): The number of processes that read the files, see
            :func:`~pyg_skeleton.io.write_clip_store`. (default: :obj:`None`)
        progress (bool, optional): Whether to show a progress bar while they do.
            (default: :obj:`True`)

    Shapes:
        - **x:** :math:`(M \cdot 18, T, 3)`: x and y as shares of the picture, and the score
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        FileNotFoundError: If the label file or all clips are missing.
        ValueError: If a file is damaged; the message names it, and the line or the key.
    """

    family = "kinetics"
    num_persons: ClassVar[int] = _KEPT

    frame_rate, unit, up = 30.0, "normalized", "y"

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        transform: Callable[[SkeletonData], Any] | str | None = "stgcn",
        store: str | os.PathLike[str] | None = None,
        num_workers: int | None = None,
        progress: bool = True,
    ) -> None:
        if split not in ("train", "val"):
            raise ValueError(f"split must be 'train' or 'val', got {split!r}")
        if transform == "stgcn":
            transform = stgcn_kinetics(train=split == "train")
        if isinstance(transform, str):
            raise ValueError(f"transform must be a callable or 'stgcn', got {transform!r}")
        self.split = split
        folder = Path(root)
        labels = read_kinetics_labels(folder / f"kinetics_{split}_label.json")
        sources = [
            ClipSource(name, label.number, str(folder / f"kinetics_{split}" / f"{name}.json"))
            for name, label in sorted(labels.items())
            if label.has_skeleton and _is_name(name)
        ]
        sources = [source for source in sources if os.path.isfile(source.content)]
        if not sources:
            raise FileNotFoundError(f"{folder}: has no clip of its label file in kinetics_{split}")
        place = folder / "processed" / f"kinetics-{split}" if store is None else Path(store)
        clips = write_clip_store(place, sources, _read, {}, num_workers, progress)
        # Without a person by the label file, or by their own content.
        missing = [n for n, label in labels.items() if not label.has_skeleton]
        missing += clips.info["missing"]
        self._leave_out(folder, missing, len(clips) + len(missing))
        super().__init__(
            clips, clips.labels, clips.names, "openpose18", _class_names(labels), transform
        )

    @classmethod
    def open(cls, root: str | os.PathLike[str], split: str = "train") -> KineticsSkeleton:
        """The clips of a split without a transform.

        Args:
            root (str or PathLike): The folder.
            split (str, optional): :obj:`"train"` or :obj:`"test"`, for which the corpus has
                its validation clips. (default: :obj:`"train"`)
        """
        return cls(root, "val" if split == "test" else split, transform=None)

    def preparation(
        self,
        train: bool = False,
        stream: StreamName = "joint",
        num_frames: int = 150,
        pipeline: Pipeline = "stgcn",
    ) -> Chain:
        """The chain of ST-GCN, :func:`~pyg_skeleton.transforms.stgcn_kinetics`, and the stream."""
        return kinetics_chain(train, stream, num_frames)

    @classmethod
    def read_clips(
        cls,
        path: str | os.PathLike[str],
        skeleton: Skeleton | None = None,
        pipeline: Pipeline = "stgcn",
    ) -> dict[str, SkeletonData] | None:
        """Reads a clip of the corpus, see :meth:`ClipDataset.read_clips`."""
        known = find_format(path)
        if known is None or known.name != "kinetics":
            return None
        return one_clip(path, _read(os.fspath(path)), "openpose18")


def _is_name(name: str) -> bool:
    """A name, not a way to another folder."""
    return os.path.basename(name) == name


def _class_names(labels: Mapping[str, KineticsLabel]) -> list[str]:
    names = {label.number: label.label for label in labels.values()}
    return [names.get(number, str(number)) for number in range(max(names) + 1)]


def _read(path: str) -> NDArray[np.float32] | None:
    return kinetics_persons(read_kinetics_skeleton(path))


def kinetics_persons(persons: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """The persons as ST-GCN takes them: of the first five of each frame the two of the highest
    score, the origin in the middle of the picture, y upwards.

    Args:
        persons (numpy.ndarray): The persons in the order of the file, :math:`(P, T, V, 3)`: x and y
            as shares of the picture, and the score.

    Returns:
        The joints, :math:`(M, V, T, 3)` with :math:`M` of 1 or 2; :obj:`None` without a person.
    """
    persons = persons[:_LISTED].copy()
    if not persons.any():
        return None
    persons[..., 0] -= 0.5
    persons[..., 1] = 0.5 - persons[..., 1]
    persons[persons[..., 2] == 0] = 0.0
    order = np.argsort(-persons[..., 2].sum(-1), axis=0, kind="stable")[:_KEPT]
    persons = np.take_along_axis(persons, order[..., None, None], axis=0)
    there = persons.any((1, 2, 3))
    return persons[there].transpose(0, 2, 1, 3) if there.any() else None
