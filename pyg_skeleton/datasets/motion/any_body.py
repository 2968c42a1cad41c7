"""Motion of any body: positions around the pelvis, for a network that predicts it."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.data import Clip, SkeletonData
from pyg_skeleton.datasets.actor import MOVEMENTS
from pyg_skeleton.datasets.actor.synthetic_motion import SyntheticMotion
from pyg_skeleton.datasets.motion.cmu_mocap import CMUMocap, cmu_files
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.io import read_exp_map
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.exp_map import exp_map_to_positions
from pyg_skeleton.transforms.center import Center
from pyg_skeleton.transforms.chains import Chain
from pyg_skeleton.transforms.temporal_crop import TemporalCrop


class AnyBody(Dataset):
    r"""The movements of :class:`CMUMocap` and of the embedded people as positions around the
    pelvis: for a network that predicts the motion of bodies that it has not seen.

    The files of CMU Mocap hold rotations; positions come by forward kinematics on an adult of
    average build. Their rows are taken as 120 per second: people then walk 109 and run 157 steps a
    minute, at 1.2 and 3.1 meters per second, and fall at 10 to 12 meters per second squared in a
    jump. All is resampled to 25 frames per second.

    In training, clips are turned about the vertical axis at random and every second one is
    mirrored, limbs are up to 15 percent longer or shorter, and the observed joints have errors of
    up to 1 cm. Classes (of both corpora, drawn equally often) are only there for the tables of
    errors. A test clip begins at every tenth frame of a recording that is not in the training data,
    by a person who is not.

    Args:
        root (str or PathLike, optional): The folder with ``train`` and ``test``, as for
            :class:`CMUMocap`; :obj:`None` for the embedded people alone. (default: :obj:`None`)
        split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
        skeleton (str or Skeleton, optional): The layout. (default: :obj:`"shared15"`)
        num_observed (int, optional): The number of observed frames. (default: :obj:`20`)
        num_future (int, optional): The number of frames to predict. (default: :obj:`25`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(V, T_{\mathrm{in}}, 3)` in meters, y up, the pelvis at the origin in every
          frame
        - **target:** :math:`(V, T_{\mathrm{out}}, 3)`
        - **y:** :math:`(1)`, a position in :attr:`classes`

    Raises:
        FileNotFoundError: If **root** has no file of the split.
        ValueError: If an argument is out of range, or a file is damaged.
    """

    fps = 25.0
    frame_rate, unit, up = fps, "m", "y"

    def __init__(
        self,
        root: str | os.PathLike[str] | None = None,
        split: str = "train",
        skeleton: str | Skeleton = "shared15",
        num_observed: int = 20,
        num_future: int = 25,
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        if split not in ("train", "test"):
            raise ValueError(f"split must be 'train' or 'test', got {split!r}")
        if num_observed < 3 or num_future < 1:
            raise ValueError(
                f"expected num_observed >= 3 and num_future >= 1, got {num_observed} and "
                f"{num_future}"
            )
        self.skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        self.split, self.num_observed, self.num_future = split, num_observed, num_future
        self.classes = [*(f"CMU {action}" for action in CMUMocap.actions), *MOVEMENTS]
        super().__init__(transform=transform)
        recordings = [] if root is None else self._cmu(Path(root))
        recordings += self._people()
        #: The recordings ``[V, T, 3]`` around the pelvis.
        self.recordings = [self._centered(joints) for _, joints in recordings]
        length, step = num_observed + num_future, 1 if split == "train" else 10
        windows = [
            (number, start, label)
            for number, (label, joints) in enumerate(recordings)
            for start in range(0, joints.size(1) - length + 1, step)
        ]
        self._windows = torch.tensor(windows)
        # Joints are sums of the bones between them and the root.
        V = self.skeleton.num_joints
        steps = torch.eye(V)
        self._child, parent = torch.tensor(self.skeleton.bones).unbind(dim=1)
        steps[self._child, parent] = -1
        self._bones = steps[self._child]
        self._chain = torch.linalg.inv(steps)[:, self._child]

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str] | None = None,
        split: str = "train",
        *,
        num_observed: int = 20,
        num_future: int = 25,
        layout: str = "shared15",
        statistics_from: Any = None,
    ) -> AnyBody:
        """Opens the clips of a split.

        Args:
            root (str or PathLike, optional): The folder of CMU Mocap. (default: :obj:`None`)
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            num_observed (int, optional): The number of observed frames. (default: :obj:`20`)
            num_future (int, optional): The number of frames to predict. (default: :obj:`25`)
            layout (str, optional): The name or the YAML file of the layout.
                (default: :obj:`"shared15"`)
            statistics_from (AnyBody, optional): Unused; networks keep those of their training.
        """
        return cls(root, split, load_layout(layout), num_observed, num_future)

    def _cmu(self, root: Path) -> list[tuple[int, Tensor]]:
        files = [file for file in cmu_files(self.split) if (root / file.name).is_file()]
        if not files:
            raise FileNotFoundError(
                f"{root}: has no file of CMU Mocap, looked for {cmu_files(self.split)[0].name}"
            )
        body = Skeleton.get("cmu38")
        out = []
        for file in files:
            # The first rows are a pose with stretched arms.
            table = torch.from_numpy(read_exp_map(root / file.name, 3 + 3 * body.num_joints))[2:]
            angles = table[:, 3:].float().view(len(table), body.num_joints, 3).transpose(0, 1)
            joints = exp_map_to_positions(angles, body, root_rotation=True)
            clip = Clip(joints.transpose(0, 1)[None], body, 120.0, unit="m", up="y")
            clip = clip.resample(self.fps).to_layout(self.skeleton)
            label = self.classes.index(f"CMU {file.action}")
            out.append((label, clip.joints[0].transpose(0, 1)))
        return out

    def _people(self) -> list[tuple[int, Tensor]]:
        count, frames = (60, 100) if self.split == "train" else (10, 65)
        people = SyntheticMotion(
            self.skeleton, self.split, frames, 0, clips_per_class=count, noise=0
        )
        first = len(CMUMocap.actions)
        return [
            (first + number % people.num_classes, people.clip(number)[0])
            for number in range(len(people))
        ]

    def _centered(self, joints: Tensor) -> Tensor:
        return joints - joints[self.skeleton.joint_id("pelvis")]

    @property
    def num_classes(self) -> int:
        """The number of classes, also of those without a recording."""
        return len(self.classes)

    @property
    def statistics(self) -> tuple[Tensor, Tensor]:
        """The mean and standard deviation ``[V, 3]`` of the poses, turned in all directions."""
        poses = torch.cat(self.recordings, dim=1).double()
        mean, square = poses.mean(dim=1), poses.square().mean(dim=1)
        mean[:, [0, 2]] = 0.0
        square[:, [0, 2]] = square[:, [0, 2]].mean(dim=1, keepdim=True)
        std = (square - mean.square()).clamp(min=0).sqrt()
        std[std < 1e-4] = 1.0  # the pelvis
        return mean.float(), std.float()

    def preparation(self) -> Chain:
        """The transforms from a clip of any length to what the network observes."""
        pelvis = self.skeleton.joint_id("pelvis")
        return Chain([Center(pelvis), TemporalCrop(self.num_observed, mode="last")])

    def window_weights(self) -> Tensor:
        """The probability of each item when a class is drawn evenly, then a clip evenly."""
        labels = self._windows[self.indices(), 2]
        counts = labels.bincount(minlength=self.num_classes).double()
        return 1 / (counts[labels] * (counts > 0).sum())

    def len(self) -> int:
        """The number of clips."""
        return len(self._windows)

    def get(self, idx: int) -> SkeletonData:
        """Returns a clip before the transform."""
        number, start, label = self._windows[idx].tolist()
        joints = self.recordings[number][:, start : start + self.num_observed + self.num_future]
        if self.split == "train":
            joints = self._vary(joints)
        past, future = joints.split([self.num_observed, self.num_future], dim=1)
        if self.split == "train":
            past = past + 0.01 * torch.rand(()) * torch.randn(past.shape)
            past = self._centered(past)
        return self.skeleton.to_data(past, y=label, target=future)

    def _vary(self, joints: Tensor) -> Tensor:
        """A body of other proportions, from another side, perhaps mirrored."""
        mirror, pelvis = self.skeleton.mirror_index, self.skeleton.joint_id("pelvis")
        length = torch.empty(len(joints)).uniform_(0.85, 1.15)
        length = (length + length[mirror]) / 2
        body = self._chain @ (length[self._child].unsqueeze(1) * self._bones)
        body -= body[pelvis].clone()
        angle = 2 * math.pi * float(torch.rand(()))
        cos, sin, sign = math.cos(angle), math.sin(angle), 1
        if float(torch.rand(())) < 0.5:
            body, sign = body[mirror], -1
        turn = torch.tensor([[sign * cos, 0, -sign * sin], [0, 1, 0], [sin, 0, cos]])
        return (body @ joints.flatten(1)).view_as(joints) @ turn

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.split!r}, {self.skeleton.name!r}, clips={len(self)}, "
            f"recordings={len(self.recordings)})"
        )
