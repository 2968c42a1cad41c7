"""Clips of recognition, whose last frames are to be predicted."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.motion.exp_map_windows import split_frames
from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.datasets.recognition.kinetics_skeleton import KineticsSkeleton
from pyg_skeleton.datasets.recognition.ntu_rgbd import NTU60
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.chains import Chain, agcn_ntu
from pyg_skeleton.transforms.pad_frames import PadFrames
from pyg_skeleton.transforms.select_persons import SelectPersons
from pyg_skeleton.transforms.standardize import Standardize
from pyg_skeleton.transforms.temporal_crop import TemporalCrop

#: The number of training clips that mean and deviation are computed from.
_FITTED = 2000


class ClipMotion(Dataset):
    r"""The clips of a data set for action recognition, cut into observed frames and those to
    predict, for networks that do both tasks.

    Args:
        clips (ClipDataset): The clips.
        chain (Chain): Brings each clip to :obj:`num_observed + num_future` frames.
        num_observed (int): The number of observed frames.
        num_future (int): The number of frames to predict; with 0, items have no **target**.
        statistics_from (ClipMotion, optional): The training split, whose statistics a test split
            takes over. (default: :obj:`None`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(M \cdot V, T_{\mathrm{in}}, C)`, without persons who are never there
        - **target:** :math:`(M \cdot V, T_{\mathrm{out}}, C)`
        - **y:** :math:`(1)`, a position in :attr:`classes`

    Raises:
        ValueError: If a number of frames is out of range.
    """

    def __init__(
        self,
        clips: ClipDataset,
        chain: Chain,
        num_observed: int,
        num_future: int,
        statistics_from: ClipMotion | None = None,
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        if num_observed < 3 or num_future < 0:
            raise ValueError(
                f"expected num_observed >= 3 and num_future >= 0, got {num_observed} and "
                f"{num_future}"
            )
        clips.check_one_class("motion prediction")
        self.clips, self.chain = clips, chain
        self.num_observed, self.num_future = num_observed, num_future
        self.skeleton, self.classes = clips.skeleton, clips.classes
        self.frame_rate, self.unit, self.up = clips.frame_rate, clips.unit, clips.up
        self._statistics = None if statistics_from is None else statistics_from.statistics
        super().__init__(transform=transform)

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self.frame_rate or 30.0

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.classes)

    @property
    def statistics(self) -> tuple[Tensor, Tensor]:
        """Mean and standard deviation of each joint and channel, ``[V, C]``, of at most 2,000
        clips, evenly spaced.
        """
        if self._statistics is None:
            step = -(-self.len() // _FITTED)
            fitted = Standardize.fit(self.get(i) for i in range(0, self.len(), step))
            self._statistics = fitted.mean, fitted.std
        return self._statistics

    def preparation(self) -> Chain:
        """The transforms from a whole clip to what the network observes of it."""
        observed = TemporalCrop(self.num_observed, mode="first")
        return Chain([*self.chain.transforms, observed])

    def clip(self, number: int) -> Tensor:
        """The joints of a whole clip, ``[M, V, T, C]``."""
        return self.clips.clip(number)

    def len(self) -> int:
        """The number of clips."""
        return self.clips.num_clips

    def get(self, idx: int) -> SkeletonData:
        """Returns a clip before the transform."""
        data = self.chain(self.clips.get(idx))
        bodies = data.x.unflatten(0, (-1, self.skeleton.num_joints))
        there = bodies.flatten(1).any(dim=1)
        there[0] = True
        past, future = torch.split(bodies[there], [self.num_observed, self.num_future], dim=2)
        target = future if self.num_future else None
        return self.skeleton.to_data(past, y=int(data.y), target=target)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.skeleton.name!r}, clips={len(self)}, "
            f"classes={self.num_classes})"
        )


class NTUMotion(ClipMotion):
    """NTU RGB+D 60 for recognition and motion prediction, as the `"Symbiotic Graph Neural
    Networks" <https://arxiv.org/abs/1910.02212>`_ paper has it: clips are repeated to 300 frames,
    of which the last ten are to be predicted, and normalized as by 2s-AGCN.
    """

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        benchmark: Literal["xsub", "xview"] = "xsub",
        ignore: str | None = None,
        num_observed: int = 290,
        num_future: int | None = None,
        observation_ratio: float | None = None,
        statistics_from: Any = None,
    ) -> NTUMotion:
        """The clips of a split.

        Args:
            root (str or PathLike): The folder with the ``.skeleton`` files.
            split (str, optional): :obj:`"train"` or :obj:`"test"`. (default: :obj:`"train"`)
            benchmark (str, optional): The split by subject or by camera. (default: :obj:`"xsub"`)
            ignore (str, optional): A file with the names of recordings to leave out.
                (default: :obj:`None`)
            num_observed (int, optional): The number of observed frames. (default: :obj:`290`)
            num_future (int, optional): The number of frames to predict; by default 10, or with
                :obj:`observation_ratio` the frames that are not observed. (default: :obj:`None`)
            observation_ratio (float, optional): The share of :obj:`num_observed + 10` frames that
                is observed. (default: :obj:`None`)
            statistics_from (NTUMotion, optional): The training split, whose statistics a test
                split takes over. (default: :obj:`None`)
        """
        observed, future = split_frames(num_observed, num_future, observation_ratio, 10)
        clips = NTU60.open(root, split, benchmark=benchmark, ignore=ignore, pipeline="agcn")
        chain = agcn_ntu(num_frames=observed + future)
        return cls(clips, chain, observed, future, statistics_from)

    @classmethod
    def read_clips(
        cls, path: str | os.PathLike[str], skeleton: Skeleton | None = None, **options: Any
    ) -> dict[str, SkeletonData] | None:
        """Reads a file as :class:`NTU60` does, with the persons of 2s-AGCN.

        Args:
            path (str or PathLike): The file.
            skeleton (Skeleton, optional): Unused; the corpus has one layout.
            **options (optional): Unused; the corpus has one pipeline.
        """
        return NTU60.read_clips(path, pipeline="agcn")


class KineticsMotion(ClipMotion):
    """Kinetics-Skeleton for recognition and motion prediction, as the `"Symbiotic Graph Neural
    Networks" <https://arxiv.org/abs/1910.02212>`_ paper has it: the body of the highest
    confidence; clips are repeated to 300 frames, of which the last ten are to be predicted.
    """

    @classmethod
    def open(
        cls,
        root: str | os.PathLike[str],
        split: str = "train",
        *,
        num_observed: int = 290,
        num_future: int | None = None,
        observation_ratio: float | None = None,
        statistics_from: Any = None,
    ) -> KineticsMotion:
        """The clips of a split.

        Args:
            root (str or PathLike): The folder.
            split (str, optional): :obj:`"train"` or :obj:`"test"`, for which the corpus has
                its validation clips. (default: :obj:`"train"`)
            num_observed (int, optional): The number of observed frames. (default: :obj:`290`)
            num_future (int, optional): The number of frames to predict; by default 10, or with
                :obj:`observation_ratio` the frames that are not observed. (default: :obj:`None`)
            observation_ratio (float, optional): The share of :obj:`num_observed + 10` frames that
                is observed. (default: :obj:`None`)
            statistics_from (KineticsMotion, optional): The training split, whose statistics a test
                split takes over. (default: :obj:`None`)
        """
        observed, future = split_frames(num_observed, num_future, observation_ratio, 10)
        # The reader sorts the persons of each frame by their confidence, highest first.
        chain = Chain([SelectPersons(1), PadFrames(observed + future)])
        clips = KineticsSkeleton.open(root, split)
        return cls(clips, chain, observed, future, statistics_from)

    @classmethod
    def read_clips(
        cls, path: str | os.PathLike[str], skeleton: Skeleton | None = None, **options: Any
    ) -> dict[str, SkeletonData] | None:
        """Reads a file as :class:`KineticsSkeleton` does.

        Args:
            path (str or PathLike): The file.
            skeleton (Skeleton, optional): Unused; the corpus has one layout.
            **options (optional): Unused; the corpus has one pipeline.
        """
        return KineticsSkeleton.read_clips(path)
