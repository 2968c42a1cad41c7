"""MSR Action3D: twenty actions of ten people."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.datasets.recognition.kinect_corpus import KinectCorpus, in_kinect_order
from pyg_skeleton.io import ClipSource, read_msr_action3d
from pyg_skeleton.io.corpora import MSR_ACTION3D

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
#: Recordings with missing or wrong skeletons, which published results leave out.
_EXCLUDED = (
    *("a02_s03_e02", "a04_s03_e01", "a07_s04_e01", "a13_s09_e01", "a13_s09_e02", "a13_s09_e03"),
    *("a14_s03_e01", "a20_s07_e01", "a20_s07_e03", "a20_s10_e03"),
)


class MSRAction3D(KinectCorpus):
    r"""MSR Action3D from the `"Action Recognition Based on A Bag of 3D Points"
    <https://doi.org/10.1109/CVPRW.2010.5543273>`_ paper: twenty actions of ten people, in the unit
    of the files.

    The files are ``a{action}_s{subject}_e{take}_skeleton3D.txt`` (567 of them) in **root** or in
    its folder ``MSRAction3DSkeletonReal3D``. Ten of them have missing or wrong skeletons; as in
    published results, they are left out by default. Subjects with odd numbers are for training, the
    others for the test. The order of the joints is that of the bones that the authors' script
    draws; which side is the left one is not documented, and taken to be the one with the smaller
    numbers.

    Args:
        root (str or PathLike): The folder.
        split (str, optional): :obj:`"train"` or :obj:`"test"`; all clips if :obj:`None`.
            (default: :obj:`"train"`)
        subset (str, optional): Eight of the actions: :obj:`"AS1"`, :obj:`"AS2"` or :obj:`"AS3"`;
            all twenty if :obj:`None`. (default: :obj:`None`)
        all_files (bool, optional): Whether to take the ten files, too. (default: :obj:`False`)
        **kwargs (optional): Further arguments of :class:`KinectCorpus`.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If there is no such subset, or a file is damaged; the message names file and
            line.
    """

    all_classes = _CLASSES
    frame_rate = 15.0

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str | None = "train",
        subset: str | None = None,
        all_files: bool = False,
        **kwargs: Any,
    ) -> None:
        if subset not in (None, *_SUBSETS):
            raise ValueError(f"subset must be one of {', '.join(_SUBSETS)} or None, got {subset!r}")
        self.subset, self.all_files = subset, all_files
        super().__init__(root, split, **kwargs)

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        subset: Literal["AS1", "AS2", "AS3"] | None = None,
        all_files: bool = False,
    ) -> MSRAction3D:
        """The clips of a split without a transform.

        Args:
            root (str or PathLike): The folder.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            subset (str, optional): Eight of the twenty actions. (default: :obj:`None`)
            all_files (bool, optional): Whether to take the ten files, too, that published results
                leave out. (default: :obj:`False`)
        """
        return cls(root, split, subset, all_files)

    @classmethod
    def find_sources(cls, root: Path) -> list[ClipSource]:
        """The clips with their names and labels.

        Args:
            root (Path): The folder.
        """
        inside = root / "MSRAction3DSkeletonReal3D"
        folder = inside if inside.is_dir() else root
        sources = []
        for path in sorted(folder.glob("a*_skeleton3D.txt")):
            match = _NAME.fullmatch(path.stem)
            if match and 1 <= int(match[1]) <= len(_CLASSES):
                name = path.stem.removesuffix("_skeleton3D")
                sources.append(ClipSource(name, int(match[1]) - 1, str(path)))
        if not sources:
            raise FileNotFoundError(f"{root}: has no a01_s01_e01_skeleton3D.txt and the like")
        return sources

    @staticmethod
    def read_source(content: str) -> NDArray[np.float32] | None:
        """The joints of a clip.

        Args:
            content (str): The path of its file.
        """
        return in_kinect_order(read_msr_action3d(content), MSR_ACTION3D)

    def kept_labels(self) -> list[int]:
        """The labels of the subset."""
        if self.subset is None:
            return super().kept_labels()
        return [action - 1 for action in _SUBSETS[self.subset]]

    def is_kept(self, name: str) -> bool:
        """Returns :obj:`True` unless the file is one of the ten excluded files.

        Args:
            name (str): The name of the clip.
        """
        return self.all_files or name not in _EXCLUDED
