"""Batching clips of one layout."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import Batch
from torch_geometric.loader.dataloader import Collater
from torch_geometric.utils import cumsum

from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.skeleton.edges import origin, union_edges

_LARGE = ("x", "target")
#: The edges, the joint and the person of each node, in one clip.
Held = tuple[Tensor, ...]


class SkeletonCollater(Collater):
    """PyG's collate function, with a shortcut for clips of one layout.

    The result is the same as PyG's, attribute by attribute. Where the edges of all clips are known
    to be copies of one graph, those of the batch are made once for each number of bodies and are
    the same tensor in all batches; where all clips hold the same tensors, as :func:`to_data` gives
    them to clips of as many persons, that is all of the structure. A batch passes as it is.
    """

    def __call__(self, batch: Any) -> Any:
        """Joins the items of a batch."""
        if isinstance(batch, Batch):
            return batch
        if set(map(type, batch)) != {SkeletonData}:
            return super().__call__(batch)
        stores = list(map(attrgetter("_store._mapping"), batch))
        found = None if self.follow_batch else _join(stores, self.exclude_keys or ())
        if found is not None:
            return found
        for key in _LARGE:
            _check_shapes(key, [store.get(key) for store in stores])
        return super().__call__(batch)


class Structure(NamedTuple):
    """The edges and the persons of a batch, with `batch` and `ptr`."""

    values: dict[str, Tensor]
    slices: dict[str, Tensor]
    incs: dict[str, Tensor]
    nodes: list[int]
    """The number of nodes of each clip."""
    zeros: Tensor
    steps: Tensor
    """The slices of a field with one entry per clip."""
    versions: tuple[int, ...]

    @property
    def intact(self) -> bool:
        """Whether the tensors are as they were made."""
        return self.versions == _versions(self.values.values())


def structure_of(keys: tuple[str, ...], columns: Sequence[Sequence[Tensor]]) -> Structure | None:
    """The structure of a batch of clips; None if their edges are not copies of one graph.

    Args:
        keys (tuple of str): The names of the tensors that each clip holds.
        columns (sequence of sequences): The tensors of each name, one per clip.
    """
    size, first = len(columns[0]), tuple([column[0] for column in columns])
    try:  # they are compared by identity first, and two different tensors have no truth value
        uniform = all(column.count(column[0]) == size for column in columns)
    except RuntimeError:
        uniform = False
    if not uniform:
        return _structure(keys, list(zip(*columns, strict=True)))
    versions = _versions(first)
    found = _uniform(keys, first, versions, size)
    if found is not None and not found.intact:
        _uniform.cache_clear()
        found = _uniform(keys, first, versions, size)
    return found


@lru_cache(maxsize=128)
def _uniform(
    keys: tuple[str, ...], held: Held, versions: tuple[int, ...], size: int
) -> Structure | None:
    # Tensors made in inference mode could not be used in training.
    with torch.inference_mode(False):
        return _structure(keys, [held] * size)


def _versions(tensors: Any) -> tuple[int, ...]:
    return tuple([0 if tensor.is_inference() else tensor._version for tensor in tensors])


def _structure(keys: tuple[str, ...], held: Sequence[Held]) -> Structure | None:
    ids = [tuple(map(id, clip)) for clip in held]
    kinds = dict(zip(ids, held, strict=True))
    number = {kind: i for i, kind in enumerate(kinds)}
    which = [number[kind] for kind in ids]
    graph, copies, values = None, [], {}
    for k, key in enumerate(keys):
        if not _is_edges(key):
            values[key] = torch.cat([clip[k] for clip in held])
            continue
        origins = [origin(clip[k]) for clip in kinds.values()]
        known = [o for o in origins if o is not None]
        if len({(o.graph, o.hop, o.mode) for o in known}) != 1 or len(known) < len(origins):
            return None
        bodies = [o.copies for o in known]
        if graph is None:
            graph, copies = known[0].graph, bodies
        if (graph, copies) != (known[0].graph, bodies):
            return None
        total = sum([copies[i] for i in which])
        values[key] = union_edges(graph, total, known[0].hop, known[0].mode)
    if graph is None:
        return None
    sizes = torch.tensor([[value.size(-1) for value in clip] for clip in kinds.values()])
    slices = dict(zip(keys, cumsum(sizes[which]).t().contiguous(), strict=False))
    nodes = [graph.num_joints * copies[i] for i in which]
    ptr, steps = cumsum(torch.tensor(nodes)), torch.arange(len(held) + 1)
    zeros = torch.zeros_like(ptr[1:])
    incs = {key: ptr[:-1] if _is_edges(key) else zeros for key in keys}
    values["batch"], values["ptr"] = steps[:-1].repeat_interleave(ptr.diff()), ptr
    return Structure(values, slices, incs, nodes, zeros, steps, _versions(values.values()))


def _is_edges(key: str) -> bool:
    return key.startswith("edge_index")


def make_batch(
    keys: Sequence[str], structure: Structure, fields: dict[str, tuple[Any, Tensor]]
) -> Batch:
    """A batch of a structure and of fields that are joined already, with their slices."""
    batch: Any = copy.copy(_empty())
    values = dict.fromkeys(keys)
    slices, incs = {**dict.fromkeys(keys), **structure.slices}, dict.fromkeys(keys)
    incs.update(structure.incs)
    values.update(structure.values)
    for key, (value, bounds) in fields.items():
        values[key], slices[key] = value, bounds
        incs[key] = None if isinstance(value, list) else structure.zeros
    # What assigning these attributes one by one would do.
    batch._store.__dict__.update(
        _mapping=values, _num_graphs=len(structure.nodes), _slice_dict=slices, _inc_dict=incs
    )
    return batch


@lru_cache(maxsize=1)
def _empty() -> Any:
    """An empty batch: making its class takes longer than filling it."""
    return Batch(_base_cls=SkeletonData)


def _join(stores: Sequence[dict[str, Any]], exclude: Sequence[str]) -> Batch | None:
    """The batch; None where one of its fields, or the number of nodes, is left to PyG."""
    keys = [key for key in stores[0] if key not in exclude]
    names = tuple([key for key in keys if key in ("joint", "person") or _is_edges(key)])
    lengths = set(map(len, stores))
    if "x" not in keys or not names or "num_nodes" in stores[0] or len(lengths) > 1:
        return None
    try:
        columns = dict(zip(keys, zip(*map(itemgetter(*keys), stores), strict=True), strict=True))
    except KeyError:
        return None
    structure = structure_of(names, [columns[key] for key in names])
    if structure is None:
        return None
    fields = {}
    # The large copies come last: they drive all else out of the processor's caches.
    for key in sorted(columns.keys() - names, key=_LARGE.__contains__):
        joined = _field(key, columns[key], structure)
        if joined is None:
            return None
        fields[key] = joined
    return make_batch(keys, structure, fields)


def _field(key: str, values: tuple[Any, ...], structure: Structure) -> tuple[Any, Tensor] | None:
    """A field that PyG would neither shift nor treat in another special way, and its slices."""
    if _is_special(key):
        return None
    kinds, first, steps = set(map(type, values)), values[0], structure.steps
    if kinds == {str}:
        return list(values), steps
    if len(kinds) == 1 and kinds <= {bool, int, float}:
        return torch.tensor(values), steps
    if kinds != {Tensor} or first.layout is not torch.strided:
        return None
    try:
        value = torch.stack(values)
    except RuntimeError:  # of different shapes
        return _concatenated(key, values, structure)
    if first.dim() == 0:
        return value, steps
    rows = first.size(0)
    if key == "x" and structure.nodes.count(rows) < len(values):
        return None
    return value.flatten(0, 1), steps if rows == 1 else steps * rows


@lru_cache
def _is_special(key: str) -> bool:
    return any(part in key for part in ("index", "batch", "adj", "face", "ptr"))


def _concatenated(
    key: str, values: tuple[Tensor, ...], structure: Structure
) -> tuple[Tensor, Tensor] | None:
    sizes = [value.size(0) if value.dim() else 0 for value in values]
    if 0 in sizes or (key == "x" and sizes != structure.nodes):
        return None
    try:
        return torch.cat(values), cumsum(torch.tensor(sizes))
    except RuntimeError:
        return None


def _check_shapes(key: str, values: Sequence[Any]) -> None:
    """Refuses clips that cannot be joined, in one line."""
    shapes = [value.shape if isinstance(value, Tensor) else None for value in values]
    if shapes[0] is None:
        return
    for i, shape in enumerate(shapes):
        if shape is None or shape[1:] == shapes[0][1:]:
            continue
        frames = len(shape) == len(shapes[0]) == 3 and shape[2] == shapes[0][2]
        hint = "; cut or resize them first (TemporalCrop, TemporalResize)" if frames else ""
        kind = "numbers of frames" if frames else "shapes"
        raise ValueError(
            f"clips with different {kind} in one batch: {key!r} is {list(shapes[0])} in clip 0 "
            f"and {list(shape)} in clip {i}{hint}"
        )
