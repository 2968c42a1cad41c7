"""UTKinect-Action3D: ten actions of ten people."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.recognition.kinect_corpus import ODD, KinectCorpus
from pyg_skeleton.io import ClipSource, read_utkinect, read_utkinect_labels

#: The actions as the label file has them, and as they are called here.
_CLASSES = {
    "walk": "walk",
    "sitDown": "sit down",
    "standUp": "stand up",
    "pickUp": "pick up",
    "carry": "carry",
    "throw": "throw",
    "push": "push",
    "pull": "pull",
    "waveHands": "wave hands",
    "clapHands": "clap hands",
}


class UTKinect(KinectCorpus):
    r"""UTKinect-Action3D from the `"View Invariant Human Action Recognition Using Histograms of 3D
    Joints" <https://doi.org/10.1109/CVPRW.2012.6239233>`_ paper.

    The files are ``joints/joints_s{subject}_e{take}.txt``, each a recording of all actions, and
    ``actionLabel.txt``, which says where each begins and ends (199 clips). They are read once into
    a memory-mapped store. The paper leaves out one recording after the other; here subjects with
    odd numbers are for training and the others for the test, and :obj:`split=None` has all.

    Args:
        root (str or PathLike): The folder.
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
        FileNotFoundError: If the label file or every recording is missing.
        ValueError: If a file is damaged; the message names file and line.
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
        labels = list(_CLASSES)
        sources = []
        for segment in read_utkinect_labels(Path(root, "actionLabel.txt")):
            path = Path(root, "joints", f"joints_{segment.recording}.txt")
            if segment.action not in labels:
                known = ", ".join(labels)
                raise ValueError(
                    f"{root}: actionLabel.txt: expected one of {known}, got {segment.action!r}"
                )
            if path.is_file():
                name = f"{segment.recording}_{segment.action}_{segment.first}"
                content = (str(path), segment.first, segment.last)
                sources.append(ClipSource(name, labels.index(segment.action), content))
        if not sources:
            raise FileNotFoundError(f"{root}: has no joints/joints_s01_e01.txt and the like")
        super().__init__(
            root,
            sources,
            _read,
            list(_CLASSES.values()),
            split,
            train_subjects,
            None,
            transform,
            store,
            num_workers,
            progress,
        )


def _read(segment: tuple[str, int, int]) -> NDArray[np.float32] | None:
    """The frames of an action, None if the recording has none of them."""
    path, first, last = segment
    frames, joints = read_utkinect(path)
    begin, end = np.searchsorted(frames, first), np.searchsorted(frames, last, side="right")
    clip = joints[begin:end]
    return clip.transpose(1, 0, 2)[None] if clip.any() else None
