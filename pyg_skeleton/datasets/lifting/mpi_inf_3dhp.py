from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.camera import Camera
from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.lifting.corpus import LiftingCorpus, convert_clip
from pyg_skeleton.datasets.lifting.dataset import TargetSpaceName
from pyg_skeleton.datasets.lifting.sequence import PoseSequence
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.io import read_mpi_inf_3dhp
from pyg_skeleton.skeleton import Skeleton

_SCENES = {
    "TS1": "GS",
    "TS2": "GS",
    "TS3": "noGS",
    "TS4": "noGS",
    "TS5": "Outdoor",
    "TS6": "Outdoor",
}
_ACTIVITIES = (
    *("Standing/Walking", "Exercising", "Sitting", "Reaching/Crouching", "On The Floor"),
    *("Sports", "Miscellaneous"),
)
_STUDIO = Camera(2048, 2048, (1500.0686, 1500.6591), (1017.3794, 1043.0628), name="studio")
_OUTDOOR = Camera(1920, 1080, (1683.4826, 1671.9272), (939.9278, 560.2072), name="outdoor")


class MPIINF3DHP(LiftingCorpus):
    r"""The test set of MPI-INF-3DHP, from the `"Monocular 3D Human Pose Estimation In The Wild
    Using Improved CNN Supervision" <https://arxiv.org/abs/1611.09813>`_ paper.

    It has six recordings in three scenes, with green screen (TS1, TS2), without (TS3, TS4) and
    outdoor (TS5, TS6), and 2,929 frames with valid annotations. The frames are not consecutive, so
    there are no windows of several frames. As in published results, the 3-D joints are those of a
    body scaled to a universal size. A sequence is one activity of a recording.

    The 17 joints are converted by name. The thorax of the Human3.6M layouts is the neck of 3DHP,
    and ``head_top`` is the top of the head in 3DHP.

    Args:
        root (str or PathLike): The folder with ``TS1/annot_data.mat`` and so on, which are
            MATLAB 7.3 files.
        skeleton (str or Skeleton, optional): The layout: one of Human3.6M, or
            :obj:`"mpi-inf-3dhp17"`, the joints of the files. (default: :obj:`"h36m17"`)
        target_space (str, optional): The space of the target, as in
            :class:`~pyg_skeleton.datasets.LiftingDataset`. (default: :obj:`"root-relative"`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, 2)`
        - **target:** :math:`(V, 3)` in **target_space**
        - **y:** :math:`(1)`, an index into :attr:`actions`, the seven activities

    Raises:
        FileNotFoundError: If all files are missing.
        ImportError: If h5py is not installed.
        ValueError: If a file is damaged or incomplete; the message names file and key.

    Warns:
        UserWarning: If some of the files are missing.
    """

    #: The scenes of the published tables.
    scenes: ClassVar[tuple[str, ...]] = ("GS", "noGS", "Outdoor")

    def __init__(
        self,
        root: str | os.PathLike[str],
        skeleton: str | Skeleton = "h36m17",
        target_space: str = "root-relative",
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        target = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        files = {name: Path(root) / name / "annot_data.mat" for name in _SCENES}
        missing = [name for name, file in files.items() if not file.exists()]
        if len(missing) == len(files):
            raise FileNotFoundError(f"{root}: has none of TS1/annot_data.mat to TS6/annot_data.mat")
        if missing:
            warnings.warn(f"{root}: has no files of {', '.join(missing)}", stacklevel=2)
        sequences = [
            sequence
            for name, file in files.items()
            if name not in missing
            for sequence in _read(name, file, target)
        ]
        super().__init__(
            sequences, target, target_space=target_space, transform=transform, actions=_ACTIVITIES
        )

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "test",
        *,
        layout: str | None = None,
        num_frames: int = 1,
        target_space: TargetSpaceName = "root-relative",
    ) -> MPIINF3DHP:
        """Opens the poses of the test set.

        Args:
            root (str or PathLike): The folder.
            split (str, optional): :obj:`"test"`, the only one. (default: :obj:`"test"`)
            layout (str, optional): The name or file of the layout; by default :obj:`"h36m17"`.
                (default: :obj:`None`)
            num_frames (int, optional): 1, as annotated frames are not consecutive.
                (default: :obj:`1`)
            target_space (str, optional): :obj:`"root-relative"` or :obj:`"pixel-depth"`.
                (default: :obj:`"root-relative"`)

        Raises:
            ValueError: If **split** is not :obj:`"test"` or **num_frames** is not 1.
        """
        if split != "test" or num_frames != 1:
            raise ValueError(
                f"MPI-INF-3DHP is a test set of single frames, got the split {split!r} and "
                f"num_frames={num_frames}"
            )
        return cls(root, load_layout(layout or "h36m17"), target_space)

    def scene_masks(self) -> dict[str, Tensor]:
        """Returns the mask of the poses of each scene, ``[N]``, except scenes without poses."""
        ids = [self.scenes.index(_SCENES[sequence.subject]) for sequence in self.sequences]
        scene_ids = torch.tensor(ids)[self.sequence_ids]
        masks = {scene: scene_ids == number for number, scene in enumerate(self.scenes)}
        return {scene: mask for scene, mask in masks.items() if bool(mask.any())}


def _read(name: str, file: Path, skeleton: Skeleton) -> list[PoseSequence]:
    """Reads the activities of a recording."""
    found, source = read_mpi_inf_3dhp(file), Skeleton.get("mpi-inf-3dhp17")
    keypoints, positions = (
        convert_clip(clip, source, skeleton, str(file), derive=True)
        for clip in (found.keypoints, found.positions)
    )
    camera = _OUTDOOR if _SCENES[name] == "Outdoor" else _STUDIO
    activities = torch.tensor(found.activities)
    return [
        PoseSequence(
            name,
            _ACTIVITIES[number - 1],
            f"{name} {_ACTIVITIES[number - 1]}",
            camera,
            keypoints[activities == number],
            positions[activities == number],
            fps=25.0,  # nominal, as the annotated frames are not consecutive
        )
        for number in sorted(set(found.activities.tolist()))
    ]
