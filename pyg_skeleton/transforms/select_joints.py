"""Keeps some of the joints."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.skeleton import BodyGraph
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import as_graph, relayout


@functional_transform("select_joints")
class SelectJoints(SkeletonTransform):
    r"""Keeps some joints and the edges among them (functional name: :obj:`select_joints`).

    The clip then has the layout :attr:`graph`, whose hops are counted on the joints that are left.
    The target is converted in the same way. :class:`ConvertSkeleton` is for named layouts, where
    joints may also be the mean of others.

    Args:
        skeleton (BodyGraph or str): The layout, or its name.
        joints (sequence of str or int): The joints to keep, in the new order.

    Raises:
        ValueError: If a joint does not exist, or the clip has another layout.
    """

    def __init__(self, skeleton: BodyGraph | str, joints: Sequence[str | int]) -> None:
        self.skeleton: BodyGraph = as_graph(skeleton)
        size = self.skeleton.num_joints
        ids = [self.skeleton.joint_id(j) if isinstance(j, str) else j for j in joints]
        if not ids or len(set(ids)) < len(ids) or any(not 0 <= i < size for i in ids):
            raise ValueError(f"joints must be different ones of {size} joints, got {joints}")
        self.joints = ids
        place = {joint: i for i, joint in enumerate(ids)}
        kept = [(place[i], place[j]) for i, j in self.skeleton.edges if i in place and j in place]
        parts = {
            part: [place[joint] for joint in members if joint in place]
            for part, members in self.skeleton.parts.items()
        }
        #: The layout of the result.
        self.graph = BodyGraph(
            f"{self.skeleton.name}-{len(ids)}",
            [self.skeleton.joints[i] for i in ids],
            kept,
            {part: members for part, members in parts.items() if members},
        )

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Selects the joints of a clip."""
        ids = torch.tensor(self.joints, device=data.x.device)
        return relayout(
            data,
            self.skeleton,
            self.graph,
            lambda x: x[:, ids],
            lambda mask: mask[:, ids],
            self.__class__.__name__,
        )
