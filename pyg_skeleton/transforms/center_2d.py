"""Centers the joints of people in pictures."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch_geometric.data import Batch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.skeleton.plausible import check_image_size
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import by_body, need_frames


@functional_transform("skeleton_center_2d")
class Center2D(SkeletonTransform):
    r"""Measures the joints in a picture in heights of the picture, y upwards, relative to an origin
    in each body and frame (functional name: :obj:`skeleton_center_2d`).

    The first two channels of `x` are the position in the picture; the third one, which does not
    change, is the score of the detector. The origin is the mean of some joints of the body, or, if
    one of them is not detected, of all detected joints. A joint with a score of 0 is not detected
    and becomes zero.

    Args:
        joints (sequence of int): The joints whose mean is the origin.
        unit (str, optional): The unit of the joints: :obj:`"pixel"`, y downwards from the corner,
            as in :class:`~pyg_skeleton.datasets.PoseAnnotations`; or :obj:`"share"` of width and
            height, y upwards, as in :class:`~pyg_skeleton.datasets.KineticsSkeleton`.
            (default: :obj:`"pixel"`)
        image_size (tuple of int, optional): Width and height in pixels where the clip has no field
            `image_size`. (default: :obj:`(1920, 1080)`)

    Raises:
        ValueError: If there are not three channels, a joint does not exist, or the joints only fit
            the picture with width and height swapped.
    """

    def __init__(
        self,
        joints: Sequence[int],
        unit: str = "pixel",
        image_size: tuple[int, int] = (1920, 1080),
    ) -> None:
        if unit not in ("pixel", "share"):
            raise ValueError(f"unit must be 'pixel' or 'share', got {unit!r}")
        if not joints or min(image_size) < 1:
            raise ValueError(f"expected joints and a size, got {list(joints)} and {image_size}")
        self.joints, self.unit, self.image_size = tuple(joints), unit, image_size

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Centers the joints of a clip in a picture."""
        if isinstance(data, Batch):
            raise ValueError("Center2D takes clips, not batches")
        need_frames(data, "Center2D")
        if data.x.size(-1) != 3 or not max(self.joints) < data.num_joints:
            raise ValueError(f"{self} got {data.num_joints} joints with {data.x.size(-1)} channels")
        bodies = by_body(data.x, data.num_joints, "Center2D")
        place, seen = self._place(data, bodies), bodies[..., 2:] > 0
        origin = _mean(place, seen)
        chosen = list(self.joints)
        known = seen[:, chosen].all(1, keepdim=True)
        origin = torch.where(known, place[:, chosen].mean(1, keepdim=True), origin)
        place = (place - origin).masked_fill(~seen, 0.0)
        data.x = torch.cat([place, bodies[..., 2:]], dim=-1).flatten(0, 1)
        return data

    def _place(self, data: SkeletonData, bodies: Tensor) -> Tensor:
        """The joints in heights of the picture, y upwards."""
        size = data._store.get("image_size")
        width, height = self.image_size if size is None else size[0].tolist()
        if self.unit == "pixel":
            check_image_size(bodies[..., :2], width, height)
        aspect = 1 / height if self.unit == "pixel" else width / height
        upwards = -1 / height if self.unit == "pixel" else 1.0
        return bodies[..., :2] * bodies.new_tensor([aspect, upwards])


def _mean(place: Tensor, seen: Tensor) -> Tensor:
    """The mean of the joints of each body and frame that are seen, ``[M, 1, T, 2]``."""
    total = place.masked_fill(~seen, 0.0).sum(1, keepdim=True)
    return total / seen.sum(1, keepdim=True).clamp(min=1)
