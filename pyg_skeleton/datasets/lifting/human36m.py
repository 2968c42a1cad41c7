from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pyg_skeleton.camera.camera import Distortion
from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.lifting.corpus import (
    LiftingCorpus,
    check_detections,
    convert_clip,
    film_take,
    to_camera,
)
from pyg_skeleton.datasets.lifting.dataset import TargetSpaceName
from pyg_skeleton.datasets.lifting.human36m_files import (
    find_detections,
    missing_takes,
    read_cameras,
    read_takes,
    split_take,
)
from pyg_skeleton.datasets.lifting.sequence import PoseSequence
from pyg_skeleton.datasets.motion.exp_map_files import enumerate_names
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.skeleton import Skeleton

# The order of the columns in published tables.
_ACTIONS = (
    *("Directions", "Discussion", "Eating", "Greeting", "Phoning", "Photo", "Posing", "Purchases"),
    *("Sitting", "SittingDown", "Smoking", "Waiting", "WalkDog", "Walking", "WalkTogether"),
)
_SUBJECTS = {
    (1, "train"): ("S1", "S5", "S6", "S7", "S8"),
    (1, "test"): ("S9", "S11"),
    (2, "train"): ("S1", "S5", "S6", "S7", "S8", "S9"),
    (2, "test"): ("S11",),
}


class Human36M(LiftingCorpus):
    r"""Human3.6M for lifting, from the `"Human3.6M: Large Scale Datasets and Predictive Methods for
    3D Human Sensing in Natural Environments" <https://doi.org/10.1109/TPAMI.2013.248>`_ paper.

    The data set has seven subjects, fifteen actions with two takes each, and four cameras at 50
    frames per second. Two file layouts in **root** are supported; no code in the files is executed:

    - ``data_3d_h36m.npz`` and ``data_2d_h36m_*.npz`` (VideoPose3D, SemGCN);
    - ``S1/MyPoses/3D_positions/*.h5`` and so on, ``S1/StackedHourglass/*.h5``,
      ``S1/StackedHourglassFineTuned240/*.h5`` (Martinez et al.).

    Neither includes cameras. Those of ``cameras.json`` (:func:`~pyg_skeleton.io.read_cameras_json`)
    or ``cameras.h5`` (:func:`~pyg_skeleton.io.read_h36m_cameras`) are used if there is such a file,
    and the published ones otherwise. ``cameras.h5`` stores the two tangential coefficients in
    reverse order, which is taken into account.

    Joints are selected by name, and the bones are those of the layout, where the shoulders are
    attached to the thorax. Actions are matched exactly (Sitting is not SittingDown) and have the
    same names in all files (TakingPhoto is Photo, WalkingDog is WalkDog). The first take of
    Directions of S11 is left out, as its video is damaged, which leaves 600 sequences for training
    and 236 for testing. Detections that are longer than the capture are cut.

    Args:
        root (str or PathLike): The folder.
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        keypoints (str, optional): The 2-D joints: :obj:`"gt"` (the true joints, projected from 3-D
            if there is no file), :obj:`"cpn"` (fine-tuned on Human3.6M, 17 joints), :obj:`"sh"`
            (the fine-tuned stacked hourglass, 16 joints), :obj:`"sh_pt_mpii"` (the hourglass
            pre-trained on MPII, 16 joints), :obj:`"detectron"`, or any other name that replaces the
            star in ``data_2d_h36m_*.npz``. (default: :obj:`"gt"`)
        skeleton (str or Skeleton, optional): The layout: :obj:`"h36m17"`, :obj:`"h36m17-lcn"`,
            :obj:`"h36m16"` or another layout of the 32 joints. (default: :obj:`"h36m17"`)
        protocol (int, optional): 1: train on S1, S5, S6, S7, S8 and test on S9 and S11. 2: train on
            S9 as well and test on every 64th frame of S11. (default: :obj:`1`)
        num_frames (int, optional): The odd number of frames of the input. (default: :obj:`1`)
        stride (int, optional): Uses every n-th frame. If :obj:`None`, 64 for the test split of
            protocol 2, else 1. (default: :obj:`None`)
        target_space (str, optional): The space of the target, as in
            :class:`~pyg_skeleton.datasets.LiftingDataset`. (default: :obj:`"root-relative"`)
        cameras (str or PathLike, optional): The camera file if it is not in **root**; a file that
            ends in ``.h5`` is read like ``cameras.h5``. Without any, the cameras are those that
            circulate with VideoPose3D's files. (default: :obj:`None`)
        distortion (str, optional): The order of the tangential coefficients, see
            :class:`~pyg_skeleton.camera.Camera`. (default: :obj:`"videopose3d"`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, 2)`, or :math:`(V, F, 2)` with more than one frame
        - **target:** :math:`(V, 3)` in **target_space**
        - **y:** :math:`(1)`, an index into :attr:`actions`

    Raises:
        FileNotFoundError: If there are no files of the split or the keypoints.
        ImportError: If a file requires h5py, which is not installed.
        ValueError: If an argument is out of range, or a file is damaged, incomplete or inconsistent
            with another file; the message names file and place.

    Warns:
        UserWarning: If a subject or takes of the split are not in the files.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        keypoints: str = "gt",
        skeleton: str | Skeleton = "h36m17",
        protocol: int = 1,
        num_frames: int = 1,
        stride: int | None = None,
        target_space: str = "root-relative",
        cameras: str | os.PathLike[str] | None = None,
        distortion: Distortion = "videopose3d",
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        if (protocol, split) not in _SUBJECTS:
            raise ValueError(
                f"expected split 'train' or 'test' and protocol 1 or 2, got {split!r}, {protocol!r}"
            )
        self.split, self.protocol, self.keypoint_source = split, protocol, keypoints
        folder, wanted = Path(root), _SUBJECTS[protocol, split]
        target = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        takes = read_takes(folder, wanted)
        if missing := [subject for subject in wanted if subject not in takes]:
            warnings.warn(f"{root}: has no files of {', '.join(missing)}", stacklevel=2)
        if names := missing_takes(takes, _ACTIONS):
            count = len(names) + sum(len(clips) for clips in takes.values())
            warnings.warn(
                f"{root}: {4 * len(names)} of {4 * count} {split} sequences are missing: "
                f"{enumerate_names(names)}",
                stacklevel=2,
            )
        views = {
            subject: [to_camera(calibration, distortion) for calibration in calibrations]
            for subject, calibrations in read_cameras(folder, cameras, takes).items()
        }
        detections = find_detections(folder, keypoints, wanted)
        source = Skeleton.get("h36m32")
        sequences: list[PoseSequence] = []
        for subject, clips in takes.items():
            for take, clip in clips.items():
                detect = None
                if detections is not None:
                    detect = detections.read(subject, take, 4, len(clip), target)
                world = convert_clip(clip, source, target, f"{subject}/{take}")
                action = split_take(take)[0]
                sequences += film_take(subject, action, take, world, views[subject], detect, 50.0)
        if detections is not None:
            check_detections(sequences, detections.name)
        if stride is None:
            stride = 64 if (protocol, split) == (2, "test") else 1
        super().__init__(
            sequences, target, num_frames, stride, target_space, transform, actions=_ACTIONS
        )

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        layout: str | None = None,
        num_frames: int = 1,
        target_space: TargetSpaceName = "root-relative",
        stride: int = 1,
        test_stride: int | None = None,
        keypoints: str = "gt",
        cameras: str | None = None,
        distortion: Distortion = "videopose3d",
        protocol: Literal[1, 2] = 1,
    ) -> Human36M:
        """Opens the poses of a split.

        Args:
            root (str or PathLike): The folder.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            layout (str, optional): The name or file of the layout; by default :obj:`"h36m17"`.
                (default: :obj:`None`)
            num_frames (int, optional): The odd number of frames of the input.
                (default: :obj:`1`)
            target_space (str, optional): :obj:`"root-relative"` or :obj:`"pixel-depth"`.
                (default: :obj:`"root-relative"`)
            stride (int, optional): Trains on every n-th frame. (default: :obj:`1`)
            test_stride (int, optional): Tests on every n-th frame; by default 64 in protocol 2,
                else 1. (default: :obj:`None`)
            keypoints (str, optional): The 2-D joints: :obj:`"gt"`, :obj:`"cpn"`, :obj:`"sh"`,
                :obj:`"sh_pt_mpii"`, :obj:`"detectron"` or others. (default: :obj:`"gt"`)
            cameras (str, optional): The camera file if it is not in **root**; without any, the
                published cameras. (default: :obj:`None`)
            distortion (str, optional): The order of the tangential coefficients.
                (default: :obj:`"videopose3d"`)
            protocol (int, optional): 1 tests on S9 and S11, 2 on every 64th frame of S11.
                (default: :obj:`1`)
        """
        return cls(
            root,
            split,
            keypoints,
            load_layout(layout or "h36m17"),
            protocol,
            num_frames,
            stride if split == "train" else test_stride,
            target_space,
            cameras,
            distortion,
        )
