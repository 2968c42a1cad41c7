"""A batch of poses straight from a tensor."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch_geometric.data import Batch

from pyg_skeleton.data.parcel import Parcel
from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.data.to_data import template_of
from pyg_skeleton.skeleton import BodyGraph


def batch_poses(graph: BodyGraph, x: Tensor, **fields: Tensor) -> Batch:
    r"""Makes the batch that a :class:`SkeletonLoader` makes of poses of one body each, without
    making a data object of each pose first.

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
    clip = template_of(graph, 1, "ring").clip((0,))
    joined: dict[str, Any] = {"x": (x.flatten(0, 1), V)}
    for key, value in fields.items():
        if value.shape[:1] != x.shape[:1]:
            raise ValueError(f"expected {key} for {x.size(0)} poses, got {list(value.shape)}")
        joined[key] = (value.flatten(0, 1), V) if key == "target" else (value, 1)
    joined["skeleton"] = ([graph.name] * x.size(0), 1)
    keys = ["x", *clip.tensors, *(key for key in joined if key != "x")]
    parcel = Parcel([SkeletonData()], keys, {}, (clip,) * x.size(0), ())
    parcel.joined = joined
    return parcel.unpack()
