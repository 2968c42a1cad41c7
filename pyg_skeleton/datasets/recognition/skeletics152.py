"""Skeletics-152: poses by VIBE in videos of Kinetics-700."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.io import ClipSource, ClipStore, VIBETrack, read_vibe_json, write_clip_store
from pyg_skeleton.transforms.chains import codt_chain

#: VIBE's first joints, those of OpenPose; how many persons are kept; VIBE's y points downwards.
_JOINTS, _PERSONS = 25, 2
_UPRIGHT = np.array([1, -1, -1], np.float32)


class Skeletics152(ClipDataset):
    r"""Skeletics-152 from the `"Quo Vadis, Skeleton Action Recognition?"
    <https://arxiv.org/abs/2007.02072>`_ paper: poses of people in videos, in three dimensions, by
    VIBE.

    The files are ``vibe_results_{split}/{class}/{video}.json``. Of VIBE's 49 joints the first 25
    are taken, which are those of OpenPose, as the code of CoDT does (the corpus' own script takes
    others). They are turned upside down, as VIBE's y points downwards. Of each video the two
    persons who are seen in most frames are kept. Where a person is lost in between, the joints are
    interpolated linearly; before and after that they are zero. Every person has its own origin:
    VIBE does not say where in space they stand. The files are read once, in parallel and
    resumable, into a memory-mapped store.

    Args:
        root (str or PathLike): The folder with ``vibe_results_train`` and ``vibe_results_val``, or
            ``train`` and ``val``.
        split (str, optional): :obj:`"train"` or :obj:`"val"`. (default: :obj:`"train"`)
        classes (sequence of str or PathLike, optional): The names of the folders of the classes to
            take, in the order of their labels, or a text file with one in each line. By default all
            that are there, by name. (default: :obj:`None`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. :obj:`"codt"` is :func:`~pyg_skeleton.transforms.codt_chain`.
            (default: :obj:`"codt"`)
        store (str or PathLike, optional): The folder of the store. By default a folder in
            ``processed`` in **root**, another one for each list of classes. (default: :obj:`None`)
        num_workers (int, optional): The number of processes that read the files, see
            :func:`~pyg_skeleton.io.write_clip_store`. (default: :obj:`None`)
        progress (bool, optional): Whether to show a progress bar while they do.
            (default: :obj:`True`)

    Shapes:
        - **x:** :math:`(M \cdot 25, T, 3)`, without a transform in meters, y up, the pelvis at the
          origin of each person
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        FileNotFoundError: If the split or a class is not there.
        ValueError: If a file is damaged; the message names it, and the line or the key.
    """

    unit, up = "m", "y"

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        classes: Sequence[str] | os.PathLike[str] | None = None,
        transform: Callable[[SkeletonData], Any] | str | None = "codt",
        store: str | os.PathLike[str] | None = None,
        num_workers: int | None = None,
        progress: bool = True,
    ) -> None:
        if split not in ("train", "val"):
            raise ValueError(f"split must be 'train' or 'val', got {split!r}")
        if transform == "codt":
            transform = codt_chain("body25")
        if isinstance(transform, str):
            raise ValueError(f"transform must be a callable or 'codt', got {transform!r}")
        self.split = split
        folder = _split_folder(Path(root), split)
        names = _class_names(folder, classes)
        place = Path(store or Path(root, "processed", f"skeletics-{split}-{_digest(names)}"))
        clips = _open_store(folder, place, names, num_workers, progress)
        missing = clips.info["missing"]
        self._leave_out(root, missing, len(clips) + len(missing))
        super().__init__(clips, clips.labels, clips.names, "body25", names, transform)


def vibe_persons(tracks: Sequence[VIBETrack]) -> NDArray[np.float32] | None:
    """The two persons who are seen in most frames, from the first frame in which one of them is
    seen to the last one, y up.

    Args:
        tracks (sequence of VIBETrack): The tracks, those with most frames first.

    Returns:
        The joints, :math:`(M, V, T, 3)` with :math:`M` of 1 or 2; :obj:`None` without a person.
    """
    kept = tracks[:_PERSONS]
    if not kept:
        return None
    first = min(int(track.frames[0]) for track in kept)
    last = max(int(track.frames[-1]) for track in kept)
    out = np.zeros((len(kept), last - first + 1, _JOINTS, 3), np.float32)
    for person, track in enumerate(kept):
        span = np.arange(track.frames[0], track.frames[-1] + 1)
        after = np.searchsorted(track.frames, span)
        before = np.maximum(after - (track.frames[after] > span), 0)
        gap = np.maximum(track.frames[after] - track.frames[before], 1)
        weight = ((span - track.frames[before]) / gap).astype(np.float32)[:, None, None]
        joints = track.joints[:, :_JOINTS] * _UPRIGHT
        out[person, span - first] = joints[before] * (1 - weight) + joints[after] * weight
    return out.transpose(0, 2, 1, 3)


def _split_folder(root: Path, split: str) -> Path:
    for name in (f"vibe_results_{split}", split):
        if (root / name).is_dir():
            return root / name
    # The name in the archive, where only the store is left.
    return root / f"vibe_results_{split}"


def _class_names(folder: Path, classes: Sequence[str] | os.PathLike[str] | None) -> list[str]:
    if isinstance(classes, str | os.PathLike):
        lines = Path(classes).read_text(encoding="utf-8").splitlines()
        classes = [line.strip() for line in lines if line.strip()]
    if classes is None:
        classes = sorted(path.name for path in folder.glob("*") if path.is_dir())
        if not classes:
            raise FileNotFoundError(f"{folder}: has no folder of a class")
    names = list(classes)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"classes must be named, each once, got {names}")
    return names


def _digest(names: Sequence[str]) -> str:
    return f"{len(names)}-{hashlib.sha256(chr(10).join(names).encode()).hexdigest()[:8]}"


def _open_store(
    folder: Path, place: Path, names: Sequence[str], num_workers: int | None, progress: bool
) -> ClipStore:
    if not folder.is_dir() and place.is_dir():
        return ClipStore(place)
    sources = []
    for label, name in enumerate(names):
        files = sorted((folder / name).glob("*.json")) if os.path.basename(name) == name else []
        if not files:
            raise FileNotFoundError(f"{folder / name}: has no video")
        sources += [ClipSource(f"{name}/{file.stem}", label, str(file)) for file in files]
    return write_clip_store(place, sources, _read, {}, num_workers, progress)


def _read(path: str) -> NDArray[np.float32] | None:
    return vibe_persons(read_vibe_json(path))
