"""UTD-MHAD: 27 actions of eight people."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.class_names import UTD_MHAD_CLASSES
from pyg_skeleton.datasets.recognition.kinect_corpus import ODD, KinectCorpus, in_kinect_order
from pyg_skeleton.io import ClipSource, read_utd_mhad

_NAME = re.compile(r"a(\d+)_s(\d+)_t(\d+)_skeleton")
_JOINTS = (
    "head spine_shoulder spine pelvis left_shoulder left_elbow left_wrist left_hand right_shoulder "
    "right_elbow right_wrist right_hand left_hip left_knee left_ankle left_foot right_hip "
    "right_knee right_ankle right_foot"
)


class UTDMHAD(KinectCorpus):
    r"""UTD-MHAD from the `"UTD-MHAD: A Multimodal Dataset for Human Action Recognition Utilizing a
    Depth Camera and a Wearable Inertial Sensor" <https://doi.org/10.1109/ICIP.2015.7350781>`_
    paper.

    The files are ``a{action}_s{subject}_t{trial}_skeleton.mat`` (861 of them); SciPy reads them,
    once, into a memory-mapped store. Subjects with odd numbers are for training, the others for the
    test, as in the paper.

    Args:
        root (str or PathLike): The folder with the files, or the one above it, ``Skeleton``.
        split (str, optional): :obj:`"train"` or :obj:`"test"`, all clips if :obj:`None`.
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
        - **x:** :math:`(20, T, 3)` in meters, as the Kinect sees them
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If a file is damaged; the message names it.
    """

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
        folder = Path(root, "Skeleton") if Path(root, "Skeleton").is_dir() else Path(root)
        sources = []
        for path in sorted(folder.glob("a*_skeleton.mat")):
            match = _NAME.fullmatch(path.stem)
            if match and 1 <= int(match[1]) <= len(UTD_MHAD_CLASSES):
                name = path.stem.removesuffix("_skeleton")
                sources.append(ClipSource(name, int(match[1]) - 1, str(path)))
        if not sources:
            raise FileNotFoundError(f"{root}: has no a1_s1_t1_skeleton.mat and the like")
        super().__init__(
            root,
            sources,
            _read,
            UTD_MHAD_CLASSES,
            split,
            train_subjects,
            None,
            transform,
            store,
            num_workers,
            progress,
        )


def _read(path: str) -> NDArray[np.float32] | None:
    return in_kinect_order(read_utd_mhad(path), _JOINTS)
