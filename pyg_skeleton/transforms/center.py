"""Moves a joint to the origin."""

from __future__ import annotations

from typing import Literal, get_args

from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import VISIBLE, by_body, masked

CenterFrame = Literal["each", "first", "last"]


@functional_transform("skeleton_center")
class Center(SkeletonTransform):
    r"""Moves a joint to the origin (functional name: :obj:`skeleton_center`).

    With a reference frame, the motion through space is kept, and the target moves with `x`. With
    :obj:`frame="each"`, every frame of `x` and of the target has its own origin.

    Args:
        joint (int, optional): The joint. (default: :obj:`0`)
        frame (str, optional): The frame of `x` that defines the origin: :obj:`"each"`,
            :obj:`"first"` or :obj:`"last"`. (default: :obj:`"each"`)
        person (int, optional): The position in the clip of the person whose joint is the origin of
            all persons. If :obj:`None`, each person has their own. (default: :obj:`None`)

    Raises:
        ValueError: If the joint or the person does not exist, or the joint is missing in a frame
            that defines the origin.
    """

    def __init__(
        self, joint: int = 0, frame: CenterFrame = "each", person: int | None = None
    ) -> None:
        if frame not in get_args(CenterFrame):
            raise ValueError(f"frame must be one of {get_args(CenterFrame)}, got {frame!r}")
        self.joint = joint
        self.frame = frame
        self.person = person

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Moves the joint of a clip to the origin."""
        num_joints = data.num_joints
        if not 0 <= self.joint < num_joints:
            raise ValueError(f"{self} got clips of {num_joints} joints")
        origin: Tensor | None = None
        for key, mask_key in VISIBLE.items():
            value = data._store.get(key)
            if value is None:
                continue
            visible = data._store.get(mask_key)
            if origin is None or self.frame == "each":
                origin = self._origin(data, value, visible, num_joints)
            bodies = by_body(value, num_joints, "Center")
            data[key] = masked((bodies - origin.unsqueeze(1)).view_as(value), visible)
        return data

    def _origin(
        self, data: SkeletonData, value: Tensor, visible: Tensor | None, num_joints: int
    ) -> Tensor:
        """The joint of each body (or of its reference), [M, T, C]."""
        out = value[self.joint :: num_joints]
        seen = None if visible is None else visible[self.joint :: num_joints]
        if self.person is not None:
            reference = self._reference(data, out.size(0))
            out = out[reference]
            seen = None if seen is None else seen[reference]
        if value.dim() > 2 and self.frame != "each":
            at = slice(0, 1) if self.frame == "first" else slice(-1, None)
            out = out[:, at]
            seen = None if seen is None else seen[:, at]
        if seen is not None and not bool(seen.all()):
            body = int((~seen).nonzero()[0, 0])
            raise ValueError(f"{self} needs joint {self.joint}, which is missing in body {body}")
        return out

    def _reference(self, data: SkeletonData, num_bodies: int) -> Tensor | slice:
        """The body whose joint each body is centered on."""
        person = self.person or 0
        if "ptr" not in data._store:
            self._check_person(num_bodies)
            return slice(person, person + 1)
        clip = data.body_batch
        size = clip.bincount()
        self._check_person(int(size.min()))
        return (size.cumsum(0) - size + person)[clip]

    def _check_person(self, least: int) -> None:
        if not 0 <= (self.person or 0) < least:
            raise ValueError(f"{self} got a clip of {least} persons")
