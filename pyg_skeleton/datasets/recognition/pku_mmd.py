"""PKU-MMD, version 1: actions from long videos."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.class_names import PKU_MMD_CLASSES
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset, Selection
from pyg_skeleton.io import (
    ClipSource,
    ClipStore,
    read_pku_labels,
    read_pku_skeleton,
    read_pku_split,
    write_clip_store,
)
from pyg_skeleton.transforms.chains import codt_chain

_SPLIT_FILES = {"xsub": "cross-subject.txt", "xview": "cross-view.txt"}
_SKELETONS, _LABELS = "PKU_Skeleton_Renew", "Train_Label_PKU_final"


class PKUMMD(ClipDataset):
    r"""The first version of PKU-MMD from the `"PKU-MMD: A Large Scale Benchmark for Continuous
    Multi-Modal Human Action Understanding" <https://arxiv.org/abs/1703.07475>`_ paper: 51 actions
    of 66 people before three Kinects, cut out of their videos.

    The files are ``PKU_Skeleton_Renew/0002-L.txt`` (or ``.skeleton``),
    ``Train_Label_PKU_final/0002-L.txt`` (or ``.label``), and ``cross-subject.txt`` and
    ``cross-view.txt``, in **root** or a folder in it. All actions of all videos are read once, in
    parallel and resumable, into a memory-mapped store that both splits of both benchmarks share.

    Faults of the label files are corrected: a first frame after the last one is swapped with it, an
    action that goes on after the end of its video ends there. Frames without a person are left out,
    and so are actions without a person, which :attr:`missing` names. Of an action with more frames
    than **max_frames** the middle is kept.

    Args:
        root (str or PathLike): The folder.
        benchmark (str, optional): :obj:`"xsub"` (by subject) or :obj:`"xview"` (by camera).
            (default: :obj:`"xsub"`)
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        max_frames (int, optional): The most frames of a clip. (default: :obj:`300`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. :obj:`"codt"` is :func:`~pyg_skeleton.transforms.codt_chain`.
            (default: :obj:`"codt"`)
        store (str or PathLike, optional): The folder of the store. By default a folder in
            ``processed`` in **root**. (default: :obj:`None`)
        num_workers (int, optional): The number of processes that read the files, see
            :func:`~pyg_skeleton.io.write_clip_store`. (default: :obj:`None`)
        progress (bool, optional): Whether to show a progress bar while they do.
            (default: :obj:`True`)

    Shapes:
        - **x:** :math:`(M \cdot 25, T, 3)`, without a transform in meters, as the Kinect sees them;
          zero in frames where a person is not there
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        FileNotFoundError: If there is no video, or the split file is missing.
        ValueError: If an argument is unknown, a file is damaged (the message names file and line),
            an action begins after the end of its video, or the split is empty.

    Warns:
        UserWarning: If videos of the split are missing.
    """

    frame_rate, unit, up = 30.0, "m", "y"

    def __init__(
        self,
        root: str | os.PathLike[str],
        benchmark: str = "xsub",
        split: str = "train",
        max_frames: int = 300,
        transform: Callable[[SkeletonData], Any] | str | None = "codt",
        store: str | os.PathLike[str] | None = None,
        num_workers: int | None = None,
        progress: bool = True,
    ) -> None:
        if benchmark not in _SPLIT_FILES or split not in ("train", "test"):
            raise ValueError(
                "expected one of 'xsub', 'xview' and the split 'train' or 'test', got "
                f"{benchmark!r} and {split!r}"
            )
        if max_frames < 1:
            raise ValueError(f"max_frames must be at least 1, got {max_frames}")
        if transform == "codt":
            transform = codt_chain("ntu25")
        if isinstance(transform, str):
            raise ValueError(f"transform must be a callable or 'codt', got {transform!r}")
        self.benchmark, self.split = benchmark, split
        folder = Path(root)
        parts = read_pku_split(_find(folder, _SPLIT_FILES[benchmark]))
        place = folder / "processed" / f"pku-mmd-{max_frames}" if store is None else Path(store)
        clips = _open_store(folder, place, max_frames, num_workers, progress)
        missing = clips.info["missing"]
        self._leave_out(root, missing, len(clips) + len(missing))
        #: The names of the split's videos that are not there.
        self.missing_videos: list[str] = sorted(
            set(parts[split == "test"]) - set(clips.info["videos"])
        )
        if self.missing_videos:
            warnings.warn(
                f"{root}: {len(self.missing_videos)} of {len(parts[split == 'test'])} {split} "
                f"videos of {benchmark} are missing: {', '.join(self.missing_videos[:8])}",
                stacklevel=2,
            )
        wanted = set(parts[split == "test"])
        rows = [row for row, name in enumerate(clips.names) if name[:6] in wanted]
        if not rows:
            raise ValueError(f"{root}: has no {split} clip of {benchmark}")
        super().__init__(
            Selection(clips, rows),
            clips.labels[rows],
            [clips.names[row] for row in rows],
            "ntu25",
            PKU_MMD_CLASSES,
            transform,
        )


def pku_persons(joints: NDArray[np.float32], max_frames: int) -> NDArray[np.float32] | None:
    """Returns the persons who are present, in the frames with a person.

    Args:
        joints (numpy.ndarray): The joints of a clip, :math:`(2, T, 25, 3)`.
        max_frames (int): The most frames; of a longer clip the middle is kept.

    Returns:
        The joints, :math:`(M, V, T, 3)` with :math:`M` of 1 or 2; :obj:`None` without a person.
    """
    joints = joints[:, joints.any((0, 2, 3))]
    start = max(joints.shape[1] - max_frames, 0) // 2
    joints = joints[:, start : start + max_frames]
    there = joints.any((1, 2, 3))
    return joints[there].transpose(0, 2, 1, 3) if there.any() else None


def _open_store(
    folder: Path, place: Path, max_frames: int, num_workers: int | None, progress: bool
) -> ClipStore:
    skeletons = _files(folder / _SKELETONS, (".txt", ".skeleton"))
    if not skeletons:
        if place.is_dir():
            return ClipStore(place)
        raise FileNotFoundError(
            f"{folder}: has no video of PKU-MMD, looked for {_SKELETONS}/0002-L.txt and the like, "
            f"and for a store at {place}"
        )
    labels = _files(folder / _LABELS, (".txt", ".label"))
    without = sorted(set(skeletons) - set(labels))
    if without:
        raise FileNotFoundError(
            f"{folder / _LABELS}: has no labels of {len(without)} videos: {', '.join(without[:8])}"
        )
    sources = []
    for video, file in skeletons.items():
        for number, action in enumerate(read_pku_labels(labels[video])):
            # The frames are in the name, so that other labels make another store.
            name = f"{video}-{number:03d}.{action.start}-{action.end}"
            where = f"{labels[video]}:{action.line}"
            content = (str(file), action.start, action.end, max_frames, where)
            sources.append(ClipSource(name, action.label - 1, content))
    info = {"corpus": "pku-mmd", "max_frames": max_frames, "videos": list(skeletons)}
    return write_clip_store(place, sources, _read, info, num_workers, progress)


def _files(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """The files by the names of their videos, in order."""
    found = {p.stem: p for p in folder.glob("[0-9][0-9][0-9][0-9]-[LMR].*") if p.suffix in suffixes}
    return {name: found[name] for name in sorted(found)}


# The actions of a video come one after the other.
_video = lru_cache(maxsize=1)(read_pku_skeleton)


def _read(content: tuple[str, int, int, int, str]) -> NDArray[np.float32] | None:
    file, start, end, max_frames, where = content
    video = _video(file)
    if start > video.shape[1]:
        raise ValueError(f"{where}: begins in frame {start}, {file} has {video.shape[1]} frames")
    return pku_persons(video[:, start - 1 : end], max_frames)


def _find(folder: Path, name: str) -> Path:
    found = [folder / name, *sorted(folder.glob(f"*/{name}"))]
    for path in found:
        if path.is_file():
            return path
    raise FileNotFoundError(f"{folder}: has no {name}, neither there nor in a folder there")
