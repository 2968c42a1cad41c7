"""A batch of poses straight from a tensor."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Batch

from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.skeleton import BodyGraph
from pyg_skeleton.skeleton.edges import union_edges


def batch_poses(graph: BodyGraph, x: Tensor, **fields: Tensor) -> Batch:
    r"""Builds the batch that a :class:`SkeletonLoader` makes of poses or clips of one body each,
    without building a data object for each of them.

    A data set whose :meth:`__getitems__` returns such batches needs no loader of its own.

    Args:
        graph (BodyGraph): The layout.
        x (torch.Tensor): The poses, on the CPU.
        **fields (optional): Further fields: :obj:`target` with a row per joint, others with a row
            per pose.

    Shapes:
        - **x:** :math:`(N, V, C)`, or :math:`(N, V, T, C)`
        - **target:** :math:`(N, V, *)`
        - **other fields:** :math:`(N, *)`
        - **output:** a batch of :math:`N` with :obj:`x` of shape :math:`(N \cdot V, C)` or
          :math:`(N \cdot V, T, C)`

    Raises:
        ValueError: If there is no pose, or its joints are not those of the layout.
    """
    V = graph.num_joints
    if x.dim() not in (3, 4) or x.size(1) != V or x.numel() == 0:
        raise ValueError(
            f"expected poses [N, {V}, C] or [N, {V}, T, C] of {graph.name!r}, got {list(x.shape)}"
        )
    N, edges = x.size(0), union_edges(graph, x.size(0))
    batch: Any = Batch(_base_cls=SkeletonData)
    joint, person, of_pose, ptr = _nodes(V, N)
    batch._num_graphs, batch._slice_dict, batch._inc_dict = N, {}, {}

    def add(key: str, value: Any, size: int, shift: int = 0) -> None:
        batch[key] = value
        batch._slice_dict[key] = torch.arange(N + 1) * size
        batch._inc_dict[key] = None if isinstance(value, list) else torch.arange(N) * shift

    add("x", x.flatten(0, 1), V)
    add("edge_index", edges, edges.size(1) // N, V)
    add("joint", joint, V)
    add("person", person, V)
    for key, value in fields.items():
        if value.shape[:1] != x.shape[:1]:
            raise ValueError(f"expected {key} for {N} poses, got {list(value.shape)}")
        per_joint = key == "target"
        add(key, value.flatten(0, 1) if per_joint else value, V if per_joint else 1)
    add("skeleton", [graph.name] * N, 1)
    batch.batch, batch.ptr = of_pose, ptr
    return batch


@lru_cache(maxsize=8)
def _nodes(num_joints: int, copies: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Joint, person and pose of each node, and where each pose starts."""
    with torch.inference_mode(False), torch.device("cpu"):
        joint = torch.arange(num_joints).repeat(copies)
        pose = torch.arange(copies).repeat_interleave(num_joints)
        return joint, torch.zeros_like(joint), pose, torch.arange(copies + 1) * num_joints
