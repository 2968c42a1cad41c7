"""A batch of poses straight from a tensor."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Batch

from pyg_skeleton.data.collate import make_batch
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
    per_pose = torch.ones(N, dtype=torch.long)
    joint = torch.arange(V).repeat(N)
    joined = {
        "x": (x.flatten(0, 1), V * per_pose, False),
        "edge_index": (edges, edges.size(1) // N * per_pose, True),
        "joint": (joint, V * per_pose, False),
        "person": (torch.zeros_like(joint), V * per_pose, False),
        "skeleton": ([graph.name] * N, per_pose, False),
    }
    for key, value in fields.items():
        if value.shape[:1] != x.shape[:1]:
            raise ValueError(f"expected {key} for {N} poses, got {list(value.shape)}")
        per_joint = key == "target"
        value = value.flatten(0, 1) if per_joint else value
        joined[key] = value, V * per_pose if per_joint else per_pose, False
    return make_batch(joined)
