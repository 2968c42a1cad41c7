"""A batch of clips that are copies of one body, on its way."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import get_worker_info
from torch_geometric.data import Batch
from torch_geometric.data.collate import collate
from torch_geometric.utils import cumsum

from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.data.template import Clip

#: The large fields.
LARGE = ("x", "target")


class UnfitError(Exception):
    """The clips have not as many nodes as their structure says."""


class Parcel:
    """A batch in the making, or on its way from a worker to the main process."""

    def __init__(
        self,
        items: Sequence[SkeletonData],
        keys: list[str],
        columns: dict[str, tuple[Any, ...]],
        clips: tuple[Clip, ...],
        follow: Sequence[str],
    ) -> None:
        self.kind = type(items[0])
        self.items = items
        self.keys = keys
        self.columns = columns
        self.clips = clips
        self.follow = set(follow)
        self.joined: dict[str, tuple[Any, int | list[int]]] = {}
        self.rest: Any = None

    def pack(self) -> Parcel:
        """Joins everything but the structure, and leaves the clips behind."""
        keys = [key for key in self.keys if key not in self.clips[0].tensors]
        for key in keys:
            found = self._join(key)
            if found is not None:
                self.joined[key] = found
        self.rest = self._collate([key for key in keys if key not in self.joined])
        self.items, self.columns = (), {}
        return self

    def unpack(self) -> Batch:
        """Joins what is not joined yet, and adds the structure."""
        size = len(self.clips)
        union = self.clips[0].template.union(self.clips)
        kind: Any = self.kind
        batch: Batch = copy.copy(_empty(kind))
        values: dict[str, Any] = dict.fromkeys(self._order())
        values["batch"], values["ptr"] = union.tensors["batch"], union.tensors["ptr"]
        slices: dict[str, Any] = dict.fromkeys(self.keys)
        incs: dict[str, Any] = dict.fromkeys(self.keys)
        # What assigning these attributes would do, one by one.
        batch._store.__dict__.update(
            _mapping=values, _num_graphs=size, _slice_dict=slices, _inc_dict=incs
        )
        batch.__dict__["_copies"] = union

        later, slow = [], []
        for key in self.keys:
            if key in union.slices:
                values[key] = union.tensors[key]
                slices[key], incs[key] = union.slices[key], union.incs[key]
            elif key in LARGE:
                later.append(key)
            elif not self._put(key, values, slices, incs):
                slow.append(key)
        # The large copies come last: they drive all else out of the processor's caches.
        slow += [key for key in later if not self._put(key, values, slices, incs)]
        if slow:
            rest, rest_slices, rest_incs = self.rest or self._collate(slow)
            for key in slow:
                slices[key], incs[key] = rest_slices[key], rest_incs[key]
            values.update((key, rest[key]) for key in rest.keys())  # noqa: SIM118
        for key in self.follow.intersection(self.keys).difference(slow):
            repeats = slices[key].diff()
            values[f"{key}_batch"] = torch.arange(size, device="cpu").repeat_interleave(repeats)
            values[f"{key}_ptr"] = cumsum(repeats)
        return batch

    def pin_memory(self, *args: Any) -> Parcel:
        """Called by PyTorch's loader."""
        for key, (value, sizes) in self.joined.items():
            if isinstance(value, Tensor):
                self.joined[key] = (value.pin_memory(), sizes)
        if self.rest is not None:
            self.rest = (self.rest[0].pin_memory(), *self.rest[1:])
        return self

    def _order(self) -> list[str]:
        if not self.follow:
            return self.keys
        order = []
        for key in self.keys:
            order += [key, f"{key}_batch", f"{key}_ptr"] if key in self.follow else [key]
        return order

    def _put(self, key: str, values: Any, slices: Any, incs: Any) -> bool:
        found = self.joined.get(key) or self._join(key)
        if found is None:
            return False
        values[key], sizes = found
        slices[key] = _slices(sizes, len(self.clips))
        incs[key] = None if type(values[key]) is list else _zeros(len(self.clips))
        return True

    def _join(self, key: str) -> tuple[Any, int | list[int]] | None:
        """One field of all clips and its size in each, None if PyG has to join it."""
        if key not in self.columns:
            return None
        found = _join(key, self.columns[key])
        if key == "x" and found is not None and not all_fit(found[1], self.clips):
            raise UnfitError
        return found

    def _collate(self, keys: Sequence[str]) -> Any:
        if not keys:
            return None
        return collate(
            Batch,
            list(self.items),
            add_batch=False,
            follow_batch=self.follow,
            exclude_keys=[key for key in self.items[0]._store if key not in keys],
        )

    def __getstate__(self) -> dict[str, Any]:
        persons = [clip.persons for clip in self.clips]
        return self.__dict__ | {"clips": (self.clips[0].template, persons)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        template, persons = state["clips"]
        self.__dict__ = state | {"clips": tuple(template.clip(ids) for ids in persons)}


def unpack(value: Any) -> Any:
    """Opens the parcels in what a worker sent, which may be nested."""
    if isinstance(value, Parcel):
        return value.unpack()
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(unpack(item) for item in value))
    if type(value) in (list, tuple):
        return type(value)(unpack(item) for item in value)
    if type(value) is dict:
        return {key: unpack(item) for key, item in value.items()}
    return value


def all_fit(sizes: int | list[int], clips: tuple[Clip, ...]) -> bool:
    """Whether each clip has as many nodes as its structure says."""
    if isinstance(sizes, int) and clips.count(clips[0]) == len(clips):
        return sizes == clips[0].num_nodes
    nodes = [clip.num_nodes for clip in clips]
    return nodes == ([sizes] * len(clips) if isinstance(sizes, int) else sizes)


def _join(key: str, values: tuple[Any, ...]) -> tuple[Any, int | list[int]] | None:
    """Joins a field that PyG neither shifts nor treats in any other special way."""
    first = values[0]
    if "index" in key or "batch" in key or "adj" in key or key == "face":
        return None
    if isinstance(first, str):
        return list(values), 1
    if type(first) in (bool, int, float):
        return torch.tensor(values), 1
    if type(first) is not Tensor or first.layout is not torch.strided or first.is_nested:
        return None
    try:
        # Stacking also says that all have the same shape.
        joined = torch.stack(values, out=_shared(first, (len(values), *first.shape)))
    except (RuntimeError, TypeError):
        return _join_ragged(key, values) if first.dim() else None
    return (joined.flatten(0, 1), first.size(0)) if first.dim() else (joined, 1)


def _join_ragged(key: str, values: tuple[Any, ...]) -> tuple[Any, list[int]] | None:
    check_shapes(key, values)
    try:
        sizes = [value.size(0) for value in values]
        shape = (sum(sizes), *values[0].shape[1:])
        return torch.cat(values, out=_shared(values[0], shape)), sizes
    except (AttributeError, RuntimeError, TypeError):
        return None


@lru_cache
def _empty(kind: Any) -> Batch:
    return Batch(_base_cls=kind)


@lru_cache
def _zeros(count: int) -> Tensor:
    with torch.inference_mode(False):
        return torch.zeros(count, dtype=torch.long, device="cpu")


def _slices(sizes: int | list[int], count: int) -> Tensor:
    if isinstance(sizes, list):
        return cumsum(torch.tensor(sizes, device="cpu"))
    return _even_slices(sizes, count)


@lru_cache
def _even_slices(size: int, count: int) -> Tensor:
    with torch.inference_mode(False):
        return torch.arange(count + 1, device="cpu") * size


def _shared(value: Tensor, shape: tuple[int, ...]) -> Tensor | None:
    """Shared memory for the result in a worker process, which spares a copy."""
    if get_worker_info() is None or value.device.type != "cpu":
        return None
    storage: Any = value.untyped_storage()
    storage = storage._new_shared(math.prod(shape) * value.element_size())
    out: Tensor = value.new(storage)
    return out.resize_(shape)


def check_shapes(key: str, values: Sequence[Any]) -> None:
    """A readable error where clips cannot be joined."""
    shapes = [value.shape if isinstance(value, Tensor) else None for value in values]
    if shapes[0] is None:
        return
    for i, shape in enumerate(shapes):
        if shape is None or shape[1:] == shapes[0][1:]:
            continue
        frames = len(shape) == len(shapes[0]) == 3 and shape[2] == shapes[0][2]
        hint = "; cut or resize them first (TemporalCrop, TemporalResize)" if frames else ""
        what = "numbers of frames" if frames else "shapes"
        raise ValueError(
            f"clips with different {what} in one batch: {key!r} is {list(shapes[0])} in clip 0 "
            f"and {list(shape)} in clip {i}{hint}"
        )
