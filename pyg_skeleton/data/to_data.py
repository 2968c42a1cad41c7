"""From an array of joints to a data object."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.skeleton import BodyGraph
from pyg_skeleton.skeleton.edges import union_edges
from pyg_skeleton.skeleton.hops import HopMode
from pyg_skeleton.skeleton.plausible import LARGEST

Missing = Literal["error", "mask"]


def to_data(
    graph: BodyGraph,
    x: Tensor | ArrayLike,
    y: Tensor | ArrayLike | None = None,
    hops: int = 1,
    mode: HopMode = "ring",
    target: Tensor | ArrayLike | None = None,
    person: Sequence[int] | None = None,
    missing: Missing = "error",
    **fields: Any,
) -> SkeletonData:
    r"""Builds the data object of a clip.

    A person who is absent has no nodes: leave it out of :obj:`x`, and name the others with
    :obj:`person` if that matters. Edges, `joint` and `person` are the same tensor objects in all
    clips of the same layout and persons: do not write into them.

    Args:
        graph (BodyGraph): The layout.
        x (torch.Tensor or numpy.ndarray): The joints. A tensor is taken as it is; anything else is
            copied to the default floating point type.
        y (int or torch.Tensor, optional): The class. (default: :obj:`None`)
        hops (int, optional): The number of edge sets: `edge_index`, `edge_index_hop2`, …
            (default: :obj:`1`)
        mode (str, optional): The reading of the hops, see
            :meth:`~pyg_skeleton.skeleton.BodyGraph.hop_edge_index`; with :obj:`"ring"`, the first
            hop is the bones in both directions without self-loops. (default: :obj:`"ring"`)
        target (torch.Tensor or numpy.ndarray, optional): The target of a regression, for the same
            nodes. (default: :obj:`None`)
        person (sequence of int, optional): The number of each person, by default their position.
            (default: :obj:`None`)
        missing (str, optional): :obj:`"error"` refuses NaN; :obj:`"mask"` takes a joint with any
            NaN as missing in that frame, sets all its channels to zero, and stores the others as
            `visible` (and `target_visible`). (default: :obj:`"error"`)
        **fields (optional): Further fields of the data object.

    Shapes:
        - **x:** :math:`(M, V, T, C)`, :math:`(V, T, C)` for one person, :math:`(V, C)` for one pose
        - **target:** as **x**, with its own :math:`T` and :math:`C`
        - **output:** `x` as :math:`(M \cdot V, T, C)`, or :math:`(V, C)` for one pose

    Raises:
        ValueError: If a shape does not fit, a value is infinite or larger than a billion, a joint
            is missing, or a class is negative; the message names joint, person and frame.
    """
    if missing not in ("error", "mask"):
        raise ValueError(f"missing must be 'error' or 'mask', got {missing!r}")
    for key in fields:
        if "index" in key or "batch" in key or key in ("face", "num_nodes", "ptr"):
            raise ValueError(
                f"field {key!r}: PyG shifts or replaces fields of that name in batches"
            )
    joints, visible = _read("x", x, graph, missing)
    num_persons = joints.size(0) if joints.dim() == 4 else 1
    persons = _persons(person, num_persons)
    data = SkeletonData(x=_nodes(joints, 4))
    data.update(hop_edges(graph, num_persons, hops, mode))
    data.joint, data.person = joints_and_persons(graph.num_joints, tuple(persons))
    if y is not None:
        data.y = _label(y)
    if target is not None:
        future, future_visible = _read("target", target, graph, missing)
        if (future.size(0) if future.dim() == 4 else 1) != num_persons:
            raise ValueError(
                f"target must hold the {num_persons} persons of x, got {list(future.shape)}"
            )
        data.target = _nodes(future, 4)
        if future_visible is not None:
            data.target_visible = _nodes(future_visible, 3)
    if visible is not None:
        data.visible = _nodes(visible, 3)
    data.skeleton = graph.name
    for key, value in fields.items():
        data[key] = value
    return data if joints.device.type == "cpu" else data.to(joints.device)


def hop_edges(graph: BodyGraph, copies: int, hops: int, mode: HopMode) -> dict[str, Tensor]:
    """The edges of copies of a layout, named as in a data object."""
    if hops < 1:
        raise ValueError(f"hops must be at least 1, got {hops}")
    names = ["edge_index", *(f"edge_index_hop{k}" for k in range(2, hops + 1))]
    return {name: union_edges(graph, copies, k, mode) for k, name in enumerate(names, start=1)}


def joints_and_persons(num_joints: int, persons: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """The joint and the person of each node, the same CPU tensors on each call.

    Do not write into them; tensors that were written into are made anew.
    """
    *tensors, versions = _joints_and_persons(num_joints, persons)
    if versions != tuple(tensor._version for tensor in tensors):
        _joints_and_persons.cache_clear()
        *tensors, _ = _joints_and_persons(num_joints, persons)
    return tensors[0], tensors[1]


@lru_cache(maxsize=256)
def _joints_and_persons(num_joints: int, persons: tuple[int, ...]) -> tuple[Any, ...]:
    with torch.inference_mode(False), torch.device("cpu"):
        joint = torch.arange(num_joints).repeat(len(persons))
        person = torch.tensor(persons).repeat_interleave(num_joints)
    return joint, person, (joint._version, person._version)


def _nodes(value: Tensor, dim: int) -> Tensor:
    return value.flatten(0, 1) if value.dim() == dim else value


def _label(y: Tensor | ArrayLike) -> Tensor:
    label = y if isinstance(y, Tensor) else _as_tensor(y, "y")
    if not label.is_floating_point() and bool((label < 0).any()):
        raise ValueError(f"y must be a class from 0, got {label.tolist()}")
    return label.unsqueeze(0) if label.dim() == 0 else label


def _as_tensor(value: ArrayLike, name: str) -> Tensor:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold numbers, got dtype {array.dtype}")
    dtype = torch.get_default_dtype() if array.dtype.kind == "f" else None
    return torch.tensor(array, dtype=dtype)


def _persons(person: Sequence[int] | None, num_persons: int) -> Sequence[int]:
    if person is None:
        return range(num_persons)
    persons = [int(number) for number in person]
    if len(persons) != num_persons or len(set(persons)) != num_persons:
        raise ValueError(f"person must name each of {num_persons} persons once, got {persons}")
    return persons


def _read(
    name: str, value: Tensor | ArrayLike, graph: BodyGraph, missing: Missing
) -> tuple[Tensor, Tensor | None]:
    """The joints as floating point numbers without NaN, and a mask of those present."""
    x = value if isinstance(value, Tensor) else _as_tensor(value, name)
    x = x if x.is_floating_point() else x.to(torch.get_default_dtype())
    if x.dim() not in (2, 3, 4):
        raise ValueError(f"{name} must be [V, T, C] or [M, V, T, C], got {list(x.shape)}")
    if x.dim() == 4 and x.size(0) == 0:
        raise ValueError(f"{name} holds no person: {list(x.shape)} (expected [M, V, T, C])")
    joint_dim = 1 if x.dim() == 4 else 0
    if x.size(joint_dim) != graph.num_joints:
        raise ValueError(
            f"{name} must have the {graph.num_joints} joints of {graph.name!r} in dimension "
            f"{joint_dim} ([V, T, C] or [M, V, T, C]), got {list(x.shape)}"
        )
    if 0 in x.shape:
        raise ValueError(f"{name} is empty: {list(x.shape)} (expected [V, T, C] or [M, V, T, C])")
    low, high = x.detach().aminmax()  # NaN if there is any
    if bool((low >= -LARGEST) & (high <= LARGEST)):
        whole = missing == "mask"
        return x, torch.ones(x.shape[:-1], dtype=torch.bool, device=x.device) if whole else None
    if bool(x.isinf().any()):
        raise ValueError(f"{name} holds an infinite value: {_where(x.isinf().any(-1), graph)}")
    if bool((x.abs() > LARGEST).any()):
        place = _where((x.abs() > LARGEST).any(-1), graph)
        raise ValueError(f"{name} holds a coordinate above {LARGEST:g}: {place}")
    gone = x.isnan().any(-1)
    if missing == "error":
        raise ValueError(
            f"{name} holds NaN: {_where(gone, graph)}; pass missing='mask' to mark joints as "
            "missing"
        )
    return x.masked_fill(gone.unsqueeze(-1), 0.0), ~gone


def _where(mask: Tensor, graph: BodyGraph) -> str:
    """The first place of a mask [V], [V, T] or [M, V, T] in words."""
    while mask.dim() < 3:
        mask = mask.unsqueeze(0) if mask.dim() == 2 else mask.unsqueeze(-1)
    person, joint, frame = mask.nonzero()[0].tolist()
    more = int(mask.sum()) - 1
    return f"joint {graph.joints[joint]!r} ({joint}) of person {person} in frame {frame}" + (
        f" and {more} more" if more else ""
    )
