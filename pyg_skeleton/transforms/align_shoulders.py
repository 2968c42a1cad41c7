"""Turns bodies so that the line of the shoulders lies along x."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import by_body, map_joints

TurnSign = Literal["frame", "clip"]
TurnFrame = Literal["each", "first"]


@functional_transform("align_shoulders")
class AlignShoulders(SkeletonTransform):
    r"""Turns every body in every frame about the vertical axis so that the line from its left to
    its right shoulder points along x, as CrosSCLR's code does for the clips of the
    `"Collaborating Domain-shared and Target-specific Feature Clustering for Cross-domain 3D Action
    Recognition" <https://arxiv.org/abs/2207.09767>`_ paper (functional name:
    :obj:`align_shoulders`).

    .. math::
        \mathbf{x} \leftarrow \begin{bmatrix} \cos\theta & 0 & -\sin\theta \\ 0 & 1 & 0 \\
        \sin\theta & 0 & \cos\theta \end{bmatrix} \mathbf{x}

    where :math:`-\theta` is the angle of the shoulders' axis in the plane of x and z; with y up,
    all bodies then face away along z. The origin does not change, see :class:`Center`.

    The authors' code takes :math:`|\theta|` from each frame but its sign from all frames together,
    so bodies in frames of the other sign end up twice as far off. :obj:`sign="clip"` does the same.

    Args:
        left (int): The left shoulder.
        right (int): The right shoulder.
        sign (str, optional): Whether the sign of the angle is that of each :obj:`"frame"` or that
            of the whole :obj:`"clip"`. (default: :obj:`"frame"`)
        frame (str, optional): :obj:`"each"`, or :obj:`"first"` to turn all frames of a body, also
            of the target, as its first one, so that turns of the body stay.
            (default: :obj:`"each"`)

    Raises:
        ValueError: If the joints are not in three dimensions.
    """

    def __init__(
        self, left: int, right: int, sign: TurnSign = "frame", frame: TurnFrame = "each"
    ) -> None:
        for name, value, known in (("sign", sign, TurnSign), ("frame", frame, TurnFrame)):
            if value not in get_args(known):
                raise ValueError(f"{name} must be one of {get_args(known)}, got {value!r}")
        self.left, self.right, self.sign, self.frame = left, right, sign, frame

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Turns the bodies of a clip."""
        joints = data.num_joints
        if data.x.size(-1) != 3 or not max(self.left, self.right) < joints:
            raise ValueError(f"{self} got {joints} joints with {data.x.size(-1)} channels")
        axis = None
        if self.frame == "first" and data.x.dim() > 2:
            axis = self._axis(by_body(data.x, joints, "AlignShoulders"))[:, :1]
        return map_joints(data, lambda x: self.turn(by_body(x, joints, "AlignShoulders"), axis))

    def _axis(self, bodies: Tensor) -> Tensor:
        return bodies[:, self.right] - bodies[:, self.left]

    def turn(self, bodies: Tensor, axis: Tensor | None = None) -> Tensor:
        r"""Turns bodies such that an axis lies along x.

        Args:
            bodies (torch.Tensor): The joints :math:`(M, V, *, 3)`.
            axis (torch.Tensor, optional): The axis of each body, and of each frame or of all,
                :math:`(M, *, 3)`. (default: from the left to the right shoulder)

        Returns:
            The nodes :math:`(M \cdot V, *, 3)`.
        """
        axis = self._axis(bodies) if axis is None else axis
        along, depth = axis[..., 0], axis[..., 2]
        length = torch.hypot(along, depth)
        if self.sign == "clip":
            cos = (along / (length + 1e-4)).clamp(-1, 1)
            sin = (1 - cos * cos).sqrt()
            if depth.dim() > 1:
                depth = depth.sum(1, keepdim=True)
            sin = torch.where(depth >= 0, -sin, sin)
        else:
            # A body without a direction, such as an absent one, is not turned.
            known = length > 0
            length = length.masked_fill(~known, 1.0)
            cos = torch.where(known, along / length, 1.0)
            sin = -depth / length
        cos, sin = cos.unsqueeze(1), sin.unsqueeze(1)
        u, v, w = bodies.unbind(-1)
        return torch.stack([cos * u - sin * w, v, sin * u + cos * w], dim=-1).flatten(0, 1)
