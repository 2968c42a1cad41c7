"""Northwestern-UCLA: ten actions from three views."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.io import read_nw_ucla
from pyg_skeleton.transforms.chains import Chain, Pipeline, ctrgcn_nw_ucla
from pyg_skeleton.transforms.stream import StreamName

_CLASSES = {
    1: "pick up with one hand",
    2: "pick up with two hands",
    3: "drop trash",
    4: "walk around",
    5: "sit down",
    6: "stand up",
    8: "donning",
    9: "doffing",
    11: "throw",
    12: "carry",
}
_VIEWS = {"train": (1, 2), "test": (3,)}
_COUNTS = {"train": 1020, "test": 464}
_NAME = re.compile(r"a(\d\d)_s\d\d_e\d\d_v(\d\d)\.json")


class NWUCLA(ClipDataset):
    r"""Northwestern-UCLA from the `"Cross-view Action Modeling, Learning and Recognition"
    <https://arxiv.org/abs/1405.2941>`_ paper: ten actions of ten people before three Kinects.

    The files are ``all_sqe/a{action}_s{subject}_e{take}_v{view}.json``, as they circulate with
    CTR-GCN. Views 1 and 2 are for training (1,020 clips), view 3 for the test (464). The files are
    read into memory (14 MB, some seconds) and nothing is written, so the folder may be read-only.

    Args:
        root (str or PathLike): The folder with the files, or the one above it.
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. :obj:`"ctrgcn"` is the published chain for the split,
            :func:`~pyg_skeleton.transforms.ctrgcn_nw_ucla`. (default: :obj:`"ctrgcn"`)
        repeat (int, optional): The number of items of each clip. By default 5 in training,
            as in CTR-GCN's code, and once in the test. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(20, T, 3)`, without a transform in meters, as the Kinect sees them
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        FileNotFoundError: If there is no file of the split.
        ValueError: If a file is damaged; the message names it.

    Warns:
        UserWarning: If the number of files is not that of the published split.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        transform: Callable[[SkeletonData], Any] | str | None = "ctrgcn",
        repeat: int | None = None,
    ) -> None:
        if split not in _VIEWS:
            raise ValueError(f"split must be 'train' or 'test', got {split!r}")
        if transform == "ctrgcn":
            transform = ctrgcn_nw_ucla(train=split == "train")
        if isinstance(transform, str):
            raise ValueError(f"transform must be a callable or 'ctrgcn', got {transform!r}")
        self.split = split
        files = nw_ucla_files(root, split)
        if len(files) != _COUNTS[split]:
            warnings.warn(
                f"{root}: has {len(files)} {split} clips, the published split {_COUNTS[split]}",
                stacklevel=2,
            )
        actions = list(_CLASSES)
        clips = [torch.from_numpy(read_nw_ucla(file)) for file in files]
        super().__init__(
            [clip.transpose(0, 1).contiguous().unsqueeze(0) for clip in clips],
            [actions.index(int(file.name[1:3])) for file in files],
            [file.stem for file in files],
            "kinect20",
            list(_CLASSES.values()),
            transform,
            repeat if repeat is not None else 5 if split == "train" else 1,
        )

    family = "nw-ucla"
    unit, up = "m", "y"  # the frame rate is not published

    @classmethod
    def open(cls, root: str | os.PathLike[str], split: str = "train") -> NWUCLA:
        """The clips of a split without transform and repetitions.

        Args:
            root (str or PathLike): The folder with the files.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        """
        return cls(root, split, transform=None, repeat=1)

    def preparation(
        self,
        train: bool = False,
        stream: StreamName = "joint",
        num_frames: int = 52,
        pipeline: Pipeline = "ctrgcn",
    ) -> Chain:
        """The published chain, :func:`~pyg_skeleton.transforms.ctrgcn_nw_ucla`."""
        return ctrgcn_nw_ucla(train, stream, num_frames)


def nw_ucla_files(root: str | os.PathLike[str], split: str) -> list[Path]:
    """The files of a split, in order."""
    folder = Path(root)
    if (folder / "all_sqe").is_dir():
        folder = folder / "all_sqe"
    found = []
    for path in sorted(folder.glob("a*_v*.json")):
        match = _NAME.fullmatch(path.name)
        if match and int(match[1]) in _CLASSES and int(match[2]) in _VIEWS[split]:
            found.append(path)
    if not found:
        raise FileNotFoundError(
            f"{root}: has no {split} clip of NW-UCLA, looked for all_sqe/a01_s01_e00_v0"
            f"{_VIEWS[split][0]}.json and the like"
        )
    return found
