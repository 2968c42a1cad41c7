"""CMU Mocap as clips of positions with an action each."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.motion.cmu_mocap import CMUMocap, cmu_files
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.io import read_exp_map
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.exp_map import exp_map_to_positions

_BODY = "cmu38"


class CMUActions(ClipDataset):
    r"""The recordings of :class:`CMUMocap` as clips of positions with an action each, to recognize
    or to cluster.

    The files hold rotations; positions come by forward kinematics on the body of one adult of
    average build, turned as in the recording, with the pelvis at the origin (the place of the
    pelvis is in no known unit). As in :class:`CMUMocap`, every other row is a frame, at a nominal
    25 per second; the first row of each file, a pose with stretched arms, is left out.

    The corpus has no published split for recognition. Ours is by recording: of each action one is
    for the test, the one in ``test`` or, where there is none, the last one in ``train``. An action
    with a single recording is left out. Each class has the same number of clips, as far as its
    recordings allow: windows that begin at evenly spaced frames of all of them.

    Args:
        root (str or PathLike): The folder with ``train`` and ``test``, see :class:`CMUMocap`.
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        num_frames (int, optional): The number of frames of a clip. (default: :obj:`50`)
        clips_per_class (int, optional): The largest number of clips of each class.
            (default: :obj:`100`)
        skeleton (Skeleton or str, optional): The layout, whose joints must be in ``cmu38`` or
            follow from those. (default: :obj:`"cmu38"`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, T, 3)` in meters, y up, the pelvis at the origin
        - **y:** :math:`(1)`, a position in :attr:`classes`
        - **sample:** the number of the item, :math:`(1)`

    Raises:
        FileNotFoundError: If no action has two recordings below **root**.
        ValueError: If an argument is out of range, a file is damaged or shorter than a clip, or
            the layout has a joint that cannot be derived.
    """

    frame_rate, unit, up = 25.0, "m", "y"

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        num_frames: int = 50,
        clips_per_class: int = 100,
        skeleton: Skeleton | str = _BODY,
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test', got {split!r}")
        if num_frames < 1 or clips_per_class < 1:
            raise ValueError(
                f"num_frames and clips_per_class must be at least 1, got {num_frames} and "
                f"{clips_per_class}"
            )
        self.split = split
        layout = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        recordings = cmu_recordings(root, split)
        clips: list[Tensor] = []
        labels: list[int] = []
        names: list[str] = []
        for label, files in enumerate(recordings.values()):
            bodies = [read_cmu_positions(file, layout) for file in files]
            for file, body in zip(files, bodies, strict=True):
                if body.size(1) < num_frames:
                    raise ValueError(
                        f"{file}: has {body.size(1)} frames, a clip needs {num_frames}"
                    )
            starts = [
                (which, start)
                for which, body in enumerate(bodies)
                for start in range(body.size(1) - num_frames + 1)
            ]
            count = min(clips_per_class, len(starts))
            for number in range(count):
                which, start = starts[number * len(starts) // count]
                clips.append(bodies[which][:, start : start + num_frames].unsqueeze(0))
                labels.append(label)
                names.append(f"{files[which].stem}@{start}")
        super().__init__(clips, labels, names, layout, list(recordings), transform)


def cmu_recordings(root: str | os.PathLike[str], split: str) -> dict[str, list[Path]]:
    """The files of each action in a split, of those with at least two."""
    folder = Path(root)
    out = {}
    for action in CMUMocap.actions:
        train, test = (
            [
                folder / f.name
                for f in cmu_files(s)
                if f.action == action and (folder / f.name).is_file()
            ]
            for s in ("train", "test")
        )
        if not test:
            train, test = train[:-1], train[-1:]
        if train and test:
            out[action] = train if split == "train" else test
    left_out = [action for action in CMUMocap.actions if action not in out]
    if out and left_out:
        warnings.warn(
            f"{root}: {len(left_out)} of {len(CMUMocap.actions)} actions do not have two "
            f"recordings and are left out: {', '.join(left_out)}",
            stacklevel=3,
        )
    if not out:
        raise FileNotFoundError(
            f"{root}: has no action of CMU Mocap with two recordings, looked for "
            "train/walking/walking_1.txt and the like"
        )
    return out


def read_cmu_positions(file: Path, skeleton: Skeleton) -> Tensor:
    """A recording as positions ``[V, T, 3]`` in meters."""
    body = Skeleton.get(_BODY)
    table = torch.from_numpy(read_exp_map(file, 3 + 3 * body.num_joints)[2::2, 3:]).float()
    angles = table.view(-1, body.num_joints, 3).transpose(0, 1)
    positions = exp_map_to_positions(angles, body, root_rotation=True)
    converted: Tensor = skeleton.converter_from(body)(positions)
    return converted.contiguous()
