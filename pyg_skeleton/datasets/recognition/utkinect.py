"""UTKinect-Action3D: ten actions of ten people."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.datasets.recognition.kinect_corpus import KinectCorpus
from pyg_skeleton.io import ClipSource, read_utkinect, read_utkinect_labels

#: The names of the actions in the label file, and here.
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
    Joints" <https://doi.org/10.1109/CVPRW.2012.6239233>`_ paper: ten actions of ten people, in
    meters.

    The files are ``joints/joints_s{subject}_e{take}.txt``, each a recording of all actions, and
    ``actionLabel.txt``, which says where each begins and ends (199 clips). The paper leaves out one
    recording after the other; here subjects with odd numbers are for training and the others for
    the test, and :obj:`split=None` has all. The arguments are those of :class:`KinectCorpus`.
    """

    all_classes = tuple(_CLASSES.values())
    unit, up = "m", "y"  # recorded at 30 frames per second, but without those that were lost

    @classmethod
    def find_sources(cls, root: Path) -> list[ClipSource]:
        """The clips with their names and labels.

        Args:
            root (Path): The folder.
        """
        labels = list(_CLASSES)
        sources = []
        for segment in read_utkinect_labels(root / "actionLabel.txt"):
            path = root / "joints" / f"joints_{segment.recording}.txt"
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
        return sources

    @staticmethod
    def read_source(content: tuple[str, int, int]) -> NDArray[np.float32] | None:
        """The joints of a clip, None if the recording has none of its frames.

        Args:
            content (tuple): The path of the recording, the first and the last frame.
        """
        path, first, last = content
        frames, joints = _recording(path, os.stat(path).st_mtime_ns)
        begin, end = np.searchsorted(frames, first), np.searchsorted(frames, last, side="right")
        clip = joints[begin:end]
        return clip.transpose(1, 0, 2)[None] if clip.any() else None


@lru_cache(maxsize=1)
def _recording(path: str, time: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """A recording: the clips of one come one after the other."""
    return read_utkinect(path)
