"""MSR Action3D: twenty actions of ten people."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.kinect_corpus import ODD, KinectCorpus, in_kinect_order
from pyg_skeleton.io import ClipSource, read_msr_action3d

_NAME = re.compile(r"a(\d\d)_s(\d\d)_e(\d\d)_skeleton3D")
_CLASSES = (
    "high arm wave",
    "horizontal arm wave",
    "hammer",
    "hand catch",
    "forward punch",
    "high throw",
    "draw x",
    "draw tick",
    "draw circle",
    "hand clap",
    "two hand wave",
    "side boxing",
    "bend",
    "forward kick",
    "side kick",
    "jogging",
    "tennis swing",
    "tennis serve",
    "golf swing",
    "pick up and throw",
)
#: The actions of the three subsets, from 1.
_SUBSETS = {
    "AS1": (2, 3, 5, 6, 10, 13, 18, 20),
    "AS2": (1, 4, 7, 8, 9, 11, 12, 14),
    "AS3": (6, 14, 15, 16, 17, 18, 19, 20),
}
_JOINTS = (
    "left_shoulder right_shoulder spine_shoulder spine left_hip right_hip pelvis left_elbow "
    "right_elbow left_wrist right_wrist left_hand right_hand left_knee right_knee left_ankle "
    "right_ankle left_foot right_foot head"
)


class MSRAction3D(KinectCorpus):
    r"""MSR Action3D from the `"Action Recognition Based on A Bag of 3D Points"
    <https://doi.org/10.1109/CVPRW.2010.5543273>`_ paper.

    The files are ``a{action}_s{subject}_e{take}_skeleton3D.txt`` (567 of them), read once into a
    memory-mapped store. Subjects with odd numbers are for training, the others for the test. The
    order of the joints is that of the bones that are drawn in the authors' script; which side is
    the left one is not documented, and taken to be the one with the smaller numbers.

    Args:
        root (str or PathLike): The folder with the files, or the one above it,
            ``MSRAction3DSkeletonReal3D``.
        split (str, optional): :obj:`"train"` or :obj:`"test"`, all clips if :obj:`None`.
            (default: :obj:`"train"`)
        subset (str, optional): Eight of the actions: :obj:`"AS1"`, :obj:`"AS2"` or :obj:`"AS3"`;
            all twenty if :obj:`None`. (default: :obj:`None`)
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
        - **x:** :math:`(20, T, 3)` in the unit of the files
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If a file is damaged; the message names file and line.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str | None = "train",
        subset: str | None = None,
        train_subjects: Iterable[int] = ODD,
        transform: Callable[[SkeletonData], Any] | None = None,
        store: str | os.PathLike[str] | None = None,
        num_workers: int | None = None,
        progress: bool = True,
    ) -> None:
        if subset not in (None, *_SUBSETS):
            raise ValueError(f"subset must be one of {', '.join(_SUBSETS)} or None, got {subset!r}")
        inside = Path(root, "MSRAction3DSkeletonReal3D")
        folder = inside if inside.is_dir() else Path(root)
        sources = []
        for path in sorted(folder.glob("a*_skeleton3D.txt")):
            match = _NAME.fullmatch(path.stem)
            if match and 1 <= int(match[1]) <= len(_CLASSES):
                name = path.stem.removesuffix("_skeleton3D")
                sources.append(ClipSource(name, int(match[1]) - 1, str(path)))
        if not sources:
            raise FileNotFoundError(f"{root}: has no a01_s01_e01_skeleton3D.txt and the like")
        super().__init__(
            root,
            sources,
            _read,
            _CLASSES,
            split,
            train_subjects,
            None if subset is None else [action - 1 for action in _SUBSETS[subset]],
            transform,
            store,
            num_workers,
            progress,
        )


def _read(path: str) -> NDArray[np.float32] | None:
    return in_kinect_order(read_msr_action3d(path), _JOINTS)
