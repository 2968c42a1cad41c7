"""Batching clips of one layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Batch
from torch_geometric.loader.dataloader import Collater
from torch_geometric.utils import cumsum

from pyg_skeleton.data.skeleton_data import SkeletonData
from pyg_skeleton.skeleton.edges import origin, union_edges

# The value of a field in the batch, its size in each clip, and whether nodes shift it.
Joined = tuple[Any, Tensor, bool]


class SkeletonCollater(Collater):
    """PyG's collate function, with a shortcut for clips of one layout.

    The result is the same as PyG's, attribute by attribute. Where the edges of all clips are known
    to be copies of one graph, those of the batch are made once for each number of bodies and are
    the same tensor in all batches. A batch passes as it is.
    """

    def __call__(self, batch: Any) -> Any:
        """Joins the items of a batch."""
        if isinstance(batch, Batch):
            return batch
        if type(batch[0]) is not SkeletonData:
            return super().__call__(batch)
        stores = [data._store._mapping for data in batch]
        fields = None if self.follow_batch else _join(stores, self.exclude_keys or ())
        if fields is not None:
            return make_batch(fields)
        for key in ("x", "target"):
            _check_shapes(key, [store.get(key) for store in stores])
        return super().__call__(batch)


def make_batch(fields: dict[str, Joined]) -> Batch:
    """A batch of fields that are joined already, `x` among them."""
    nodes = fields["x"][1]
    batch: Any = Batch(_base_cls=SkeletonData)
    batch._num_graphs, batch._slice_dict, batch._inc_dict = len(nodes), {}, {}
    ptr = cumsum(nodes)
    for key, (value, sizes, shifted) in fields.items():
        batch[key] = value
        batch._slice_dict[key] = cumsum(sizes)
        zeros = None if isinstance(value, list) else torch.zeros_like(sizes)
        batch._inc_dict[key] = ptr[:-1] if shifted else zeros
    batch.batch = torch.arange(len(nodes)).repeat_interleave(nodes)
    batch.ptr = ptr
    return batch


def _join(stores: Sequence[dict[str, Any]], exclude: Sequence[str]) -> dict[str, Joined] | None:
    """All fields of the batch; None where one of them, or the number of nodes, is left to PyG."""
    fields: dict[str, Joined] = {}
    if "x" not in stores[0] or "x" in exclude or "num_nodes" in stores[0]:
        return None
    for key in stores[0]:
        if key in exclude:
            continue
        values = [store[key] for store in stores]
        is_edges = key.startswith("edge_index")
        joined = _edges(values, stores) if is_edges else _field(key, values)
        if joined is None:
            return None
        fields[key] = joined
    return fields


def _edges(values: Sequence[Any], stores: Sequence[dict[str, Any]]) -> Joined | None:
    """The edges of the batch, None unless those of all clips are copies of one graph."""
    distinct = {id(value): value for value in values}
    origins = {i: isinstance(v, Tensor) and origin(v) for i, v in distinct.items()}
    found: list[Any] = [origins[id(value)] for value in values]
    if not all(found) or len({(o.graph, o.hop, o.mode) for o in set(found)}) > 1:
        return None
    graph, _, hop, mode = found[0]
    nodes = [store["x"].size(0) for store in stores]
    if nodes != [o.copies * graph.num_joints for o in found]:
        return None
    edges = union_edges(graph, sum(o.copies for o in found), hop, mode)
    return edges, torch.tensor([value.size(1) for value in values]), True


def _field(key: str, values: Sequence[Any]) -> Joined | None:
    """A field that PyG would neither shift nor treat in another special way."""
    if any(part in key for part in ("index", "batch", "adj", "face", "ptr")):
        return None
    kinds = set(map(type, values))
    ones = torch.ones(len(values), dtype=torch.long)
    if kinds == {str}:
        return list(values), ones, False
    if len(kinds) == 1 and kinds <= {bool, int, float}:
        return torch.tensor(values), ones, False
    if kinds != {Tensor} or any(v.layout is not torch.strided for v in values):
        return None
    try:
        if values[0].dim() == 0:
            return torch.stack(list(values)), ones, False
        return torch.cat(list(values)), torch.tensor([v.size(0) for v in values]), False
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
