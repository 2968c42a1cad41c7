"""A batch of poses straight from a tensor."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch_geometric.data import Batch

from pyg_skeleton.data.collate import make_batch, structure_of
from pyg_skeleton.data.to_data import joints_and_persons
from pyg_skeleton.skeleton import BodyGraph
from pyg_skeleton.skeleton.edges import union_edges

_STRUCTURE = ("edge_index", "joint", "person")


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
    N = x.size(0)
    held = (union_edges(graph), *joints_and_persons(V, (0,)))
    structure = structure_of(_STRUCTURE, [[tensor] * N for tensor in held])
    assert structure is not None
    per_pose, per_joint = structure.steps, structure.slices["joint"]
    joined: dict[str, tuple[Any, Tensor]] = {
        "x": (x.flatten(0, 1), per_joint),
        "skeleton": ([graph.name] * N, per_pose),
    }
    for key, value in fields.items():
        if value.shape[:1] != x.shape[:1]:
            raise ValueError(f"expected {key} for {N} poses, got {list(value.shape)}")
        is_target = key == "target"
        joined[key] = (value.flatten(0, 1), per_joint) if is_target else (value, per_pose)
    return make_batch(("x", *_STRUCTURE, *fields, "skeleton"), structure, joined)
