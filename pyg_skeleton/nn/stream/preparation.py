"""The preparation of single frames: for each transform its counterpart that waits for no frame."""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.skeleton import difference
from pyg_skeleton.transforms.align_shoulders import AlignShoulders
from pyg_skeleton.transforms.bones_from_joints import BonesFromJoints
from pyg_skeleton.transforms.center import Center
from pyg_skeleton.transforms.center_2d import Center2D
from pyg_skeleton.transforms.chains import Chain
from pyg_skeleton.transforms.convert_skeleton import ConvertSkeleton
from pyg_skeleton.transforms.crop_resize import CropResize
from pyg_skeleton.transforms.difference import Difference
from pyg_skeleton.transforms.first_seen_origin import FirstSeenOrigin
from pyg_skeleton.transforms.frame_draw import FrameDraw
from pyg_skeleton.transforms.info_gcn_align import InfoGCNAlign
from pyg_skeleton.transforms.min_max_normalize import MinMaxNormalize
from pyg_skeleton.transforms.pad_frames import PadFrames
from pyg_skeleton.transforms.pre_normalize import AGCNPreNormalize, PreNormalize3D
from pyg_skeleton.transforms.pre_normalize_2d import PreNormalize2D
from pyg_skeleton.transforms.select_joints import SelectJoints
from pyg_skeleton.transforms.select_persons import SelectPersons
from pyg_skeleton.transforms.standardize import Standardize
from pyg_skeleton.transforms.stream import Stream
from pyg_skeleton.transforms.temporal_resize import TemporalResize
from pyg_skeleton.transforms.temporal_sample import TemporalSample
from pyg_skeleton.transforms.turn_upright import TurnUpright
from pyg_skeleton.transforms.uniform_sample import UniformSample

#: Transforms of each frame on its own.
_OF_FRAMES = (
    BonesFromJoints,
    Center2D,
    ConvertSkeleton,
    PreNormalize2D,
    SelectJoints,
    Standardize,
    TurnUpright,
)
#: Transforms of the number of frames, which are left out: frames count as they come. A stream
#: follows no more persons than the network takes.
_OF_TIME = (
    CropResize,
    FrameDraw,
    PadFrames,
    SelectPersons,
    TemporalResize,
    TemporalSample,
    UniformSample,
)


class FramePreparation:
    """A preparation of single frames, with the counterparts that docs/stream lists.

    Args:
        chain (Chain, optional): The preparation of clips.
        example (SkeletonData): A frame of as many persons as a stream follows.
        window (int): The number of frames that an answer depends on.

    Raises:
        ValueError: If a transform has no counterpart.
    """

    def __init__(self, chain: Chain | None, example: SkeletonData, window: int) -> None:
        self.example, self.window = example, window
        #: For how many frames each person has been absent.
        self.absent = torch.zeros(len(example.x) // example.num_joints, dtype=torch.long)
        transforms = [] if chain is None else chain.transforms
        self.steps = [step for t in transforms if (step := _counterpart(t, window)) is not None]

    def __call__(self, x: Tensor) -> Tensor | None:
        r"""Prepares a frame :math:`(M, V, C)`; :obj:`None` for the first one if the network reads
        motions.
        """
        self.absent = (self.absent + 1).masked_fill(x.flatten(1).any(1), 0)
        for person in (self.absent == self.window).nonzero().flatten().tolist():
            self.reset(person)
        data = copy.copy(self.example)
        data.x = x.flatten(0, 1).unsqueeze(1)
        for step in self.steps:
            data = step(data)
            if data is None:
                return None
        out: Tensor = data.x.squeeze(1).unflatten(0, (x.size(0), -1))
        return out

    def reset(self, person: int | None = None) -> None:
        """Forgets all frames, or those of a person, by their number."""
        if person is None:
            self.absent = torch.zeros_like(self.absent)
        for step in self.steps:
            if person is None:
                step.state.clear()
            else:
                step.forget(person, len(self.absent))

    def get_state(self) -> list[dict[str, Tensor]]:
        """Returns what is kept of the frames."""
        states = [{"absent": self.absent}, *(step.state for step in self.steps)]
        return [{name: value.clone() for name, value in state.items()} for state in states]

    def set_state(self, state: list[Mapping[str, Tensor]]) -> None:
        """Takes over what :meth:`get_state` returned."""
        first, *rest = state
        if len(rest) != len(self.steps) or len(first["absent"]) != len(self.absent):
            raise ValueError("the state is that of another stream")
        self.absent = first["absent"].clone()
        for step, values in zip(self.steps, rest, strict=True):
            step.state = {name: value.clone() for name, value in values.items()}


def num_frames_of(chain: Chain | None) -> int | None:
    """Returns the number of frames that a preparation yields, where it is known."""
    for transform in reversed([] if chain is None else chain.transforms):
        if isinstance(transform, _OF_TIME) and not isinstance(transform, SelectPersons):
            frames: int = getattr(transform, "num_frames", None) or transform.length
            return frames
    return None


class _Step:
    """The counterpart of a transform; :attr:`state` is what it keeps."""

    def __init__(self, transform: Any, window: int) -> None:
        self.transform, self.window = transform, window
        self.state: dict[str, Tensor] = {}

    def __call__(self, data: Any) -> Any:
        return self.transform.forward(data)

    def forget(self, person: int, num_persons: int) -> None:
        """Forgets the frames of a person. What is kept of all persons together stays."""
        self.state.pop(str(person), None)

    def mean(self, name: str, now: Tensor | None) -> Tensor | None:
        """The mean of a value over the last window, :obj:`None` before there was one."""
        past = self.state.get(name)
        if now is not None:
            past = now.unsqueeze(0) if past is None else torch.cat([past, now.unsqueeze(0)])
            past = self.state[name] = past[-self.window :]
        return None if past is None else past.mean(0)


def _bodies(data: Any) -> Tensor:
    """The joints, ``[M, V, C]``."""
    bodies: Tensor = data.x.squeeze(1).unflatten(0, (-1, data.num_joints))
    return bodies


def _first_seen(bodies: Tensor, joint: int) -> Tensor | None:
    """The joint of the first person who is there."""
    there = bodies.flatten(1).any(1).nonzero()
    return bodies[int(there[0]), joint] if there.numel() else None


class _Origin(_Step):
    """The origin is the mean place of the joint: one that stayed would leave the person behind."""

    def __call__(self, data: Any) -> Any:
        bodies = _bodies(data)
        origin = self.mean("origin", _first_seen(bodies, self.transform.joint))
        if origin is not None:
            there = bodies.flatten(1).any(1)[:, None, None]
            data.x = ((bodies - origin) * there).view_as(data.x)
        return data


class _OwnOrigin(_Step):
    """The origin of a person is the mean place of their joint."""

    def __call__(self, data: Any) -> Any:
        moved = []
        for person, pose in enumerate(_bodies(data)):
            there = bool(pose.any())
            origin = self.mean(str(person), pose[self.transform.joint] if there else None)
            moved.append(pose - origin if there else pose)
        data.x = torch.stack(moved).view_as(data.x)
        return data


class _Range(_Step):
    """The smallest and largest values are those of the last frames, of those who were there."""

    def __call__(self, data: Any) -> Any:
        bodies = _bodies(data)
        ends = torch.stack([bodies.amin(1), bodies.amax(1)]).unsqueeze(0)  # [1, 2, M, C]
        past = self.state.get("ends", ends[:0])
        ends = self.state["ends"] = torch.cat([past, ends])[-self.window :]
        there = ends.movedim(2, 0).flatten(1).any(1)
        if not bool(there.any()):
            return data
        low, high = ends[:, 0, there].amin((0, 1)), ends[:, 1, there].amax((0, 1))
        half = (high - low) / 2
        data.x = (data.x - (low + half)) / half.masked_fill(half == 0, 1.0)
        return data

    def forget(self, person: int, num_persons: int) -> None:
        if "ends" in self.state:
            rows = torch.tensor([person])
            self.state["ends"] = self.state["ends"].index_fill(2, rows, 0.0)


class _Before(_Step):
    """The base of those that keep the joints of frames before."""

    def forget(self, person: int, num_persons: int) -> None:
        rows = torch.tensor([person])
        for name, value in self.state.items():
            bodies = torch.unflatten(value, 0, (num_persons, -1))
            self.state[name] = bodies.index_fill(0, rows, 0.0).flatten(0, 1)


class _Motion(_Before):
    """The motion to the next frame comes with that frame."""

    def __call__(self, data: Any) -> Any:
        if self.transform.stream.startswith("bone"):
            data.x = self.transform.bones(data.x)
        before, self.state["before"] = self.state.get("before"), data.x
        if before is None:
            return None
        data.x = data.x - before
        return data


class _Difference(_Before):
    """The differences to the frames before."""

    def __call__(self, data: Any) -> Any:
        order = self.transform.order
        past = self.state.get("past", data.x[:, :0])
        past = torch.cat([past, data.x], dim=1)
        self.state["past"] = past[:, -order:] if order else past[:, :0]
        data.x = difference(past, order)[:, -1:]
        return data


class _Turn(_Step):
    """The rotation and the origin are those of the mean pose."""

    def __call__(self, data: Any) -> Any:
        bodies, transform = _bodies(data), self.transform
        there = bodies.flatten(1).any(1)
        seen = bodies[int(there.nonzero()[0])] if bool(there.any()) else None
        first = self.mean("pose", seen)
        if first is None:
            return data
        pose = seen if isinstance(transform, AGCNPreNormalize) and seen is not None else first
        origin = pose[transform.center]
        bodies = ((bodies - origin) * there[:, None, None]) @ transform.turn(first).to(bodies)
        data.x = bodies.reshape(data.x.shape)
        return data


class _Align(_Step):
    """The rotation of a person is that of their mean pose."""

    def __call__(self, data: Any) -> Any:
        turned = []
        for person, pose in enumerate(_bodies(data)):
            first = self.mean(str(person), pose if bool(pose.any()) else None)
            if first is not None:
                pose = pose @ self.transform.turn(first.double()).to(pose)
            turned.append(pose)
        data.x = torch.stack(turned).reshape(data.x.shape)
        return data


class _AlignShoulders(_Step):
    """A person is turned as their mean pose."""

    def __call__(self, data: Any) -> Any:
        transform, axes = self.transform, []
        for person, pose in enumerate(_bodies(data)):
            mean = self.mean(str(person), pose if bool(pose.any()) else None)
            pose = pose if mean is None else mean
            axes.append((pose[transform.right] - pose[transform.left]).unsqueeze(0))
        data.x = transform.turn(data.x.unflatten(0, (len(axes), -1)), torch.stack(axes))
        return data


_CHANGED: dict[type, type[_Step]] = {
    AGCNPreNormalize: _Turn,
    Difference: _Difference,
    FirstSeenOrigin: _Origin,
    InfoGCNAlign: _Align,
    MinMaxNormalize: _Range,
    PreNormalize3D: _Turn,
}


def _counterpart(transform: Any, window: int) -> _Step | None:
    """The counterpart of a transform; :obj:`None` for one that is left out."""
    if isinstance(transform, _OF_TIME):
        return None
    kind: type[_Step] | None = _CHANGED.get(type(transform))
    if isinstance(transform, Center) and transform.frame != "last":
        moving = _OwnOrigin if transform.person is None else _Origin
        kind = _Step if transform.frame == "each" else moving
    elif isinstance(transform, AlignShoulders) and transform.sign == "frame":
        kind = _Step if transform.frame == "each" else _AlignShoulders
    elif isinstance(transform, Stream):
        kind = _Motion if transform.stream.endswith("motion") else _Step
    elif isinstance(transform, _OF_FRAMES):
        kind = _Step
    if kind is None:
        raise ValueError(f"{transform} has no counterpart for single frames")
    return kind(transform, window)
