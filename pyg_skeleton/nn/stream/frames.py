"""Frames of the user, as they come."""

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pyg_skeleton.data.clip import Clip
from pyg_skeleton.nn.models.inputs import (
    PLANAR,
    check_size,
    convert,
    joints_as_layout,
    joints_of,
    tell,
)
from pyg_skeleton.skeleton import Skeleton, SkeletonLike
from pyg_skeleton.skeleton.plausible import LARGEST


class FrameReader:
    r"""Brings frames to the layout and the unit of a network, each person to a place of their own.

    Args:
        model (SkeletonModel): The network.
        num_persons (int): The largest number of persons.
        layout (Skeleton or str, optional): The layout of the frames.
            (default: that of the network)
        unit (str, optional): Their unit. (default: that of the network)
        image_size (tuple[int, int], optional): The size of the picture in pixels.
            (default: :obj:`None`)
    """

    def __init__(
        self,
        model: Any,
        num_persons: int,
        layout: SkeletonLike | None = None,
        unit: Any = None,
        image_size: Any = None,
    ) -> None:
        self.model, self.num_persons = model, num_persons
        self.source = joints_as_layout(model.skeleton) if layout is None else Skeleton.of(layout)
        self.unit, self.image_size = unit, image_size
        #: The numbers of channels that a joint may have, where they are fixed.
        self.channels: tuple[int, ...] | None = None
        if model.preparation is None and model.unit not in PLANAR:
            self.channels = (model.in_channels,)
        #: The place of each person by their name.
        self.places: dict[Hashable, int] = {}
        self.last: Tensor | None = None
        self.present = [False] * num_persons
        self._checked = False

    def read(self, frame: Any) -> tuple[Tensor | None, list[bool]]:
        r"""Returns the joints :math:`(M, V, C)`, zero where a person is absent, and who is present.

        Args:
            frame (numpy.ndarray, dict or None): A pose :math:`(V, C)`, those of several persons
                :math:`(M, V, C)`, or poses by the names of the persons. A joint that is missing
                (NaN) stays where it was. :obj:`None` for a frame that is missing: everybody stays.

        Raises:
            ValueError: If the shape is another, or a value is not finite.
        """
        if frame is None:
            return self.last, self.present
        poses = self._at_places(frame)
        absent = (poses.nan_to_num() == 0).flatten(1).all(1)
        poses = poses.masked_fill(absent[:, None, None], torch.nan)
        x = self.joints(poses)
        # A person counts from the frame on in which each joint has been seen.
        absent = absent | x.isnan().flatten(1).any(1)
        x = x.masked_fill(absent[:, None, None], 0.0)
        self.last, self.present = x, (~absent).tolist()
        if any(self.present) and not self._checked:
            check_size(x[~absent].unsqueeze(1), self.model.body_size)
            self._checked = True
        return x, self.present

    def joints(self, poses: Tensor) -> Tensor:
        """Brings poses to the layout and the unit of the network, and fills what is missing."""
        clip = Clip(poses.unsqueeze(1), self.source, unit=self.unit, image_size=self.image_size)
        clip = convert(clip, self.model)
        if self.model.unit in PLANAR:
            return joints_of(clip, self.model)[:, 0]
        return self.filled(clip.joints[:, 0])

    def filled(self, x: Tensor) -> Tensor:
        """Puts joints that are missing where they were in the frame before."""
        if self.last is None:
            return x
        gone = (self.last == 0).flatten(1).all(1)[:, None, None]
        before = self.last.masked_fill(gone, torch.nan)
        there = ~x.isnan().flatten(1).all(1)[:, None, None]
        return torch.where(x.isnan().any(-1, keepdim=True) & there, before, x)

    def _at_places(self, frame: Any) -> Tensor:
        V = self.source.num_joints
        if isinstance(frame, Mapping):
            poses = [_numbers(pose) for pose in frame.values()]
            places = [self._place(name) for name in frame]
        else:
            array = _numbers(frame)
            poses = list(array if array.dim() == 3 else array.unsqueeze(0))
            places = [place if place < self.num_persons else None for place in range(len(poses))]
        known = self.channels or (self.model.in_channels,)
        channels = poses[0].size(-1) if poses and poses[0].dim() else known[0]
        wrong = [pose for pose in poses if pose.shape != (V, channels)]
        if wrong or (self.channels and channels not in known):
            raise ValueError(
                f"expected poses of shape ({V}, {' or '.join(map(str, known))}) for skeleton "
                f"{self.source.name!r}, got {tuple((wrong or poses)[0].shape)}"
            )
        out = torch.full((self.num_persons, V, channels), torch.nan)
        for place, pose in zip(places, poses, strict=True):
            if place is None:
                tell(self.model, f"only {self.num_persons} persons are followed at a time")
                continue
            if bool((pose.abs() > LARGEST).any()):
                raise ValueError(
                    f"expected finite joints, got {float(pose[pose.abs() > LARGEST][0])}"
                )
            out[place] = pose
        return out

    def _place(self, name: Hashable) -> int | None:
        taken = set(self.places.values())
        free = [place for place in range(self.num_persons) if place not in taken]
        if name not in self.places and free:
            self.places[name] = free[0]
        return self.places.get(name)

    def forget(self, place: int) -> None:
        """Frees the place of a person who is gone."""
        self.places = {name: p for name, p in self.places.items() if p != place}
        if self.last is not None:
            self.last = self.last.index_fill(0, torch.tensor([place]), 0.0)
        self.present = [there and p != place for p, there in enumerate(self.present)]

    def reset(self) -> None:
        """Forgets everybody."""
        self.places, self.last, self.present = {}, None, [False] * self.num_persons

    def get_state(self) -> dict[str, Any]:
        """Returns what is kept of the frames."""
        last = None if self.last is None else self.last.clone()
        return {"places": dict(self.places), "last": last, "present": list(self.present)}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Takes over what :meth:`get_state` returned."""
        self.places, self.present = dict(state["places"]), list(state["present"])
        self.last = None if state["last"] is None else state["last"].clone()


def _numbers(value: Any) -> Tensor:
    try:
        if isinstance(value, Tensor):
            return value.detach().cpu().float()
        return torch.from_numpy(np.array(value, dtype=np.float32))
    except (TypeError, ValueError):
        raise ValueError(f"expected a pose as an array, got {type(value).__name__}") from None
