from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from pyg_skeleton.camera.camera import Distortion
from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.lifting.corpus import (
    LiftingCorpus,
    check_detections,
    convert_clip,
    film_take,
    fit_intrinsics,
    to_camera,
)
from pyg_skeleton.datasets.lifting.dataset import TargetSpaceName
from pyg_skeleton.datasets.lifting.detections import read_detections
from pyg_skeleton.datasets.lifting.sequence import PoseSequence
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.io import read_cameras_json, read_positions_3d
from pyg_skeleton.skeleton import Skeleton

_LIMBS = ("shoulder", "elbow", "wrist"), ("hip", "knee", "ankle")
_PARTS = {"upper_arm": "shoulder elbow", "forearm": "wrist", "thigh": "hip knee", "crus": "ankle"}
_SIDES = ("left", "right")
_FOLDERS = {"train": "Train/", "test": "Validate/"}
_POSITIONS = "data_3d_humaneva15.npz"


def _make_layout() -> Skeleton:
    """Creates the layout of the 15 joints of the files."""
    joints: dict[str, str | None] = {"pelvis": None, "thorax": "pelvis"}
    for limb, start in zip(_LIMBS, ("thorax", "pelvis"), strict=True):
        for side in _SIDES:
            names = [f"{side}_{joint}" for joint in limb]
            joints.update(zip(names, [start, *names], strict=False))
    joints["head"] = "thorax"
    parts = {"head": ["head"], "torso": ["pelvis", "thorax"]}
    for side in _SIDES:
        for part, members in _PARTS.items():
            parts[f"{side}_{part}"] = [f"{side}_{joint}" for joint in members.split()]
    return Skeleton.from_dict({"name": "humaneva15", "joints": joints, "parts": parts})


class HumanEva(LiftingCorpus):
    r"""HumanEva-I for lifting, from the `"HumanEva: Synchronized Video and Motion Capture Dataset
    and Baseline Algorithm for Evaluation of Articulated Human Motion"
    <https://doi.org/10.1007/s11263-009-0273-6>`_ paper.

    It is read from the ``.npz`` files of VideoPose3D, ``data_3d_humaneva15.npz`` (15 joints,
    subjects such as ``Train/S1`` and ``Validate/S1``, takes such as ``Walking 1 chunk0``, 60 frames
    per second) and ``data_2d_humaneva15_*.npz``; no code in the files is executed. The cameras of
    :obj:`"S1"` and so on are read from ``cameras.json``
    (:func:`~pyg_skeleton.io.read_cameras_json`), in the order of the clips in the files. Focal
    lengths and centers that are not there are fitted to the joints in the images.

    Args:
        root (str or PathLike): The folder.
        split (str, optional): :obj:`"train"` or :obj:`"test"`, the validation set of the
            corpus. (default: :obj:`"train"`)
        keypoints (str, optional): The name that replaces the star in the name of the 2-D file.
            Without a file, :obj:`"gt"` is projected from the 3-D joints. (default: :obj:`"gt"`)
        skeleton (str or Skeleton, optional): The layout. If :obj:`None`, the 15 joints of the
            files. Detections in another layout (COCO) are converted by name, and missing joints are
            derived if possible, see :class:`~pyg_skeleton.skeleton.JointConverter`.
            (default: :obj:`None`)
        num_frames (int, optional): The odd number of frames of the input. (default: :obj:`1`)
        stride (int, optional): Uses every n-th frame. (default: :obj:`1`)
        target_space (str, optional): The space of the target, as in
            :class:`~pyg_skeleton.datasets.LiftingDataset`. (default: :obj:`"root-relative"`)
        cameras (str or PathLike, optional): The camera file if it is not in **root**.
            (default: :obj:`None`)
        distortion (str, optional): The order of the tangential coefficients, see
            :class:`~pyg_skeleton.camera.Camera`. (default: :obj:`"videopose3d"`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, 2)`, or :math:`(V, F, 2)` with more than one frame
        - **target:** :math:`(V, 3)` in **target_space**
        - **y:** :math:`(1)`, an index into :attr:`actions`, the actions of both splits

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If an argument is out of range, or a file is damaged, incomplete or inconsistent
            with another file; the message names file and place.
    """

    own_layout: ClassVar[bool] = True
    by_subject: ClassVar[bool] = True

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        keypoints: str = "gt",
        skeleton: str | Skeleton | None = None,
        num_frames: int = 1,
        stride: int = 1,
        target_space: str = "root-relative",
        cameras: str | os.PathLike[str] | None = None,
        distortion: Distortion = "videopose3d",
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        if split not in _FOLDERS:
            raise ValueError(f"unknown split {split!r}, expected one of {', '.join(_FOLDERS)}")
        self.split, self.keypoint_source = split, keypoints
        source = _make_layout()
        target = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton or source
        folder = Path(root)
        positions_file = folder / _POSITIONS
        positions = read_positions_3d(positions_file)
        camera_file = folder / "cameras.json" if cameras is None else Path(cameras)
        calibrations = read_cameras_json(camera_file)
        detections = None
        file = folder / f"data_2d_humaneva15_{keypoints}.npz"
        if keypoints != "gt" or file.exists():
            detections = read_detections(file, [source, Skeleton.get("coco17")])
        sequences: list[PoseSequence] = []
        for owner in sorted(name for name in positions if name.startswith(_FOLDERS[split])):
            subject = owner.partition("/")[2]
            if subject not in calibrations:
                raise ValueError(f"{camera_file}: has no cameras for {subject}")
            cameras_of = calibrations[subject]
            takes: dict[str, tuple[Tensor, Callable[[int], Tensor] | None]] = {}
            for take, clip in sorted(positions[owner].items()):
                name = f"{positions_file}: {owner}/{take}"
                if clip.shape[1] != source.num_joints:
                    raise ValueError(f"{name}: has {clip.shape[1]} joints, expected 15")
                detect = None
                if detections is not None:
                    detect = detections.read(owner, take, len(cameras_of), len(clip), target, True)
                takes[take] = convert_clip(clip, source, target, name, derive=True), detect
            views = []
            for number, calibration in enumerate(cameras_of):
                if np.isnan(calibration.focal).any():
                    pairs = [(w, detect(number)) for w, detect in takes.values() if detect]
                    if not pairs:
                        raise ValueError(
                            f"{camera_file}: camera {calibration.name!r} has no focal_length, and "
                            f"there is no {file.name} to fit it to"
                        )
                    world, seen = (torch.cat([x.flatten(0, 1) for x in side])
                                   for side in zip(*pairs, strict=True))  # fmt: skip
                    calibration = fit_intrinsics(calibration, world, seen)
                views.append(to_camera(calibration, distortion))
            for take, (world, detect) in takes.items():
                sequences += film_take(subject, _action(take), take, world, views, detect, 60.0)
        if not sequences:
            raise ValueError(f"{positions_file}: has no subject like {_FOLDERS[split]}S1")
        if detections is not None:
            check_detections(sequences, detections.name)
        actions = sorted({_action(take) for takes in positions.values() for take in takes})
        super().__init__(
            sequences, target, num_frames, stride, target_space, transform, actions=actions
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
        test_stride: int = 1,
        keypoints: str = "gt",
        cameras: str | None = None,
        distortion: Distortion = "videopose3d",
    ) -> HumanEva:
        """Opens the poses of a split.

        Args:
            root (str or PathLike): The folder.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            layout (str, optional): The name or file of the layout; by default the 15 joints of
                the files. (default: :obj:`None`)
            num_frames (int, optional): The odd number of frames of the input.
                (default: :obj:`1`)
            target_space (str, optional): :obj:`"root-relative"` or :obj:`"pixel-depth"`.
                (default: :obj:`"root-relative"`)
            stride (int, optional): Trains on every n-th frame. (default: :obj:`1`)
            test_stride (int, optional): Tests on every n-th frame. (default: :obj:`1`)
            keypoints (str, optional): The 2-D joints: :obj:`"gt"`, or the name that replaces the
                star in ``data_2d_humaneva15_*.npz``. (default: :obj:`"gt"`)
            cameras (str, optional): The camera file if it is not in **root**.
                (default: :obj:`None`)
            distortion (str, optional): The order of the tangential coefficients.
                (default: :obj:`"videopose3d"`)
        """
        return cls(
            root,
            split,
            keypoints,
            layout and load_layout(layout),
            num_frames,
            stride if split == "train" else test_stride,
            target_space,
            cameras,
            distortion,
        )


def _action(take: str) -> str:
    return take.partition(" ")[0]
