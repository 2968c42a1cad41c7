"""Batching clips that are copies of one body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import repeat
from operator import attrgetter, is_, itemgetter
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import get_worker_info
from torch_geometric.data import Batch
from torch_geometric.loader.dataloader import Collater

from pyg_skeleton.data.parcel import LARGE, Parcel, UnfitError, all_fit, check_shapes
from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.data.template import Clip, Copies, recognize

# These decide how many nodes PyG thinks there are, or are made by PyG.
_RESERVED = {"num_nodes", "feat", "pos", "node_type", "n_id", "tf", "batch", "ptr"}


class SkeletonCollater(Collater):
    """PyG's collate function, with a shortcut for clips that are copies of one template.

    The result is the same as PyG's, attribute by attribute; whatever the shortcut is not made for
    goes to PyG. In a worker process it gives a :class:`~pyg_skeleton.data.parcel.Parcel`, which
    the main process unpacks, so that the shared tensors do not travel.
    """

    def __call__(self, batch: Sequence[Any]) -> Any:
        """Joins the items of a batch."""
        first = batch[0]
        if not isinstance(first, SkeletonData) or isinstance(first, Batch):
            return super().__call__(batch)
        parcel = self._parcel(batch)
        if parcel is not None:
            try:
                return parcel.unpack() if get_worker_info() is None else parcel.pack()
            except UnfitError:
                pass
        for key in LARGE:
            check_shapes(key, [data._store._mapping.get(key) for data in batch])
        return super().__call__(batch)

    def _parcel(self, items: Sequence[SkeletonData]) -> Parcel | None:
        """The fields of the clips side by side, None if the clips are not copies of one body."""
        kind: Any = type(items[0])
        mappings = list(map(attrgetter("_store._mapping"), items))
        plan = _plan(kind, tuple(mappings[0]), tuple(self.exclude_keys or ()))
        if plan is None or len(set(map(type, items))) > 1:
            return None
        # What is done for each clip and field stays in C.
        try:
            held = list(map(plan.structure, mappings))
            rows = zip(*map(plan.take, mappings), strict=True)
        except KeyError:
            return None
        columns = dict(zip(plan.fields, rows, strict=False))
        x = columns["x"]
        if type(x[0]) is not Tensor or x[0].device.type != "cpu":
            return None
        clips = _clips(items, plan, held, x)
        if clips is None:
            return None
        if "x" not in plan.keys and not all_fit([value.size(0) for value in x], clips):
            return None
        return Parcel(items, plan.keys, columns, clips, self.follow_batch or ())


class _Plan:
    """What to do with the fields of clips that all have the same fields."""

    def __init__(self, names: tuple[str, ...], exclude: tuple[str, ...]) -> None:
        self.keys = [name for name in names if name not in exclude]
        self.held = [k for k in self.keys if k in ("joint", "person") or k.startswith("edge_index")]
        self.fields = list(dict.fromkeys(["x", *(k for k in self.keys if k not in self.held)]))
        # With a single name, a getter would not give a tuple.
        held: Any = itemgetter(*self.held, *self.held[:1]) if self.held else lambda _: ()
        self.structure: Callable[[Any], tuple[Any, ...]] = held
        self.take: Callable[[Any], tuple[Any, ...]] = itemgetter(*self.fields, "x")


@lru_cache
def _plan(kind: Any, names: tuple[str, ...], exclude: tuple[str, ...]) -> _Plan | None:
    """Nothing where PyG, or a subclass, would not do the usual."""
    same = kind.__inc__ is SkeletonData.__inc__ and kind.__cat_dim__ is SkeletonData.__cat_dim__
    return _Plan(names, exclude) if same and "x" in names and _RESERVED.isdisjoint(names) else None


def _clips(
    items: Sequence[SkeletonData],
    plan: _Plan,
    held: list[tuple[Any, ...]],
    x: tuple[Tensor, ...],
) -> tuple[Clip, ...] | None:
    """The structure of each clip, None if they are not copies of one template."""
    first = items[0].__dict__.get("_copies")
    if plan.held and type(first) is Clip and first.intact and first.comparable:
        # Tuples compare by identity first, and two different tensors have no truth value.
        try:
            if held.count(plan.structure(first.tensors)) == len(items):
                return (first,) * len(items)
        except (KeyError, RuntimeError, TypeError, ValueError):
            pass

    columns = dict(zip(plan.held, zip(*held, strict=True), strict=False))
    clips: list[Any] = [None] * len(items)
    unknown: dict[int, list[int]] = {}
    for copies, ids in _groups(data.__dict__.get("_copies") for data in items).items():
        if type(copies) is Clip and copies.intact and _agree(_all_are, copies, columns, ids):
            for i in ids:
                clips[i] = copies
        else:
            for i in ids:
                unknown.setdefault(x[i].size(0), []).append(i)
    for ids in unknown.values():
        found = recognize(items[ids[0]]._store._mapping)
        if found is not None and _agree(_all_equal, found, columns, ids):
            for i in ids:
                clips[i] = found
        else:
            for i in ids:
                clips[i] = recognize(items[i]._store._mapping)
    if any(clip is None or clip.template is not clips[0].template for clip in clips):
        return None
    return tuple(clips)


def _groups(keys: Iterable[Any]) -> dict[Any, list[int]]:
    """The positions of equal keys."""
    out: dict[Any, list[int]] = {}
    for i, key in enumerate(keys):
        out.setdefault(key, []).append(i)
    return out


def _agree(
    compare: Callable[[Tensor, tuple[Any, ...]], bool],
    copies: Copies,
    columns: dict[str, tuple[Any, ...]],
    ids: Sequence[int],
) -> bool:
    """Whether these clips have the structure that another one has."""
    for key, tensor in copies.tensors.items():
        column = columns.get(key)
        if column is None:
            continue
        if len(ids) < len(column):
            column = tuple([column[i] for i in ids])
        if not compare(tensor, column):
            return False
    return True


def _all_equal(value: Tensor, column: tuple[Any, ...]) -> bool:
    if not _all_are(Tensor, map(type, column)):
        return False
    try:
        return bool((torch.stack(column) == value).all())
    except RuntimeError:
        return False


def _all_are(value: Any, column: Iterable[Any]) -> bool:
    return all(map(is_, column, repeat(value)))
