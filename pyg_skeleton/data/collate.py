"""Batching clips of one layout."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import lru_cache
from itertools import repeat
from operator import attrgetter, is_, itemgetter
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
# Structures of clips of more kinds are not kept: they might all hold tensors of their own.
_MOST_KINDS = 8


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
    even: bool
    """Whether all clips have as many."""
    zeros: Tensor
    steps: Tensor
    """The slices of a field with one entry per clip."""
    versions: list[int]

    @property
    def intact(self) -> bool:
        """Whether the tensors are as they were made."""
        return self.versions == [tensor._version for tensor in self.values.values()]


def structure_of(keys: tuple[str, ...], columns: Sequence[Sequence[Tensor]]) -> Structure | None:
    """The structure of a batch of clips; None if their edges are not copies of one graph.

    Args:
        keys (tuple of str): The names of the tensors that each clip holds.
        columns (sequence of sequences): The tensors of each name, one per clip.
    """
    kinds, which = _kinds(columns)
    versions = tuple([_version(tensor) for held in kinds for tensor in held])
    if len(kinds) > _MOST_KINDS:
        return _structure(keys, kinds, which, versions)
    found = _kept_structure(keys, kinds, which, versions)
    if found is not None and not found.intact:
        _kept_structure.cache_clear()
        found = _kept_structure(keys, kinds, which, versions)
    return found


def _kinds(columns: Sequence[Sequence[Tensor]]) -> tuple[tuple[Held, ...], tuple[int, ...]]:
    """The different sets of tensors that clips hold, and the number of its set for each clip."""
    size = len(columns[0])
    if all(map(is_, columns[0], repeat(columns[0][0]))):  # else this is known sooner
        try:  # they are compared by identity first, and two different tensors have no truth value
            if all(column.count(column[0]) == size for column in columns):
                return (tuple([column[0] for column in columns]),), (0,) * size
        except RuntimeError:
            pass
    ids = list(zip(*[map(id, column) for column in columns], strict=True))
    kinds = dict(zip(ids, zip(*columns, strict=True), strict=True))
    number = {kind: i for i, kind in enumerate(kinds)}
    return tuple(kinds.values()), tuple([number[kind] for kind in ids])


def _version(tensor: Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version


@torch.inference_mode(False)  # tensors made in inference mode could not be used in training
def _structure(
    keys: tuple[str, ...],
    kinds: tuple[Held, ...],
    which: tuple[int, ...],
    versions: tuple[int, ...],
) -> Structure | None:
    graph, copies, values = None, [], {}
    for k, key in enumerate(keys):
        if not _is_edges(key):
            values[key] = torch.cat([kinds[i][k] for i in which])
            continue
        origins = [origin(held[k]) for held in kinds]
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
    nodes = [graph.num_joints * bodies for bodies in copies]
    sizes = torch.tensor(
        [[*(value.size(-1) for value in held), n] for held, n in zip(kinds, nodes, strict=True)]
    )
    *bounds, ptr = cumsum(sizes[list(which)]).t().contiguous()
    slices, zeros = dict(zip(keys, bounds, strict=True)), torch.zeros_like(ptr[1:])
    incs = {key: ptr[:-1] if _is_edges(key) else zeros for key in keys}
    steps = torch.arange(len(which) + 1)
    values["batch"], values["ptr"] = steps[:-1].repeat_interleave(ptr.diff()), ptr
    return Structure(
        values,
        slices,
        incs,
        [nodes[i] for i in which],
        len(set(nodes)) == 1,
        zeros,
        steps,
        [tensor._version for tensor in values.values()],
    )


_kept_structure = lru_cache(maxsize=128)(_structure)


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
    keys, names, fields = _names(tuple(stores[0]), tuple(exclude))
    if "x" not in fields or not names or "num_nodes" in stores[0] or len(set(map(len, stores))) > 1:
        return None
    try:
        columns = list(zip(*map(itemgetter(*names, *fields), stores), strict=True))
    except KeyError:
        return None
    structure = structure_of(names, columns[: len(names)])
    if structure is None:
        return None
    joined = {}
    for key, values in zip(fields, columns[len(names) :], strict=True):
        found = _field(key, values, structure)
        if found is None:
            return None
        joined[key] = found
    return make_batch(keys, structure, joined)


@lru_cache
def _names(keys: tuple[str, ...], exclude: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The fields to keep, those of them that make the structure, and the others."""
    keys = tuple([key for key in keys if key not in exclude])
    names = tuple([key for key in keys if key in ("joint", "person") or _is_edges(key)])
    fields = [key for key in keys if key not in names]
    # The large copies come last: they drive all else out of the processor's caches.
    return keys, names, tuple(sorted(fields, key=_LARGE.__contains__))


def _field(key: str, values: tuple[Any, ...], structure: Structure) -> tuple[Any, Tensor] | None:
    """A field that PyG would neither shift nor treat in another special way, and its slices."""
    if _is_special(key):
        return None
    first, steps = values[0], structure.steps
    if type(first) is not Tensor:
        kinds = set(map(type, values))
        if kinds == {str}:
            return list(values), steps
        if len(kinds) == 1 and kinds <= {bool, int, float}:
            return torch.tensor(values), steps
        return None
    if first.layout is not torch.strided:
        return None
    if key in _LARGE and not structure.even:
        return _concatenated(key, values, structure)
    try:
        value = torch.stack(values)
    except TypeError:
        return None
    except RuntimeError:  # of different shapes
        return _concatenated(key, values, structure)
    if first.dim() == 0:
        return value, steps
    rows = first.size(0)
    if key == "x" and rows != structure.nodes[0]:
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
