"""Clips of what can be shown."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from pyg_skeleton.data.clip import METERS, Clip
from pyg_skeleton.data.read import read
from pyg_skeleton.skeleton import BodyGraph, Skeleton, SkeletonLike
from pyg_skeleton.skeleton.rest_pose import rest_pose


def as_clips(
    what: Any, labels: Sequence[str] | None, skeleton: SkeletonLike | None, **said: Any
) -> dict[str, Clip]:
    """The clips of one thing or several, by their labels, in the unit of the first.

    Args:
        what (Any): See :func:`view`.
        labels (sequence of str, optional): The labels.
        skeleton (Skeleton or str, optional): The layout of what does not say its own.
        **said (optional): Fields of clips that do not say them.

    Raises:
        ValueError: If there is nothing, or not a label for each.
    """
    several = dict(what) if isinstance(what, Mapping) and not isinstance(what, Data) else None
    if several is None:
        items = list(what) if isinstance(what, list) else [what]
        clips = [as_clip(item, skeleton, **said) for item in items]
        names = [clip.name or f"clip {i}" for i, clip in enumerate(clips, start=1)]
        if len(set(names)) < len(names):
            names = [f"{name} ({i})" for i, name in enumerate(names, start=1)]
    else:
        clips = [as_clip(item, skeleton, **said) for item in several.values()]
        names = [str(name) for name in several]
    names = names if labels is None else [str(label) for label in labels]
    if not clips or len(set(names)) != len(clips):
        raise ValueError(f"expected another label for each of {len(clips)} clips, got {names}")
    return {name: _same_unit(clip, clips, name) for name, clip in zip(names, clips, strict=True)}


def as_clip(what: Any, skeleton: SkeletonLike | None = None, **said: Any) -> Clip:
    """The clip of one thing, see :func:`view`."""
    if isinstance(what, str | os.PathLike):
        what = read(what, skeleton)
    elif hasattr(what, "to_clip"):
        what = what.to_clip()
    if isinstance(what, Clip):
        clip = what
    elif isinstance(what, Skeleton):
        pose = rest_pose(what, spread=25.0)
        clip = Clip(pose[None, None], what, unit="m", up="y", name=what.name)
    elif isinstance(what, Data):
        clip = _of_data(what, skeleton)
    else:
        if skeleton is None:
            raise ValueError(f"expected skeleton=..., the layout of this {type(what).__name__}")
        joints = torch.as_tensor(what, dtype=torch.float).detach().cpu()
        if not 2 <= joints.dim() <= 4:
            raise ValueError(f"expected [M, T, V, C], [T, V, C] or [V, C], got {[*joints.shape]}")
        clip = Clip(joints[(None,) * (4 - joints.dim())], Skeleton.of(skeleton))
    missing = {key: value for key, value in said.items() if getattr(clip, key) is None}
    return clip.replace(**missing)


def _of_data(data: Data, skeleton: SkeletonLike | None) -> Clip:
    """The clip of a data object of one clip."""
    if "ptr" in data and len(data.ptr) != 2:
        raise ValueError(f"expected one clip, got a batch of {len(data.ptr) - 1}: view(batch[0])")
    layout: Any = _layout_of(data, skeleton)
    x: Tensor = data.x.detach().cpu().float()
    if x.dim() not in (2, 3) or x.size(0) % layout.num_joints:
        raise ValueError(f"expected x [M * {layout.num_joints}, T, C], got {[*x.shape]}")
    x = x.reshape(-1, layout.num_joints, x.size(1) if x.dim() == 3 else 1, x.size(-1))
    if isinstance(visible := data.get("visible"), Tensor):
        hidden = ~visible.cpu().view(x.shape[:3]).unsqueeze(3)
        x = x.masked_fill(hidden, float("nan"))
    person = data.get("person")
    persons = tuple(person[:: layout.num_joints].tolist()) if isinstance(person, Tensor) else ()
    return Clip(x.transpose(1, 2), layout, persons=persons)


def _layout_of(data: Data, skeleton: SkeletonLike | None) -> BodyGraph:
    if skeleton is not None:
        return Skeleton.of(skeleton)
    if isinstance(known := getattr(data, "graph", None), BodyGraph):
        return known
    name = data.get("skeleton")
    if not isinstance(name, str):
        raise ValueError("the data do not name their layout, expected skeleton=...")
    return Skeleton.get(name)


def _same_unit(clip: Clip, clips: Sequence[Clip], name: str) -> Clip:
    """The clip in the unit of the first that has as many coordinates."""
    first = next(one for one in clips if one.joints.size(3) == clip.joints.size(3))
    if None in (clip.unit, first.unit) or clip.unit == first.unit:
        return clip
    if clip.unit in METERS and first.unit in METERS:
        return clip.to_unit(first.unit)
    raise ValueError(
        f"expected clips of one unit, got {first.unit!r} and {name!r} in {clip.unit!r}"
    )
