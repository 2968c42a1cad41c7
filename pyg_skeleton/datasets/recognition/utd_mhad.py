"""UTD-MHAD: 27 actions of eight people."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.datasets.recognition.class_names import UTD_MHAD_CLASSES
from pyg_skeleton.datasets.recognition.kinect_corpus import KinectCorpus, in_kinect_order
from pyg_skeleton.io import ClipSource, read_utd_mhad
from pyg_skeleton.io.corpora import UTD_MHAD

_NAME = re.compile(r"a(\d+)_s(\d+)_t(\d+)_skeleton")


class UTDMHAD(KinectCorpus):
    r"""UTD-MHAD from the `"UTD-MHAD: A Multimodal Dataset for Human Action Recognition Utilizing a
    Depth Camera and a Wearable Inertial Sensor" <https://doi.org/10.1109/ICIP.2015.7350781>`_
    paper: 27 actions of eight people, in meters.

    The files are ``a{action}_s{subject}_t{trial}_skeleton.mat`` (861 of them) in **root** or in its
    folder ``Skeleton``; SciPy reads them. As in the paper, subjects with odd numbers are for
    training, the others for the test. The arguments are those of :class:`KinectCorpus`.
    """

    all_classes = UTD_MHAD_CLASSES
    frame_rate, unit, up = 30.0, "m", "y"

    @classmethod
    def find_sources(cls, root: Path) -> list[ClipSource]:
        """The clips with their names and labels.

        Args:
            root (Path): The folder.
        """
        folder = root / "Skeleton" if (root / "Skeleton").is_dir() else root
        sources = []
        for path in sorted(folder.glob("a*_skeleton.mat")):
            match = _NAME.fullmatch(path.stem)
            if match and 1 <= int(match[1]) <= len(UTD_MHAD_CLASSES):
                name = path.stem.removesuffix("_skeleton")
                sources.append(ClipSource(name, int(match[1]) - 1, str(path)))
        if not sources:
            raise FileNotFoundError(f"{root}: has no a1_s1_t1_skeleton.mat and the like")
        return sources

    @staticmethod
    def read_source(content: str) -> NDArray[np.float32] | None:
        """The joints of a clip.

        Args:
            content (str): The path of its file.
        """
        return in_kinect_order(read_utd_mhad(content), UTD_MHAD)
