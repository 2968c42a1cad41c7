"""Lifting data from motion capture and virtual cameras."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.lifting.dataset import LiftingDataset, TargetSpaceName
from pyg_skeleton.datasets.lifting.sequence import PoseSequence
from pyg_skeleton.datasets.lifting.virtual import view
from pyg_skeleton.datasets.motion.cmu_mocap import CMUMocap, cmu_files
from pyg_skeleton.datasets.motion.exp_map_files import ExpMapFolder, enumerate_names
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.io import read_exp_map
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.exp_map import exp_map_to_positions

_FILE = Skeleton.get("cmu38")
_RATE = 120.0
# The unit of the files is 1 / 0.45 inch.
_UNIT = 0.0254 / 0.45
_BALL_OF_FOOT = 0.03
_LOWEST = [_FILE.joint_id(f"{side}_{j}") for side in ("left", "right") for j in ("foot", "toe")]


class CMUMocapLifting(LiftingDataset):
    r"""The recordings of :class:`~pyg_skeleton.datasets.CMUMocap`, projected to virtual cameras:
    real motion for lifting when Human3.6M is not available.

    Positions are computed by forward kinematics from the joint angles and the root motion of the
    files. The bones have the proportions of an adult of average build (see
    :func:`~pyg_skeleton.datasets.exp_map_to_positions`), scaled by 0.90 to 1.07 so that the feet
    of each recording touch its floor. Each recording has its own ring of cameras, see
    :func:`~pyg_skeleton.camera.camera_ring`, which depends only on its name and the seed. Errors in
    millimeters are suitable to compare methods, but not comparable with other corpora.

    Joints are selected by name from ``cmu38``; ``thorax``, which it lacks, is the base of the neck
    between the collar bones. ``pelvis`` is the root of the files (not the middle of the hips),
    ``head`` the joint in the middle of the head, which corresponds to the Neck/Nose of Human3.6M,
    and ``head_top`` the end of the chain above it.

    The first row of a file, a T-pose, is left out. The literature assumes about 30 rows per second,
    but the acceleration during jumps matches gravity at 120, which **subsample** is based on.

    Args:
        root (str or PathLike): The folder with ``train`` and ``test``, as for
            :class:`~pyg_skeleton.datasets.CMUMocap`.
        split (str, optional): :obj:`"train"` or :obj:`"test"`: by recording. (default:
            :obj:`"train"`)
        skeleton (str or Skeleton, optional): The layout, such as :obj:`"h36m17"`,
            :obj:`"h36m17-lcn"` or :obj:`"h36m16"`. (default: :obj:`"h36m17"`)
        num_frames (int, optional): The odd number of frames of the input. (default: :obj:`1`)
        stride (int, optional): Creates an item for every n-th frame after **subsample**; windows
            still contain all frames. (default: :obj:`1`)
        target_space (str, optional): :obj:`"root-relative"` or :obj:`"pixel-depth"`.
            (default: :obj:`"root-relative"`)
        num_cameras (int, optional): The number of cameras around each recording.
            (default: :obj:`4`)
        subsample (int, optional): Uses every n-th row of a file: 4 for 30 frames per second.
            (default: :obj:`4`)
        noise (float, optional): The standard deviation of the 2-D joints, in pixels.
            (default: :obj:`0`)
        jumps (float, optional): The fraction of 2-D joints that are outliers, about 50 pixels off.
            (default: :obj:`0`)
        seed (int, optional): The seed of cameras and detections. (default: :obj:`0`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, 2)`, or :math:`(V, F, 2)` with more than one frame
        - **target:** :math:`(V, 3)` in **target_space**
        - **y:** :math:`(1)`, an index into the eight actions of the corpus

    Raises:
        FileNotFoundError: If there is no file of the split.
        ValueError: If an argument is out of range, the files lack joints of the layout, or a file
            is damaged; for a file, the message names the line.

    Warns:
        UserWarning: If files are missing, or a training file is identical to a test file.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        skeleton: str | Skeleton = "h36m17",
        num_frames: int = 1,
        stride: int = 1,
        target_space: str = "root-relative",
        num_cameras: int = 4,
        subsample: int = 4,
        noise: float = 0.0,
        jumps: float = 0.0,
        seed: int = 0,
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        if split not in ("train", "test"):
            raise ValueError(f"unknown split {split!r}, expected one of train, test")
        if subsample < 1:
            raise ValueError(f"subsample must be at least 1, got {subsample}")
        self.split = split
        layout = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        convert = layout.converter_from(_FILE)
        folder = ExpMapFolder(root, {name: cmu_files(name) for name in ("train", "test")})
        _complain(folder, split)
        sequences: list[PoseSequence] = []
        for file in folder.present[split]:
            table = read_exp_map(folder.path / file.name, 3 + 3 * _FILE.num_joints)
            motion = convert(_stand(torch.from_numpy(table[1::subsample])), dim=1)
            take, fps = file.name.split("/")[-1].removesuffix(".txt"), _RATE / subsample
            sequences += view(
                motion, split, file.action, take, fps, num_cameras, noise, jumps, seed
            )
        super().__init__(
            sequences, layout, num_frames, stride, target_space, transform, CMUMocap.actions
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
        noise: float = 0.0,
    ) -> CMUMocapLifting:
        """Opens the poses of a split.

        Args:
            root (str or PathLike): The folder with ``train`` and ``test``.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            layout (str, optional): The name or file of the layout; by default :obj:`"h36m17"`.
                (default: :obj:`None`)
            num_frames (int, optional): The odd number of frames of the input.
                (default: :obj:`1`)
            target_space (str, optional): :obj:`"root-relative"` or :obj:`"pixel-depth"`.
                (default: :obj:`"root-relative"`)
            stride (int, optional): Trains on every n-th frame. (default: :obj:`1`)
            test_stride (int, optional): Tests on every n-th frame. (default: :obj:`1`)
            noise (float, optional): The standard deviation of the 2-D joints, in pixels.
                (default: :obj:`0`)
        """
        every = stride if split == "train" else test_stride
        return cls(
            root,
            split,
            load_layout(layout or "h36m17"),
            num_frames,
            every,
            target_space,
            noise=noise,
        )


def _stand(table: Tensor) -> Tensor:
    """Returns the joints of a recording ``[T, 38, 3]`` in meters, standing on its floor."""
    turns = table[:, 3:].view(len(table), -1, 3).transpose(0, 1)
    body = exp_map_to_positions(turns, _FILE, root_rotation=True).transpose(0, 1)
    path = table[:, :3] * _UNIT
    # Most frames have a foot on the floor, which gives the length of the legs; few are below it.
    legs = -body[:, _LOWEST, 1].min(1).values
    size = ((path[:, 1] - _BALL_OF_FOOT) / legs).quantile(0.25)
    return size * body + path[:, None]


def _complain(folder: ExpMapFolder, split: str) -> None:
    if not folder.present[split]:
        wanted = enumerate_names(folder.missing[split], most=2)
        raise FileNotFoundError(f"{folder.path}: has no {split} file, looked for {wanted}")
    if names := folder.missing[split]:
        total = len(names) + len(folder.present[split])
        warnings.warn(
            f"CMUMocapLifting: {len(names)} of {total} {split} files are missing in "
            f"{folder.path}: {enumerate_names(names)}",
            stacklevel=3,
        )
    if twins := folder.find_twins("train", "test"):
        warnings.warn(
            f"CMUMocapLifting: identical files in both splits in {folder.path}: "
            f"{enumerate_names(twins)}; the training data contain test data",
            stacklevel=3,
        )
