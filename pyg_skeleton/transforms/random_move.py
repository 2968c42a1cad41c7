"""Moves the camera at random, as ST-GCN does on Kinetics."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import need_frames


@functional_transform("skeleton_random_move")
class RandomMove(SkeletonTransform):
    r"""Turns, scales and shifts the first two channels, from one random view in the first frame to
    another one in the last, as the code of the `"Spatial Temporal Graph Convolutional Networks for
    Skeleton-Based Action Recognition" <https://arxiv.org/abs/1801.07455>`_ paper does on Kinetics
    (functional name: :obj:`skeleton_random_move`).

    .. math::
        \mathbf{x}^{(t)} \leftarrow s^{(t)} \mathbf{R}(\alpha^{(t)}) \mathbf{x}^{(t)} +
        \mathbf{d}^{(t)}

    Each number is drawn from a list for either end and interpolated linearly in between. All
    persons share the view. Missing joints, which are zero, move too, as in that code.

    Args:
        degrees (sequence of float, optional): The angles.
            (default: :obj:`(-10, -5, 0, 5, 10)`)
        scales (sequence of float, optional): The factors. (default: :obj:`(0.9, 1.0, 1.1)`)
        shifts (sequence of float, optional): The shifts in either direction, in the unit of `x`.
            (default: :obj:`(-0.2, -0.1, 0.0, 0.1, 0.2)`)
    """

    def __init__(
        self,
        degrees: Sequence[float] = (-10, -5, 0, 5, 10),
        scales: Sequence[float] = (0.9, 1.0, 1.1),
        shifts: Sequence[float] = (-0.2, -0.1, 0.0, 0.1, 0.2),
    ) -> None:
        for name, values in (("degrees", degrees), ("scales", scales), ("shifts", shifts)):
            if not len(values):
                raise ValueError(f"{name} must not be empty")
        self.degrees, self.scales, self.shifts = tuple(degrees), tuple(scales), tuple(shifts)

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Moves a clip."""
        frames = need_frames(data, "RandomMove")
        angle = _way(self.degrees, frames) * (math.pi / 180)
        scale = _way(self.scales, frames)
        shift = torch.stack([_way(self.shifts, frames), _way(self.shifts, frames)], dim=-1)
        cos, sin = scale * angle.cos(), scale * angle.sin()
        turn = torch.stack([cos, -sin, sin, cos], dim=-1).view(frames, 2, 2).to(data.x)
        moved = torch.einsum("tij,ntj->nti", turn, data.x[..., :2]) + shift.to(data.x)
        data.x = torch.cat([moved, data.x[..., 2:]], dim=-1)
        return data


def _way(values: Sequence[float], frames: int) -> Tensor:
    """From a random value to another one."""
    begin, end = torch.randint(len(values), (2,)).tolist()
    return torch.linspace(values[begin], values[end], frames, dtype=torch.double)
