"""The base of the data sets of exp-map text files."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.motion.exp_map_files import (
    ExpMapFile,
    ExpMapFolder,
    Moments,
    enumerate_names,
)
from pyg_skeleton.datasets.motion.exp_map_windows import (
    CONTEXT,
    check_windows,
    every_start,
    seeded_starts,
    split_frames,
)
from pyg_skeleton.io import read_exp_map
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.plausible import check_coordinates

_SPLITS = ("train", "val", "test")


class ExpMapDataset(Dataset):
    r"""The base of the data sets of exp-map text files, :class:`CMUMocap` and
    :class:`Human36MExpMap`.

    A subclass names its actions, its files and the range in which test windows start. Nothing is
    ever written: the text files are read each time, at some 50 MB per second. A clip is a view into
    its recording, not a copy.

    Args:
        root (str or PathLike): The folder of the files.
        split (str, optional): :obj:`"train"`, :obj:`"val"` (with :obj:`held_out`) or
            :obj:`"test"`. (default: :obj:`"train"`)
        num_observed (int, optional): The number of observed frames. With fewer than 50, test items
            keep the last of the literature's 50. (default: :obj:`50`)
        num_future (int, optional): The number of frames to predict; with 0, items have no
            **target**. (default: :obj:`25`)
        skeleton (str or Skeleton, optional): The joints to take: a layout whose joints are all in
            :attr:`file_layout`; by default :attr:`layout`. (default: :obj:`None`)
        protocol (str, optional): :obj:`"literature"`: the eight test windows per action of all
            published tables. :obj:`"sturdy"`: :obj:`num_windows` windows, drawn in the same way;
            not comparable with published numbers. (default: :obj:`"literature"`)
        num_windows (int, optional): The number of test windows per action: 8 in
            :obj:`"literature"`, 256 by default in :obj:`"sturdy"`. (default: :obj:`None`)
        statistics_from (ExpMapDataset, optional): A data set whose statistics to use. Without it,
            the training recordings are read for the test split, too. (default: :obj:`None`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)
        held_out (bool, optional): Whether the last training recording of each action is left out
            of :obj:`"train"` and makes up :obj:`"val"`, of which every eighth window is taken.
            (default: :obj:`False`)

    Shapes:
        - **x:** :math:`(V, T_{\mathrm{in}}, 3)` axis-angle vectors in radians, not normalized
        - **target:** :math:`(V, T_{\mathrm{out}}, 3)`
        - **y:** :math:`(1)`, a position in :attr:`classes`

    Raises:
        FileNotFoundError: If the files are not below **root**.
        ValueError: If an argument is out of range or a file is damaged; for a file, the message
            names the line.

    Warns:
        UserWarning: If recordings are missing, or a training file is identical to a test file.
    """

    #: The actions, in the order of their labels.
    actions: ClassVar[tuple[str, ...]]
    #: The layout of the joints in a file; joint :obj:`j` has the columns from :obj:`3 + 3 * j` on.
    file_layout: ClassVar[str]
    #: The layout that is taken by default.
    layout: ClassVar[str]
    #: A folder below the root that may hold the files.
    inside: ClassVar[str] = ""
    #: The first frame at which a window may start.
    first_start: ClassVar[int] = 0
    #: The least number of frames that test windows keep clear of the end of a recording.
    test_margin: ClassVar[int] = 0
    #: Frames per second: every other row of a file is used.
    fps: ClassVar[float] = 25.0
    #: As networks keep it, see :attr:`SkeletonModel.frame_rate`.
    frame_rate: ClassVar[float] = fps
    #: Axis-angle vectors in radians.
    unit: ClassVar[str] = "rad"

    def __init__(
        self,
        root: str | os.PathLike[str],
        split: str = "train",
        num_observed: int = 50,
        num_future: int = 25,
        skeleton: str | Skeleton | None = None,
        protocol: str = "literature",
        num_windows: int | None = None,
        statistics_from: ExpMapDataset | None = None,
        transform: Callable[[SkeletonData], Any] | None = None,
        held_out: bool = False,
    ) -> None:
        skeleton = self.layout if skeleton is None else skeleton
        if split not in _SPLITS:
            raise ValueError(f"unknown split {split!r}, expected one of {', '.join(_SPLITS)}")
        if split == "val" and not held_out:
            raise ValueError("the split 'val' needs held_out=True, got held_out=False")
        self.num_windows = check_windows(split, num_observed, num_future, protocol, num_windows)
        self.split, self.protocol = split, protocol
        self.num_observed, self.num_future = num_observed, num_future
        self.skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        self._num_columns, self._columns = self._columns_of(self.skeleton)
        self.classes = list(self.actions)
        super().__init__(os.fspath(root), transform)

        splits = {name: self._expected_files(name) for name in ("train", "test")}
        folder = ExpMapFolder(self.root, splits, self.inside)
        if held_out:
            folder.hold_out()
        #: The recordings of the split that are there.
        self.files: list[ExpMapFile] = folder.present[split]
        #: The names of those that are not.
        self.missing_files: list[str] = folder.missing["train" if split == "val" else split]
        self._complain(folder, alone=statistics_from is None)
        tables = self._read_all(folder, statistics_from)
        self._clips = [self._joints_first(table) for table in tables]
        self._windows = self._find_windows()
        if not len(self._windows):
            raise ValueError(f"{root}: no {split} recording of {self._name} is as long as a window")

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        num_observed: int = 50,
        num_future: int | None = None,
        observation_ratio: float | None = None,
        windows: Literal["literature", "sturdy"] = "literature",
        held_out: bool = False,
        statistics_from: Any = None,
    ) -> ExpMapDataset:
        """The windows of a split.

        Args:
            root (str or PathLike): The folder of the files.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            num_observed (int, optional): The number of observed frames. (default: :obj:`50`)
            num_future (int, optional): The number of frames to predict; by default 25, or with
                :obj:`observation_ratio` the frames that are not observed. (default: :obj:`None`)
            observation_ratio (float, optional): The share of :obj:`num_observed + 25` frames that
                is observed. (default: :obj:`None`)
            windows (str, optional): The test windows: the eight per action of published tables, or
                256 per action, whose mean is steadier. (default: :obj:`"literature"`)
            held_out (bool, optional): Leave the last training recording of each action out, and
                measure it during training. (default: :obj:`False`)
            statistics_from (ExpMapDataset, optional): The training split, whose statistics a test
                split takes over. (default: :obj:`None`)
        """
        observed, future = split_frames(num_observed, num_future, observation_ratio)
        return cls(
            root,
            split,
            observed,
            future,
            protocol=windows,
            statistics_from=statistics_from,
            held_out=held_out,
        )

    @classmethod
    def read_clips(
        cls, path: str | os.PathLike[str], skeleton: Skeleton | None = None, **kwargs: Any
    ) -> dict[str, SkeletonData] | None:
        """Reads a text file of exponential maps, every other row of it, as the data set does.

        Args:
            path (str or PathLike): The file.
            skeleton (Skeleton, optional): The joints to take. (default: :attr:`layout`)
            **kwargs (optional): Unused.

        Returns:
            The recording by its name; :obj:`None` for other files.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If the file is damaged; the message names the line.
        """
        if Path(path).suffix != ".txt":
            return None
        skeleton = skeleton or Skeleton.get(cls.layout)
        number, columns = cls._columns_of(skeleton)
        table = read_exp_map(Path(path), number)[::2][:, columns]
        x = torch.from_numpy(table).float().transpose(0, 1)
        return {Path(path).stem: skeleton.to_data(x.contiguous())}

    @classmethod
    def _columns_of(cls, skeleton: Skeleton) -> tuple[int, NDArray[np.int64]]:
        """The number of columns of a file, and those of some joints, ``[V, 3]``."""
        layout = Skeleton.get(cls.file_layout)
        joints = np.array([layout.joint_id(name) for name in skeleton.joints])
        return 3 + 3 * layout.num_joints, 3 + 3 * joints[:, None] + np.arange(3)

    # Reading #####################################################################################

    def _expected_files(self, split: str) -> list[ExpMapFile]:
        raise TypeError(f"{self._name} does not say which files it has")

    def _complain(self, folder: ExpMapFolder, alone: bool) -> None:
        """Refuses a folder without the split; warns of missing and of duplicate files."""
        needed = [self.split] if not alone or self.split == "train" else [self.split, "train"]
        for split in needed:
            if split == "val" and folder.present[split]:
                continue
            if not folder.present[split]:
                wanted = enumerate_names(self.missing_files, most=2)
                raise FileNotFoundError(f"{self.root}: has no {split} file, looked for {wanted}")
            if names := folder.missing[split]:
                total = len(names) + len(folder.present[split])
                warnings.warn(
                    f"{self._name}: {len(names)} of {total} {split} files are missing in "
                    f"{folder.path}: {enumerate_names(names)}",
                    stacklevel=3,
                )
        if alone and (twins := folder.find_twins("train", "test")):
            warnings.warn(
                f"{self._name}: files that are in both splits, byte for byte, in {folder.path}: "
                f"{enumerate_names(twins)}; the test is in the training data",
                stacklevel=3,
            )

    def _read_all(
        self, folder: ExpMapFolder, source: ExpMapDataset | None
    ) -> list[NDArray[np.float64]]:
        """Reads the recordings, down-sampled, and the statistics, over all rows of train."""

        def read(file: ExpMapFile) -> NDArray[np.float64]:
            table = read_exp_map(folder.path / file.name, self._num_columns)
            check_coordinates(table, str(folder.path / file.name))
            return table

        tables = []
        if source is None:
            moments = Moments()
            for file in folder.present["train"]:
                table = read(file)
                moments.update(table)
                if self.split == "train":
                    tables.append(table[::2][:, self._columns])
            mean, std = (torch.from_numpy(v[self._columns]) for v in (moments.mean, moments.std))
            #: The mask of components that are constant in the training split, ``[V, 3]``.
            self.constant: Tensor = std < 1e-4
            #: Mean and standard deviation of the training split, ``[V, 3]``; 1 where constant.
            self.statistics: tuple[Tensor, Tensor] = (
                mean.float(),
                std.masked_fill(self.constant, 1.0).float(),
            )
        else:
            if type(source) is not type(self) or source.skeleton != self.skeleton:
                raise ValueError(
                    f"statistics_from must be a {self._name} with the skeleton "
                    f"{self.skeleton.name!r}, got {source!r}"
                )
            self.constant, self.statistics = source.constant, source.statistics
        return tables or [read(file)[::2][:, self._columns] for file in self.files]

    def _joints_first(self, table: NDArray[np.float64]) -> Tensor:
        """A recording ``[V, T, 3]`` whose constant components are exactly the mean."""
        clip = torch.from_numpy(table).float().transpose(0, 1).contiguous()
        return torch.where(self.constant[:, None], self.statistics[0][:, None], clip)

    # Windows #####################################################################################

    def _find_windows(self) -> Tensor:
        """The recording and first observed frame of each window, ``[N, 2]``."""
        if self.split != "test":
            margin, shift = self.num_observed + self.num_future, 0
        else:
            context = max(self.num_observed, CONTEXT)
            margin, shift = (
                max(context + self.num_future, self.test_margin),
                context - self.num_observed,
            )
        ranges = [(self.first_start, clip.size(1) - margin) for clip in self._clips]
        short = [
            file.name for file, (low, high) in zip(self.files, ranges, strict=True) if low >= high
        ]
        if short:
            warnings.warn(
                f"{self._name}: recordings that are shorter than a window are left out: "
                f"{enumerate_names(short)}",
                stacklevel=3,
            )
        if self.split != "test":
            return every_start(ranges)[:: 8 if self.split == "val" else 1]
        windows = []
        for action in self.actions:
            mine = [i for i, file in enumerate(self.files) if file.action == action]
            complete = len(mine) == sum(f.action == action for f in self._expected_files("test"))
            if complete and not any(self.files[i].name in short for i in mine):
                starts = seeded_starts([ranges[i] for i in mine], self.num_windows)
                windows += [[mine[which], start + shift] for which, start in starts]
        return torch.tensor(windows, dtype=torch.long).view(-1, 2)

    @property
    def missing_actions(self) -> list[str]:
        """The actions without a window in this split."""
        have = {self.files[i].action for i in self._windows[:, 0].tolist()}
        return [action for action in self.actions if action not in have]

    @property
    def windows(self) -> Tensor:
        """The recording (a position in :attr:`files`) and first frame of each item, ``[N, 2]``."""
        return self._windows[torch.as_tensor(self.indices())]

    def angle_error_options(self) -> dict[str, Any]:
        """The arguments of :class:`~pyg_skeleton.metrics.MeanAngleError` for this data set: its
        actions, number of frames and rate, its root and its constant components.
        """
        joints = self.skeleton.joints
        return {
            "actions": self.classes,
            "num_frames": self.num_future,
            "fps": self.fps,
            "exclude": [joints.index("pelvis")] if "pelvis" in joints else [],
            "constant": self.constant,
        }

    def window_weights(self) -> Tensor:
        """The probability of each item when a recording is drawn evenly, then a start evenly.

        That is how the literature trains; use it with
        :class:`torch.utils.data.WeightedRandomSampler`.
        """
        files = self.windows[:, 0]
        counts = torch.bincount(files).double()
        return 1 / (counts[files] * (counts > 0).sum())

    # Items #######################################################################################

    @property
    def num_classes(self) -> int:
        """The number of actions, also of those whose files are missing."""
        return len(self.classes)

    def len(self) -> int:
        """The number of windows."""
        return len(self._windows)

    def get(self, idx: int) -> SkeletonData:
        """The clip of a window, in radians, before the transform."""
        which, start = self._windows[idx].tolist()
        middle, end = start + self.num_observed, start + self.num_observed + self.num_future
        clip = self._clips[which]
        return self.skeleton.to_data(
            clip[:, start:middle],
            y=self.classes.index(self.files[which].action),
            target=clip[:, middle:end] if self.num_future else None,
        )

    @property
    def _name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        return (
            f"{self._name}({self.split!r}, {self.skeleton.name!r}, windows={len(self)}, "
            f"recordings={len(self.files)}, classes={self.num_classes})"
        )
