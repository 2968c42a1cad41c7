"""Functions that several transforms use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args

import torch
from torch import Tensor
from torch_geometric.data import Batch

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.data.to_data import hop_edges
from pyg_skeleton.skeleton import BodyGraph, Skeleton
from pyg_skeleton.skeleton.edges import note_copy
from pyg_skeleton.skeleton.hops import HopMode

#: The fields that hold joints, and those that say which joints were seen.
VISIBLE = {"x": "visible", "target": "target_visible"}


def as_graph(skeleton: BodyGraph | str) -> Any:
    """Returns the layout itself, or the one of that name."""
    return Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton


def masked(value: Tensor, visible: Tensor | None) -> Tensor:
    """Sets missing joints to zero."""
    return value if visible is None else value.masked_fill(~visible.unsqueeze(-1), 0.0)


def map_joints(
    data: SkeletonData, function: Callable[[Tensor], Tensor], keys: Iterable[str] = VISIBLE
) -> SkeletonData:
    """Applies a function, which keeps the numbers of joints and frames, to `x` and the target."""
    for key in keys:
        value = data._store.get(key)
        if value is not None:
            data[key] = masked(function(value), data._store.get(VISIBLE[key]))
    return data


def select_frames(data: SkeletonData, idx: Tensor | slice) -> SkeletonData:
    """Keeps some frames of `x` and `visible`."""
    for key in ("x", "visible"):
        value = data._store.get(key)
        if value is not None:
            # Three times as fast as indexing.
            data[key] = value.index_select(1, idx) if isinstance(idx, Tensor) else value[:, idx]
    return data


def need_frames(data: SkeletonData, name: str) -> int:
    """Returns the number of frames of a clip, and refuses poses."""
    if data.x.dim() < 3:
        raise ValueError(f"{name} needs clips, x of shape [N, T, C], got {list(data.x.shape)}")
    return data.x.size(1)


def by_body(value: Tensor, num_joints: int, name: str) -> Tensor:
    """The view :math:`(M, V, ...)` of nodes."""
    if value.size(0) % num_joints:
        raise ValueError(f"{name} is for {num_joints} joints, got {value.size(0)} nodes")
    return value.view(-1, num_joints, *value.shape[1:])


def relayout(
    data: SkeletonData,
    source: BodyGraph,
    target: BodyGraph,
    joints: Callable[[Tensor], Tensor],
    visible: Callable[[Tensor], Tensor],
    name: str,
) -> SkeletonData:
    """Replaces the layout; `joints` and `visible` map bodies to bodies, with joints in dim 1."""
    if isinstance(data, Batch):
        raise ValueError(f"{name} changes the nodes, so it takes clips, not batches")
    hops, device = data.num_hops, data.x.device
    persons = data.person[:: source.num_joints].tolist()

    def has_edges(mode: HopMode) -> bool:
        edges = hop_edges(source, len(persons), hops, mode)
        return all(torch.equal(data[key].cpu(), value) for key, value in edges.items())

    mode = next((m for m in get_args(HopMode) if has_edges(m)), None)
    if mode is None:
        raise ValueError(f"{name} needs clips of {source.name!r} and its edges, got {data}")
    structure = ("joint", "person", "skeleton", "y", *VISIBLE, *VISIBLE.values())
    for key in data.to_dict():
        if key in structure or key.startswith("edge_index"):
            continue
        if data.is_node_attr(key) or data.is_edge_attr(key):
            raise ValueError(f"{name} cannot convert the field {key!r}")

    for key, mask_key in VISIBLE.items():
        mask = data._store.get(mask_key)
        if mask is not None:
            data[mask_key] = visible(by_body(mask, source.num_joints, name)).flatten(0, 1)
        if key in data:
            value = joints(by_body(data[key], source.num_joints, name)).flatten(0, 1)
            data[key] = masked(value, data._store.get(mask_key))
    for key, edges in hop_edges(target, len(persons), hops, mode).items():
        data[key] = edges.to(device)
        note_copy(data[key], edges)
    data.joint = torch.arange(target.num_joints, device=device).repeat(len(persons))
    data.person = torch.tensor(persons, device=device).repeat_interleave(target.num_joints)
    data.skeleton = target.name
    return data


def uniform(low: float, high: float) -> float:
    """Draws a number from PyTorch's global generator, which loaders seed in their workers."""
    return low + (high - low) * float(torch.rand(()))


def frames_there(data: SkeletonData) -> Tensor:
    """Returns the frames in which each body has a joint that is not zero, ``[M, T]``."""
    return by_body(data.x, data.num_joints, "frames_there").any(-1).any(1)


def clips_of(data: SkeletonData) -> tuple[int, Tensor]:
    """Returns the number of clips of a batch, 1 for a single clip, and the clip of each node."""
    batch, ptr = data._store.get("batch"), data._store.get("ptr")
    if batch is None:
        return 1, torch.zeros(data.x.size(0), dtype=torch.long, device=data.x.device)
    return int(batch.max()) + 1 if ptr is None else ptr.numel() - 1, batch
