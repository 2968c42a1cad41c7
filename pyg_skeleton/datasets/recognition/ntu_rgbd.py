"""NTU RGB+D 60 and 120, from the original files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.class_names import NTU120_CLASSES
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset, Selection, one_clip
from pyg_skeleton.datasets.recognition.ntu_persons import (
    NTU_PERSONS,
    Joints,
    NTUPersons,
    persons_rule,
)
from pyg_skeleton.io import ClipSource, ClipStore, read_ntu_skeleton, write_clip_store
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.chains import (
    Chain,
    Pipeline,
    agcn_ntu,
    ctrgcn_ntu,
    ntu_chain,
    pyskl_ntu,
    stgcn_ntu,
)
from pyg_skeleton.transforms.stream import StreamName

_NAME = re.compile(r"S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})")
_SUBJECTS_60 = (1, 2, 4, 5, 8, 9, *range(13, 20), 25, 27, 28, 31, 34, 35, 38)
_SUBJECTS_120 = (
    *_SUBJECTS_60,
    *(45, 46, 47, 49, 50, *range(52, 60), 70, 74, 78, *range(80, 87), 89, *range(91, 96)),
    *(97, 98, 100, 103),
)
_BENCHMARKS = {60: ("xsub", "xview"), 120: ("xsub", "xset")}


class NTURGBD(ClipDataset):
    r"""NTU RGB+D from the `"NTU RGB+D: A Large Scale Dataset for 3D Human Activity Analysis"
    <https://arxiv.org/abs/1604.02808>`_ and the `"NTU RGB+D 120"
    <https://arxiv.org/abs/1905.04757>`_ papers, from the ``.skeleton`` files themselves.

    All files of the edition are read once, in parallel and resumable, into a memory-mapped store
    that both splits of all benchmarks share. A recording without a person is left out and named in
    :attr:`missing`; the official lists of such recordings (302 of 60, 535 of 120) name a
    few more, which **ignore** takes, so that the numbers of clips are the published ones.

    Args:
        root (str or PathLike): The folder with the files, or with folders of files.
        benchmark (str, optional): :obj:`"xsub"` (by subject), :obj:`"xview"` (by camera, of 60), or
            :obj:`"xset"` (by set-up, of 120). (default: :obj:`"xsub"`)
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        edition (int, optional): 60 or 120, the number of classes. (default: :obj:`60`)
        persons (str, optional): Whose rule selects the persons among the tracked bodies:
            :obj:`"ctrgcn"`, :obj:`"pyskl"`, :obj:`"agcn"` or :obj:`"stgcn"`.
            (default: :obj:`"ctrgcn"`)
        ignore (str, PathLike or iterable of str, optional): The names of recordings to leave out,
            or a text file with a name in a line. (default: :obj:`()`)
        store (str or PathLike, optional): The folder of the store. By default a folder in
            ``processed`` in **root**. (default: :obj:`None`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. The default is the chain of the pipeline of **persons** for the split.
            (default: :obj:`"published"`)
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
        FileNotFoundError: If there are neither files nor a store.
        ValueError: If an argument is unknown, a file is damaged (the message names file and line),
            or the split is empty.
    """

    #: Every pipeline keeps at most two persons, and networks take two.
    num_persons: ClassVar[int] = 2
    frame_rate, unit, up = 30.0, "m", "y"

    def __init__(
        self,
        root: str | os.PathLike[str],
        benchmark: str = "xsub",
        split: str = "train",
        edition: int = 60,
        persons: NTUPersons = "ctrgcn",
        ignore: str | os.PathLike[str] | Iterable[str] = (),
        store: str | os.PathLike[str] | None = None,
        transform: Callable[[SkeletonData], Any] | str | None = "published",
        num_workers: int | None = None,
        progress: bool = True,
    ) -> None:
        if edition not in _BENCHMARKS:
            raise ValueError(f"edition must be 60 or 120, got {edition}")
        if benchmark not in _BENCHMARKS[edition] or split not in ("train", "test"):
            raise ValueError(
                f"expected one of {', '.join(_BENCHMARKS[edition])} of NTU {edition} and the split "
                f"'train' or 'test', got {benchmark!r} and {split!r}"
            )
        if persons not in get_args(NTUPersons):
            raise ValueError(f"persons must be one of {', '.join(NTU_PERSONS)}, got {persons!r}")
        if transform == "published":
            transform = _published_chain(persons, split, edition)
        if isinstance(transform, str):
            raise ValueError(f"transform must be a callable or 'published', got {transform!r}")
        self.benchmark, self.split, self.edition = benchmark, split, edition
        self.family = f"ntu{edition}"
        clips = _open_store(root, edition, persons, store, num_workers, progress)
        missing = clips.info["missing"]
        self._leave_out(root, missing, len(clips) + len(missing))
        left_out = _read_names(ignore)
        rows = [
            row
            for row, name in enumerate(clips.names)
            if name not in left_out and in_split(name, benchmark, split, edition)
        ]
        if not rows:
            raise ValueError(f"{root}: has no {split} clip of {benchmark} of NTU {edition}")
        super().__init__(
            Selection(clips, rows),
            clips.labels[rows],
            [clips.names[row] for row in rows],
            "ntu25",
            NTU120_CLASSES[:edition],
            transform,
        )

    def preparation(
        self,
        train: bool = False,
        stream: StreamName = "joint",
        num_frames: int = 64,
        pipeline: Pipeline = "ctrgcn",
    ) -> Chain:
        """The chain of a pipeline, see :meth:`ClipDataset.preparation`."""
        return ntu_chain(train, stream, num_frames, pipeline, duplicate=self.edition == 120)

    @classmethod
    def read_clips(
        cls,
        path: str | os.PathLike[str],
        skeleton: Skeleton | None = None,
        pipeline: Pipeline = "ctrgcn",
    ) -> dict[str, SkeletonData] | None:
        """Reads a ``.skeleton`` file with the persons of a pipeline, see
        :meth:`ClipDataset.read_clips`.
        """
        if Path(path).suffix != ".skeleton":
            return None
        return one_clip(path, _read(os.fspath(path), persons_rule(pipeline)), "ntu25")


class NTU60(NTURGBD):
    """NTU RGB+D 60 as the command opens it, see :class:`NTURGBD`."""

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        benchmark: Literal["xsub", "xview"] = "xsub",
        ignore: str | None = None,
        pipeline: Pipeline = "ctrgcn",
    ) -> NTURGBD:
        """The clips of a split without a transform.

        Args:
            root (str or PathLike): The folder with the ``.skeleton`` files.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            benchmark (str, optional): The split by subject or by camera. (default: :obj:`"xsub"`)
            ignore (str, optional): A file with the names of recordings to leave out.
                (default: :obj:`None`)
            pipeline (str, optional): Whose rule selects the persons. (default: :obj:`"ctrgcn"`)
        """
        persons = persons_rule(pipeline)
        return NTURGBD(root, benchmark, split, 60, persons, ignore or (), transform=None)


class NTU120(NTURGBD):
    """NTU RGB+D 120 as the command opens it, see :class:`NTURGBD`."""

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        benchmark: Literal["xsub", "xset"] = "xsub",
        ignore: str | None = None,
        pipeline: Pipeline = "ctrgcn",
    ) -> NTURGBD:
        """The clips of a split without a transform.

        Args:
            root (str or PathLike): The folder with the ``.skeleton`` files.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            benchmark (str, optional): The split by subject or by setup. (default: :obj:`"xsub"`)
            ignore (str, optional): A file with the names of recordings to leave out.
                (default: :obj:`None`)
            pipeline (str, optional): Whose rule selects the persons. (default: :obj:`"ctrgcn"`)
        """
        persons = persons_rule(pipeline)
        return NTURGBD(root, benchmark, split, 120, persons, ignore or (), transform=None)


def in_split(name: str, benchmark: str, split: str, edition: int) -> bool:
    """Returns :obj:`True` if a recording belongs to a split."""
    setup, camera, subject, _, _ = parse_name(name)
    if benchmark == "xsub":
        train = subject in (_SUBJECTS_60 if edition == 60 else _SUBJECTS_120)
    else:
        train = camera in (2, 3) if benchmark == "xview" else setup % 2 == 0
    return train == (split == "train")


def parse_name(name: str) -> tuple[int, int, int, int, int]:
    """Set-up, camera, subject, repetition and action of a recording, all from 1."""
    match = _NAME.match(name)
    if match is None:
        raise ValueError(f"{name!r} is no name of an NTU recording, expected S001C001P001R001A001")
    setup, camera, subject, take, action = (int(number) for number in match.groups())
    return setup, camera, subject, take, action


def find_files(root: Path, edition: int) -> list[Path]:
    """The files of an edition in a folder and the folders in it, by name."""
    found: dict[str, Path] = {}
    for pattern in ("*.skeleton", "*/*.skeleton"):
        for path in root.glob(pattern):
            match = _NAME.fullmatch(path.stem)
            if match and (edition == 120 or (int(match[1]) <= 17 and int(match[5]) <= 60)):
                found.setdefault(path.stem, path)
    return [found[name] for name in sorted(found)]


def _open_store(
    root: str | os.PathLike[str],
    edition: int,
    persons: NTUPersons,
    store: str | os.PathLike[str] | None,
    num_workers: int | None,
    progress: bool,
) -> ClipStore:
    place = Path(root, "processed", f"ntu{edition}-{persons}") if store is None else Path(store)
    files = find_files(Path(root), edition)
    if not files:
        if place.is_dir():
            return ClipStore(place)
        raise FileNotFoundError(
            f"{root}: has no recording of NTU {edition}, looked for S001C001P001R001A001.skeleton "
            f"and the like, and for a store at {place}"
        )
    sources = [ClipSource(file.stem, parse_name(file.stem)[-1] - 1, str(file)) for file in files]
    read = partial(_read, persons=persons)
    info = {"corpus": f"ntu{edition}", "persons": persons}
    return write_clip_store(place, sources, read, info, num_workers, progress)


def _read(path: str, persons: str) -> Joints | None:
    recording = read_ntu_skeleton(path)
    return NTU_PERSONS[persons](recording)


def _read_names(ignore: str | os.PathLike[str] | Iterable[str]) -> set[str]:
    if isinstance(ignore, (str, os.PathLike)):
        text = Path(ignore).read_text(encoding="utf-8", errors="replace")
        return {match[0] for match in _NAME.finditer(text)}
    return {name.removesuffix(".skeleton") for name in ignore}


def _published_chain(
    persons: NTUPersons, split: str, edition: int
) -> Callable[[SkeletonData], Any]:
    train = split == "train"
    if persons == "ctrgcn":
        return ctrgcn_ntu(train, duplicate=edition == 120)
    if persons == "pyskl":
        return pyskl_ntu(train)
    return agcn_ntu() if persons == "agcn" else stgcn_ntu()
