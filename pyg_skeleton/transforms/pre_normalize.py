"""Centers bodies and turns them upright, as 2s-AGCN and pyskl do."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import by_body, frames_there, need_frames


class _PreNormalize(SkeletonTransform):
    def __init__(
        self,
        center: int = 1,
        spine: tuple[int, int] = (0, 1),
        shoulders: tuple[int, int] = (4, 8),
    ) -> None:
        self.center, self.spine, self.shoulders = center, spine, shoulders

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Centers and turns a clip."""
        name, num_joints = self.__class__.__name__, data.num_joints
        need_frames(data, name)
        if data.x.size(-1) != 3 or "visible" in data._store:
            raise ValueError(f"{name} needs 3 channels and no missing joints, got {data}")
        if max(self.center, *self.spine, *self.shoulders) >= num_joints:
            raise ValueError(f"{self} got clips of {num_joints} joints")
        data = self._select(data)
        bodies = by_body(data.x, num_joints, name)
        there = frames_there(data)[:, None, :, None]
        bodies = (bodies - self._origin(bodies[0, self.center])) * there
        # One after the other, with the roundings of the authors' code.
        for limb, axis in ((self.spine, 2), (self.shoulders, 0)):
            bodies = bodies @ self._turn(bodies[0, :, 0], limb, axis).to(bodies)
        data.x = bodies.view_as(data.x)
        return data

    def turn(self, pose: Tensor) -> Tensor:
        """Returns the matrix that turns row vectors by a pose :math:`(V, 3)`."""
        first = self._turn(pose.double(), self.spine, 2)
        return first @ self._turn(pose.double() @ first, self.shoulders, 0)

    def _turn(self, pose: Tensor, limb: tuple[int, int], axis: int) -> Tensor:
        begin, end = limb
        return turn_to_axis((pose[end] - pose[begin]).double(), axis).T

    def _select(self, data: SkeletonData) -> SkeletonData:
        return data

    def _origin(self, center: Tensor) -> Tensor:
        raise NotImplementedError


@functional_transform("agcn_pre_normalize")
class AGCNPreNormalize(_PreNormalize):
    r"""The pre-normalization of the `"Two-Stream Adaptive Graph Convolutional Networks for
    Skeleton-Based Action Recognition" <https://arxiv.org/abs/1805.07694>`_ paper's code (functional
    name: :obj:`agcn_pre_normalize`).

    In every frame, the center joint of the first person moves to the origin; then one rotation
    turns the spine of the first person in the first frame to the axis z, and another one the line
    of the shoulders to the axis x. They apply to all persons; a person who is absent in a frame
    stays zero.

    Args:
        center (int, optional): The center joint. (default: :obj:`1`)
        spine (tuple of int, optional): The lower and the upper end of the spine.
            (default: :obj:`(0, 1)`)
        shoulders (tuple of int, optional): The shoulders: the line from the first to the second
            becomes the axis x. (default: :obj:`(4, 8)`)
    """

    def _origin(self, center: Tensor) -> Tensor:
        return center


@functional_transform("pre_normalize_3d")
class PreNormalize3D(_PreNormalize):
    r"""The pre-normalization of `pyskl <https://github.com/kennymckormick/pyskl>`_ (functional
    name: :obj:`pre_normalize_3d`).

    Of two persons, the one who is present in more frames becomes the first, and only those frames
    are kept. The rest is as in :class:`AGCNPreNormalize`, but the origin is the center joint in the
    first frame, so that the motion through space is kept.

    Args:
        center (int, optional): The center joint. (default: :obj:`1`)
        spine (tuple of int, optional): The lower and the upper end of the spine.
            (default: :obj:`(0, 1)`)
        shoulders (tuple of int, optional): The shoulders: the line from the first to the second
            becomes the axis x. (default: :obj:`(4, 8)`)

    Raises:
        ValueError: If there are more than two persons.
    """

    def _select(self, data: SkeletonData) -> SkeletonData:
        bodies = by_body(data.x, data.num_joints, "PreNormalize3D")
        if bodies.size(0) > 2:
            raise ValueError(f"PreNormalize3D takes one or two persons, got {bodies.size(0)}")
        there = frames_there(data)
        counts = there.sum(1).tolist()
        if len(counts) == 2 and counts[1] > counts[0]:
            bodies, there = bodies.flip(0), there.flip(0)
        if any(counts):
            bodies = bodies[:, :, there[0]]
        data.x = bodies.flatten(0, 1)
        return data

    def _origin(self, center: Tensor) -> Tensor:
        return center[0]


def turn_to_axis(vector: Tensor, axis: int) -> Tensor:
    """The smallest rotation that turns a vector to an axis; the identity if the vector is zero or
    lies along the axis.
    """
    goal = torch.zeros_like(vector)
    goal[axis] = 1.0
    normal = torch.linalg.cross(vector, goal)
    if float(normal.norm()) < 1e-6:
        return torch.eye(3, dtype=vector.dtype)
    unit = vector / vector.norm()
    x, y, z = torch.linalg.cross(unit, goal).tolist()
    cross = vector.new_tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return torch.eye(3, dtype=vector.dtype) + cross + cross @ cross / (1 + unit[axis])
