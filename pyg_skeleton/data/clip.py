"""A recording of one or more persons, with what its numbers mean."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.data.to_data import to_data
from pyg_skeleton.io.exchange.save import write_recording
from pyg_skeleton.io.recording import AXES, UNITS, Axis, Recording, Unit
from pyg_skeleton.skeleton import Skeleton, as_graph, list_skeletons
from pyg_skeleton.skeleton.skeleton import SkeletonLike

#: The meters in each unit of length.
METERS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "in": 0.0254}


@dataclass(frozen=True, eq=False, repr=False)
class Clip:
    r"""A recording of one or more persons: joints, their layout, and what the numbers mean.

    :func:`~pyg_skeleton.read` makes it of a file. Its methods return a new clip and leave this one
    as it is. What neither file nor user has said is :obj:`None`; :meth:`replace` says it.

    .. code-block:: python

        clip = pyg_skeleton.read("walk.bvh")
        clip = clip[100:400].to_unit("m").to_up("y").resample(30).to_layout("ntu25")
        data = clip.to_data()

    Args:
        joints (torch.Tensor): The joints; a joint is missing where one of its numbers is NaN.
        skeleton (Skeleton, str, path or dict): The layout, see
            :meth:`~pyg_skeleton.skeleton.Skeleton.of`.
        frame_rate (float, optional): Frames per second. (default: :obj:`None`)
        confidence (torch.Tensor, optional): How sure a detector is of each joint, from 0 to 1;
            set to 0 where a joint is missing. (default: :obj:`None`)
        persons (tuple, optional): The name or number of each person, by default their positions.
            (default: :obj:`()`)
        unit (str, optional): :obj:`"m"`, :obj:`"cm"`, :obj:`"mm"`, :obj:`"in"`, :obj:`"px"`, or
            :obj:`"normalized"` for shares of the width and height of the picture.
            (default: :obj:`None`)
        up (str, optional): The axis that points upwards, :obj:`"y"` or :obj:`"-y"` for example.
            (default: :obj:`None`)
        image_size (tuple, optional): Width and height of the picture in pixels.
            (default: :obj:`None`)
        name (str, optional): The name of the recording. (default: :obj:`""`)
        report (str, optional): How the last conversion of the layout made each joint, see
            :meth:`to_layout`. (default: :obj:`""`)

    Shapes:
        - **joints:** :math:`(M, T, V, C)`
        - **confidence:** :math:`(M, T, V)`

    Raises:
        ValueError: If a shape, unit or axis does not fit, a number is infinite, or the frame rate
            is not positive.

    Example:
        >>> clip = Clip(torch.rand(1, 60, 17, 2), "coco17", frame_rate=30, unit="px")
        >>> clip
        Clip('', skeleton='coco17', persons=1, frames=60, channels=2, frame_rate=30, unit='px')
        >>> clip[:30].resample(15).num_frames
        15
        >>> clip.to_layout("h36m17").joints.shape
        torch.Size([1, 60, 17, 2])
    """

    joints: Tensor
    skeleton: Skeleton
    frame_rate: float | None = None
    confidence: Tensor | None = None
    persons: tuple[int | str, ...] = ()
    unit: Unit | None = None
    up: Axis | None = None
    image_size: tuple[int, int] | None = None
    name: str = ""
    report: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        skeleton = as_graph(self.skeleton)  # also without bones, where nothing needs them
        joints = _tensor(self.joints)
        V = skeleton.num_joints
        if joints.dim() != 4 or joints.size(2) != V or joints.size(3) < 1 or not joints.numel():
            raise ValueError(
                f"expected joints [M, T, {V}, C] for the layout {skeleton.name!r}, got "
                f"{list(joints.shape)}"
            )
        if bool(joints.isinf().any()):
            raise ValueError(f"expected finite joints, got inf at {_first(joints.isinf())}")
        persons = tuple(self.persons) or tuple(range(len(joints)))
        if len(persons) != len(joints) or len(set(persons)) != len(persons):
            raise ValueError(f"expected another name for each of {len(joints)}, got {persons}")
        if self.frame_rate is not None and not 0 < self.frame_rate < math.inf:
            raise ValueError(f"frame_rate must be positive, got {self.frame_rate}")
        _check("unit", self.unit, (None, *UNITS))
        _check("up", self.up, (None, *_axes(joints)))
        confidence = self.confidence
        if confidence is not None:
            confidence = _tensor(confidence)
            if confidence.shape != joints.shape[:3]:
                raise ValueError(
                    f"expected the confidence {list(joints.shape[:3])}, got "
                    f"{list(confidence.shape)}"
                )
            confidence = confidence.masked_fill(joints.isnan().any(-1), 0.0)
            wrong = ~((confidence >= 0) & (confidence <= 1))
            if bool(wrong.any()):
                place = _first(wrong)
                raise ValueError(
                    f"expected a confidence from 0 to 1, got {float(confidence[tuple(place)]):.4g} "
                    f"at {place}"
                )
        for key, value in (
            ("joints", joints),
            ("skeleton", skeleton),
            ("persons", persons),
            ("confidence", confidence),
        ):
            object.__setattr__(self, key, value)

    @classmethod
    def from_recording(cls, recording: Recording, **values: Any) -> Clip:
        """The clip of what a reader returned.

        Args:
            recording (Recording): The recording.
            **values (optional): Fields that replace those of the recording.

        Raises:
            ValueError: If the recording has no layout, and there is no `skeleton` among the values.
        """
        known = {entry.name: getattr(recording, entry.name) for entry in fields(recording)}
        known["skeleton"] = known.pop("layout")
        del known["guessed"]
        known |= values
        if known["skeleton"] is None:
            raise ValueError(
                f"the file does not name its {known['joints'].shape[2]} joints, pass layout=..."
            )
        return cls(**known)

    def replace(self, **values: Any) -> Clip:
        """Returns the clip with other fields: :obj:`clip.replace(frame_rate=30, unit="m")`."""
        return replace(self, **values)

    @property
    def num_persons(self) -> int:
        """The number of persons."""
        return self.joints.size(0)

    @property
    def num_frames(self) -> int:
        """The number of frames."""
        return self.joints.size(1)

    @property
    def visible(self) -> Tensor:
        """Whether each joint is there, :math:`(M, T, V)`."""
        return ~self.joints.isnan().any(-1)

    def __len__(self) -> int:
        return self.num_frames

    def __getitem__(self, frames: slice) -> Clip:
        """Some of the frames: :obj:`clip[10:50]`."""
        if not isinstance(frames, slice) or (frames.step or 1) < 1:
            raise TypeError(f"expected a slice of frames, such as clip[10:50], got {frames!r}")
        if len(range(*frames.indices(len(self)))) == 0:
            raise ValueError(f"expected some of the {len(self)} frames, got {frames}")
        confidence, step = self.confidence, frames.step or 1
        return self.replace(
            joints=self.joints[:, frames],
            confidence=None if confidence is None else confidence[:, frames],
            frame_rate=None if self.frame_rate is None else self.frame_rate / step,
        )

    def select_persons(self, persons: int | str | Iterable[int | str]) -> Clip:
        """Some of the persons, in the given order.

        Args:
            persons (int, str or sequence): Their names, as in :attr:`persons`.

        Raises:
            ValueError: If there is no such person.
        """
        names = (persons,) if isinstance(persons, int | str) else tuple(persons)
        unknown = [name for name in names if name not in self.persons]
        if unknown or not names:
            shown = ", ".join(map(repr, self.persons[:20]))
            raise ValueError(f"expected some of the persons {shown}, got {(unknown or names)!r}")
        rows = [self.persons.index(name) for name in names]
        confidence = None if self.confidence is None else self.confidence[rows]
        return self.replace(joints=self.joints[rows], confidence=confidence, persons=names)

    def to_layout(self, skeleton: SkeletonLike) -> Clip:
        """The joints of another layout, by name, see
        :class:`~pyg_skeleton.skeleton.JointConverter`.

        A joint that this layout lacks is the mean of related joints where there is a rule for it,
        and missing otherwise. :attr:`report` of the result says which.

        Args:
            skeleton (Skeleton, str, path or dict): The layout.

        Raises:
            ValueError: If both layouts have nothing in common.
        """
        target = Skeleton.of(skeleton)
        if target == self.skeleton:
            return self
        convert = target.converter_from(self.skeleton)
        if len(convert.missing) == target.num_joints:
            raise ValueError(f"{self.skeleton.name!r} has none of the joints of {target.name!r}")
        joints, confidence = convert(self.joints, 2, math.nan), self.confidence
        return self.replace(
            joints=joints,
            skeleton=target,
            confidence=None if confidence is None else convert(confidence, 2, 0.0),
            report=convert.report(),
        )

    def resample(self, frame_rate: float) -> Clip:
        """The same time with another number of frames per second, linear between two frames.

        The first frame stays where it is. Where one of both frames lacks a joint, the result does.

        Args:
            frame_rate (float): Frames per second.

        Raises:
            ValueError: If the clip's own frame rate is not known.
        """
        if self.frame_rate is None:
            raise ValueError("the frame rate is not known, say it: clip.replace(frame_rate=...)")
        if not 0 < frame_rate < math.inf:
            raise ValueError(f"frame_rate must be positive, got {frame_rate}")
        if frame_rate == self.frame_rate:
            return self
        last = len(self) - 1
        count = math.floor(last * frame_rate / self.frame_rate + 1e-6) + 1
        at = torch.arange(count, dtype=torch.double) * (self.frame_rate / frame_rate)
        at = at.clamp(max=last)
        before = (at + 1e-6).floor().long()
        share = (at - before).clamp(min=0).float()
        confidence = None
        if self.confidence is not None:
            confidence = _between(self.confidence, before, share)
        return self.replace(
            joints=_between(self.joints, before, share),
            confidence=confidence,
            frame_rate=float(frame_rate),
        )

    def to_unit(self, unit: Unit) -> Clip:
        """The same joints in another unit.

        Args:
            unit (str): A unit of length, from another one; :obj:`"px"` and :obj:`"normalized"` from
                each other.

        Raises:
            ValueError: If the clip's own unit is not known, one is a length and the other is not,
                or the size of the picture is needed and not known.
        """
        _check("unit", unit, UNITS)
        if self.unit is None:
            raise ValueError("the unit is not known, say it: clip.replace(unit=...)")
        if unit == self.unit:
            return self
        if self.unit in METERS and unit in METERS:
            return self.replace(joints=self.joints * (METERS[self.unit] / METERS[unit]), unit=unit)
        if self.unit in METERS or unit in METERS:
            raise ValueError(f"there is no way from {self.unit!r} to {unit!r} without a camera")
        if self.image_size is None:
            raise ValueError(
                "the size of the picture is not known, say it: clip.replace(image_size=(w, h))"
            )
        if self.joints.size(3) != 2:
            raise ValueError(f"expected joints of x and y, got {self.joints.size(3)} channels")
        size = self.joints.new_tensor(self.image_size)
        joints = self.joints / size if unit == "normalized" else self.joints * size
        return self.replace(joints=joints, unit=unit)

    def to_up(self, up: Axis) -> Clip:
        """The same joints with another axis upwards.

        In 3-D the clip is turned by the smallest rotation, and upside down around the x-axis (the
        z-axis for :obj:`"x"`); it is never mirrored. In 2-D, where the rows of a picture are
        counted downwards, y is counted from the other end.

        Args:
            up (str): The axis.

        Raises:
            ValueError: If the clip's own axis is not known, or is not one of its channels.
        """
        channels = self.joints.size(3)
        _check("up", up, _axes(self.joints))
        if self.up is None:
            raise ValueError("the axis upwards is not known, say it: clip.replace(up=...)")
        if up == self.up:
            return self
        if channels == 2:
            if up[-1] != self.up[-1]:
                raise ValueError(f"a picture does not turn from {self.up!r} to {up!r}")
            axis = "xy".index(up[-1])
            size = {"px": self.image_size, "normalized": (1, 1)}.get(self.unit or "")
            joints = self.joints.clone()
            joints[..., axis] = (0 if size is None else size[axis]) - joints[..., axis]
            return self.replace(joints=joints, up=up)
        if channels != 3:
            raise ValueError(f"expected 2 or 3 channels, got {channels}")
        turn = _rotation(self.up, up).to(self.joints)
        # Channel by channel, so that NaN stays where it is and numbers stay exact.
        column, sign = turn.abs().argmax(1), turn.sum(1)
        return self.replace(joints=self.joints[..., column] * sign, up=up)

    def fill_gaps(self, max_frames: int | None = None) -> Clip:
        """Fills missing joints, linear in time, between two frames that have them.

        Before its first and after its last frame a joint stays missing.

        Args:
            max_frames (int, optional): The longest gap that is filled; all if :obj:`None`.
                (default: :obj:`None`)
        """
        there, T = self.visible, len(self)
        frames = torch.arange(T).view(1, T, 1)
        before = torch.where(there, frames, -1).cummax(1).values
        after = torch.where(there, frames, T).flip(1).cummin(1).values.flip(1)
        gap = ~there & (before >= 0) & (after < T)
        if max_frames is not None:
            gap &= after - before - 1 <= max_frames
        share = (frames - before) / (after - before).clamp(min=1)

        def fill(x: Tensor) -> Tensor:
            shape = [-1] * 3 + [x.size(3)]
            start = x.gather(1, before.clamp(min=0).unsqueeze(3).expand(shape))
            end = x.gather(1, after.clamp(max=T - 1).unsqueeze(3).expand(shape))
            return torch.where(gap.unsqueeze(3), torch.lerp(start, end, share.unsqueeze(3)), x)

        confidence = self.confidence
        if confidence is not None:
            confidence = fill(confidence.unsqueeze(3)).squeeze(3)
        return self.replace(joints=fill(self.joints), confidence=confidence)

    def to_data(self, y: Tensor | int | None = None, hops: int = 1) -> SkeletonData:
        r"""The clip as a data object, see :meth:`~pyg_skeleton.skeleton.Skeleton.to_data`.

        Missing joints are zero and not `visible`, where there are any. The confidence is the field
        `confidence`, :math:`(M \cdot V, T)`, and the size of the picture `image_size`,
        :math:`(1, 2)`, where they are known.

        Args:
            y (int or torch.Tensor, optional): The class. (default: :obj:`None`)
            hops (int, optional): The number of edge sets. (default: :obj:`1`)
        """
        extra: dict[str, Any] = {}
        if self.confidence is not None:
            extra["confidence"] = self.confidence.transpose(1, 2).flatten(0, 1)
        if self.image_size is not None:
            extra["image_size"] = torch.tensor([self.image_size])
        return to_data(
            self.skeleton,
            self.joints.transpose(1, 2),
            y=y,
            hops=hops,
            missing="error" if bool(self.visible.all()) else "mask",
            **extra,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the clip as ``.npz``, ``.json``, ``.csv`` or ``.bvh``, whole or not at all.

        NumPy archives and JSON keep all of it; a CSV table has no unit and axes, and a BVH file one
        person without missing joints, see :func:`~pyg_skeleton.io.write_bvh`.
        :func:`~pyg_skeleton.read` reads all of them.

        Args:
            path (str or PathLike): The file, whose ending says the format.

        Raises:
            ValueError: If there is no format with this ending, or it cannot hold the clip.
        """
        known: dict[str, Any] = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        del known["report"]
        layout = known.pop("skeleton")
        if layout.name in list_skeletons() and Skeleton.get(layout.name) == layout:
            known["layout"] = layout.name
        else:
            known["layout"] = layout.to_dict()
        for name in ("joints", "confidence"):
            if known[name] is not None:
                known[name] = known[name].cpu().numpy()
        write_recording(path, Recording(**known))

    def __repr__(self) -> str:
        M, T, _, C = self.joints.shape
        values = {
            "skeleton": repr(self.skeleton.name),
            "persons": M,
            "frames": T,
            "channels": C,
            "frame_rate": None if self.frame_rate is None else f"{self.frame_rate:g}",
            "unit": self.unit and repr(self.unit),
            "up": self.up and repr(self.up),
            "image_size": self.image_size,
            "confidence": None if self.confidence is None else f"{self.confidence.mean():.2f}",
            "missing": f"{1 - float(self.visible.float().mean()):.1%}",
        }
        if values["missing"] == "0.0%" and bool(self.visible.all()):
            del values["missing"]
        known = (f"{key}={value}" for key, value in values.items() if value is not None)
        return f"{self.__class__.__name__}({', '.join([repr(self.name), *known])})"

    def _repr_html_(self) -> str | None:
        from pyg_skeleton.visualization.viewer.view import notebook_html

        return notebook_html(self)


def _check(name: str, value: object, allowed: Iterable[object]) -> None:
    if value not in (known := tuple(allowed)):
        shown = ", ".join(repr(entry) for entry in known if entry is not None)
        raise ValueError(f"{name} must be one of {shown}, got {value!r}")


def _tensor(value: Tensor | NDArray[Any]) -> Tensor:
    """A tensor of floats, which shares no memory with an array that is read-only."""
    if isinstance(value, np.ndarray) and not value.flags.writeable:
        value = value.copy()
    return torch.as_tensor(value, dtype=torch.float)


def _axes(joints: Tensor) -> list[Axis]:
    return [axis for axis in AXES if "xyz".index(axis[-1]) < joints.size(3)]


def _first(mask: Tensor) -> list[int]:
    place: list[int] = mask.nonzero()[0].tolist()
    return place


def _between(x: Tensor, before: Tensor, share: Tensor) -> Tensor:
    """Values between frames, ``share`` of the way from the frame before to the next one."""
    after = (before + 1).clamp(max=x.size(1) - 1)
    share = share.view(-1, *[1] * (x.dim() - 2))
    start = x[:, before]
    return torch.where(share == 0, start, torch.lerp(start, x[:, after], share))


def _rotation(old: Axis, new: Axis) -> Tensor:
    """The rotation of column vectors that turns one axis into another."""
    eye = torch.eye(3)

    def vector(axis: Axis) -> Tensor:
        return eye["xyz".index(axis[-1])] * (-1 if axis.startswith("-") else 1)

    a, b = vector(old), vector(new)
    if bool((a == -b).all()):
        around = eye[2] if old[-1] == "x" else eye[0]
        return 2 * torch.outer(around, around) - eye
    cross = torch.linalg.cross(a, b)
    # The axes a and b span the plane that turns; what stands on it stays.
    return torch.outer(b, a) - torch.outer(a, b) + torch.outer(cross, cross)
