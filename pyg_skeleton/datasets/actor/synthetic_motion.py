"""The embedded data set of synthetic human motion."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.datasets.actor import MOVEMENTS, STYLES, Body, Person, film
from pyg_skeleton.datasets.actor.people import split_people
from pyg_skeleton.datasets.motion.exp_map_windows import split_frames
from pyg_skeleton.datasets.options import load_layout
from pyg_skeleton.skeleton import Skeleton

_SPLITS = ("train", "val", "test")
_BLOCK = 128


class SyntheticMotion(Dataset):
    r"""Synthetic people who walk, run, wave, punch, box, clap, jump, squat, sit down, kick, bow and
    turn.

    Movements are joint angles over time (low-order Fourier series and eased key poses). Forward
    kinematics turns them into the joints of any layout, with the lowest sole on the ground. People
    differ in height, proportions, tempo, amplitude, habits and handedness, and the splits are by
    person. A clip is a window of a longer movement, seen from a random direction in front. Some
    movements are easily confused: walking and running; waving, punching and boxing; squatting and
    sitting down.

    A clip depends only on the arguments and its index, not on the order of access. Clips are
    synthesized in blocks on first access and kept in memory.

    Args:
        skeleton (str or Skeleton, optional): The layout. (default: :obj:`"ntu25"`)
        split (str, optional): :obj:`"train"`, :obj:`"val"` or :obj:`"test"`: about 60, 20 and 20
            percent of the people. (default: :obj:`"train"`)
        num_observed (int, optional): The number of observed frames, at 25 per second.
            (default: :obj:`50`)
        num_future (int, optional): The number of frames to predict; with 0, items have no
            **target**. (default: :obj:`25`)
        clips_per_class (int, optional): The number of clips of each class in this split.
            (default: :obj:`100`)
        num_subjects (int, optional): The number of people in all splits together, at least 3.
            (default: :obj:`20`)
        classes (sequence of str, optional): The movements, in the order of their labels;
            if :obj:`None`, all twelve. (default: :obj:`None`)
        noise (float, optional): The standard deviation of the sensor noise in meters.
            (default: :obj:`0.01`)
        style (str, optional): The style of all movements, which defines a domain:
            :obj:`"default"`, :obj:`"energetic"`, :obj:`"weary"`, or :obj:`"shaky"` (three times the
            noise). (default: :obj:`"default"`)
        num_persons (int, optional): The number of persons per clip, side by side, who perform the
            same movement with individual variations. (default: :obj:`1`)
        seed (int, optional): The seed of people and clips. (default: :obj:`0`)
        transform (callable, optional): Called with each :class:`~pyg_skeleton.data.SkeletonData`
            on access. (default: :obj:`None`)

    Shapes:
        - **x:** :math:`(M \cdot V, T_{\mathrm{in}}, 3)` in meters: x to the right in the picture,
          y up, z toward the camera, the floor at :math:`y = 0`
        - **target:** :math:`(M \cdot V, T_{\mathrm{out}}, 3)`
        - **y:** :math:`(1)`

    Raises:
        ValueError: If a class, split or style is unknown, or a number is out of range.
    """

    fps = 25.0
    frame_rate, unit, up = fps, "m", "y"

    def __init__(
        self,
        skeleton: str | Skeleton = "ntu25",
        split: str = "train",
        num_observed: int = 50,
        num_future: int = 25,
        clips_per_class: int = 100,
        num_subjects: int = 20,
        classes: Sequence[str] | None = None,
        noise: float = 0.01,
        style: str = "default",
        num_persons: int = 1,
        seed: int = 0,
        transform: Callable[[SkeletonData], Any] | None = None,
    ) -> None:
        self.classes = list(MOVEMENTS if classes is None else classes)
        _check_name("split", split, _SPLITS)
        _check_name("style", style, STYLES)
        for name in self.classes:
            _check_name("class", name, MOVEMENTS)
        if not self.classes or len(set(self.classes)) < len(self.classes):
            raise ValueError(f"classes must name movements, each once, got {self.classes}")
        _check_least("num_observed", num_observed, 1)
        _check_least("num_future", num_future, 0)
        _check_least("clips_per_class", clips_per_class, 1)
        _check_least("num_subjects", num_subjects, len(_SPLITS))
        _check_least("num_persons", num_persons, 1)
        _check_least("seed", seed, 0)
        if not 0 <= noise < math.inf:
            raise ValueError(f"noise must be a number of meters, at least 0, got {noise}")
        self.skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        self.split, self.style, self.seed, self.noise = split, style, seed, noise
        self.num_observed, self.num_future = num_observed, num_future
        self.clips_per_class, self.num_subjects = clips_per_class, num_subjects
        self.num_persons = num_persons
        self.subjects = split_people(seed, num_subjects)[split]
        self._body = Body(self.skeleton)
        self._blocks: dict[int, Tensor] = {}
        self._statistics: tuple[Tensor, Tensor] | None = None
        super().__init__(transform=transform)

    @classmethod
    def open(
        cls,
        root: None = None,
        split: str = "train",
        *,
        num_observed: int = 50,
        num_future: int | None = None,
        observation_ratio: float | None = None,
        layout: str = "ntu25",
        statistics_from: Any = None,
    ) -> SyntheticMotion:
        """Opens the clips of a split for motion prediction: 100 of each movement for training, 20
        for validation and 40 for testing.

        Args:
            root (None, optional): Unused, as there are no files. (default: :obj:`None`)
            split (str, optional): :obj:`"train"`, :obj:`"val"` or :obj:`"test"`.
                (default: :obj:`"train"`)
            num_observed (int, optional): The number of observed frames. (default: :obj:`50`)
            num_future (int, optional): The number of frames to predict. If :obj:`None`, 25, or with
                :obj:`observation_ratio` all frames that are not observed. (default: :obj:`None`)
            observation_ratio (float, optional): The observed fraction of :obj:`num_observed + 25`
                frames. (default: :obj:`None`)
            layout (str, optional): The name or the YAML file of the layout.
                (default: :obj:`"ntu25"`)
            statistics_from (SyntheticMotion, optional): The training split, whose statistics are
                used for other splits. (default: :obj:`None`)
        """
        observed, future = split_frames(num_observed, num_future, observation_ratio)
        count = {"train": 100, "val": 20, "test": 40}.get(split, 1)
        skeleton = load_layout(layout)
        out = cls(skeleton, split, observed, future, clips_per_class=count, noise=0.02)
        if statistics_from is not None:
            out._statistics = statistics_from.statistics
        return out

    @property
    def num_classes(self) -> int:
        """The number of movements."""
        return len(self.classes)

    def len(self) -> int:
        """The number of clips."""
        return self.num_classes * self.clips_per_class

    def get(self, idx: int) -> SkeletonData:
        """Returns a clip before the transform."""
        clip = self.clip(idx)
        past, future = clip[:, :, : self.num_observed], clip[:, :, self.num_observed :]
        target = future if self.num_future else None
        return self.skeleton.to_data(past, y=idx % self.num_classes, target=target)

    def clip(self, idx: int) -> Tensor:
        """Returns all frames of a clip, past and future, ``[M, V, T, 3]``, in meters."""
        block = self._block(idx // _BLOCK)
        return block[idx % _BLOCK].clone()

    def subject(self, idx: int, person: int = 0) -> int:
        """Returns the number of the person in a clip."""
        return self.subjects[(idx // self.num_classes + person) % len(self.subjects)]

    @property
    def statistics(self) -> tuple[Tensor, Tensor]:
        """The mean and standard deviation ``[V, 3]`` of the training split, in all splits."""
        if self._statistics is None:
            train = self if self.split == "train" else self._train_split()
            blocks = range(math.ceil(train.len() / _BLOCK))
            frames = torch.cat([train._block(i).movedim(2, -2).flatten(0, -3) for i in blocks])
            frames = frames.double()
            self._statistics = (frames.mean(0).float(), frames.std(0).float())
        return self._statistics

    def _train_split(self) -> SyntheticMotion:
        return SyntheticMotion(
            skeleton=self.skeleton,
            split="train",
            num_observed=self.num_observed,
            num_future=self.num_future,
            clips_per_class=self.clips_per_class,
            num_subjects=self.num_subjects,
            classes=self.classes,
            noise=self.noise,
            style=self.style,
            num_persons=self.num_persons,
            seed=self.seed,
        )

    def _block(self, number: int) -> Tensor:
        """Returns the cached block of clips from ``number * _BLOCK`` on, ``[B, M, V, T, 3]``.

        The blocks are fixed, so that rounding does not depend on the order of access.
        """
        if number not in self._blocks:
            first = number * _BLOCK
            indices = range(first, min(first + _BLOCK, self.len()))
            rows = [(idx, person) for idx in indices for person in range(self.num_persons)]
            subjects = [self.subject(*row) for row in rows]
            people = {who: Person.draw(self.seed, who) for who in set(subjects)}
            split = _SPLITS.index(self.split)
            middle = (self.num_persons - 1) / 2
            clips = film(
                self._body,
                movements=[self.classes[idx % self.num_classes] for idx, _ in rows],
                people=[people[who] for who in subjects],
                draws=[np.random.default_rng([self.seed, split, *row]) for row in rows],
                num_frames=self.num_observed + self.num_future,
                fps=self.fps,
                style=STYLES[self.style],
                noise=self.noise,
                spots=torch.tensor([[1.2 * (person - middle), 0.0, 0.0] for _, person in rows]),
            )
            size = (len(indices), self.num_persons, *clips.shape[1:])
            self._blocks[number] = clips.view(size).transpose(2, 3).contiguous()
        return self._blocks[number]

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.skeleton.name!r}, {self.split!r}, "
            f"clips={len(self)}, classes={self.num_classes})"
        )


def _check_name(what: str, name: str, known: Sequence[str] | dict[str, Any]) -> None:
    if name not in known:
        raise ValueError(f"unknown {what} {name!r}, expected one of {', '.join(known)}")


def _check_least(what: str, value: int, least: int) -> None:
    if value < least:
        raise ValueError(f"{what} must be at least {least}, got {value}")
