"""Rotates clips at random."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import map_joints, uniform


@functional_transform("skeleton_random_rotation")
class RandomRotation(SkeletonTransform):
    r"""Rotates a clip about the origin by random angles (functional name:
    :obj:`skeleton_random_rotation`).

    .. math::
        \mathbf{x} \leftarrow \mathbf{R}_z(\gamma) \mathbf{R}_y(\beta) \mathbf{R}_x(\alpha)
        \mathbf{x}

    All persons, frames and the target share the rotation. See :class:`Center` to move the origin.

    Args:
        degrees (float or sequence of float): The largest angle in degrees, one for all axes or one
            each for x, y and z. Angles are uniform between its negative and itself.

    Raises:
        ValueError: If the joints are not in three dimensions.
    """

    def __init__(self, degrees: float | Sequence[float]) -> None:
        self.degrees = (
            tuple(float(d) for d in degrees)
            if isinstance(degrees, Sequence)
            else (float(degrees),) * 3
        )
        if len(self.degrees) != 3 or any(not 0 <= d <= 180 for d in self.degrees):
            raise ValueError(f"degrees must be one or three angles from 0 to 180, got {degrees}")

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Rotates a clip."""
        for key in ("x", "target"):
            if key in data and data[key].size(-1) != 3:
                raise ValueError(f"{self} needs 3 channels, {key} is {list(data[key].shape)}")
        turn = torch.eye(3, dtype=torch.double)
        for axis, limit in enumerate(self.degrees):
            turn = _about(axis, math.radians(uniform(-limit, limit))) @ turn
        turn = turn.T.to(data.x.device, data.x.dtype)
        return map_joints(data, lambda x: x @ turn)


def _about(axis: int, angle: float) -> Tensor:
    out = torch.eye(3, dtype=torch.double)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    out[i, i] = out[j, j] = math.cos(angle)
    out[j, i] = math.sin(angle)
    out[i, j] = -out[j, i]
    return out
