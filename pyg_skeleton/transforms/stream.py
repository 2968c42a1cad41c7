"""Computes the input streams of an ensemble: joints, bones, and their motion."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.checks import check_joint
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import as_graph, by_body, masked, need_frames

StreamName = Literal["joint", "bone", "joint-motion", "bone-motion"]


@functional_transform("skeleton_stream")
class Stream(SkeletonTransform):
    r"""Replaces `x` by one of the four inputs of the `"Skeleton-Based Action Recognition with
    Multi-Stream Adaptive Graph Convolutional Networks" <https://arxiv.org/abs/1912.06971>`_ paper
    (functional name: :obj:`skeleton_stream`).

    .. math::
        \mathbf{b}_v^{(t)} = \mathbf{x}_v^{(t)} - \mathbf{x}_{\mathrm{pa}^k(v)}^{(t)}, \qquad
        \mathbf{m}_v^{(t)} = \mathbf{x}_v^{(t+1)} - \mathbf{x}_v^{(t)}

    The nodes do not change: the bone of a joint leads to it from its parent (or its :math:`k`-th
    ancestor), and is zero if there is none; the motion of the last frame is zero. A bone or a
    motion is missing if one of its two ends is. It belongs at the end of a chain: published
    pipelines resize first (only pyskl computes streams before it samples).

    Args:
        stream (str): :obj:`"joint"`, :obj:`"bone"`, :obj:`"joint-motion"` or
            :obj:`"bone-motion"`.
        skeleton (Skeleton or str): The layout, or its name.
        order (int, optional): The generation :math:`k` of the ancestor at which a bone begins.
            (default: :obj:`1`)
        root (str or int, optional): The joint from which all bones lead away; by default the root
            of the layout. In InfoGCN on NTU it is the spine. (default: :obj:`None`)
        keep_rootless (bool, optional): Whether a joint without such an ancestor keeps its
            coordinates, as in InfoGCN's :math:`(\mathbf{I} - \mathbf{A}^k) \mathbf{x}`, instead of
            becoming zero. (default: :obj:`False`)
    """

    def __init__(
        self,
        stream: StreamName,
        skeleton: Skeleton | str,
        order: int = 1,
        root: str | int | None = None,
        keep_rootless: bool = False,
    ) -> None:
        if stream not in get_args(StreamName):
            raise ValueError(f"stream must be one of {get_args(StreamName)}, got {stream!r}")
        if order < 1:
            raise ValueError(f"order must be at least 1, got {order}")
        self.stream = stream
        self.skeleton: Skeleton = as_graph(skeleton)
        self.order = order
        self.keep_rootless = keep_rootless
        start = torch.tensor(ancestors(self.skeleton, order, root))
        self._rootless = (start < 0).nonzero().squeeze(1)
        start[self._rootless] = self._rootless
        self._start = start

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Computes the stream of a clip."""
        need_frames(data, "Stream")
        if self.stream == "joint":
            return data
        x, visible = data.x, data._store.get("visible")
        if self.stream.startswith("bone"):
            x = self.bones(x)
            if visible is not None:
                visible = visible & self._starts(visible).view_as(visible)
        if self.stream.endswith("motion"):
            motion = torch.zeros_like(x)
            torch.sub(x[:, 1:], x[:, :-1], out=motion[:, :-1])
            x = motion
            if visible is not None:
                visible = torch.cat([visible[:, :-1] & visible[:, 1:], visible[:, -1:]], dim=1)
        data.x = masked(x, visible)
        if visible is not None:
            data.visible = visible
        return data

    def bones(self, x: Tensor) -> Tensor:
        """Returns the bone of each joint."""
        start = self._starts(x)
        if self.keep_rootless:
            start[:, self._rootless] = 0.0
        return x - start.view_as(x)

    def _starts(self, value: Tensor) -> Tensor:
        """The value at the ancestor of each joint, a new tensor by bodies."""
        bodies = by_body(value, self.skeleton.num_joints, "Stream")
        return bodies.index_select(1, self._start.to(value.device))


def ancestors(skeleton: Skeleton, order: int, root: str | int | None = None) -> list[int]:
    """The ancestor of each joint **order** generations up, -1 if there is none."""
    parents = [*skeleton.parents, -1]
    if root is not None:
        # The path from the new root to the old one changes its direction.
        below, joint = -1, check_joint(root, skeleton.joints, "root")
        while joint >= 0:
            parents[joint], below, joint = below, joint, parents[joint]
    found = list(range(skeleton.num_joints))
    for _ in range(order):
        found = [parents[joint] for joint in found]
    return found
