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


class SkeletonCollater(Collater):
    """PyG's collate function, with a shortcut for the edges of clips of one layout.

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
        for key in ("x", "target"):
            _check_shapes(key, [data._store.get(key) for data in batch])
        exclude, follow = self.exclude_keys or [], self.follow_batch or []
        shared: dict[str, tuple[Tensor, Tensor]] = {}
        if "x" in batch[0] and "x" not in exclude and "num_nodes" not in batch[0]:
            shared = _shared(batch, {*exclude, *follow})
        out: Any = Batch.from_data_list(batch, follow, [*exclude, *shared])
        for key, (edges, sizes) in shared.items():
            out[key] = edges
            out._slice_dict[key] = cumsum(sizes)
            out._inc_dict[key] = out.ptr[:-1]
        fields = out._store._mapping
        order = [key for key in batch[0]._store if key in fields]
        out._store._mapping = {key: fields[key] for key in dict.fromkeys([*order, *fields])}
        return out


def _shared(items: Sequence[SkeletonData], but: set[str]) -> dict[str, tuple[Tensor, Tensor]]:
    """The edges of the batch and their number in each clip, where all are copies of one graph."""
    out = {}
    for key in items[0]._store:
        if not key.startswith("edge_index") or key in but:
            continue
        values = [data._store.get(key) for data in items]
        origins = {id(value): value is not None and origin(value) for value in values}
        found: list[Any] = [origins[id(value)] for value in values]
        first = found[0]
        if not all(o and o._replace(copies=1) == first._replace(copies=1) for o in found):
            continue
        size = first.graph.num_joints
        if any(data._store["x"].size(0) != o.copies * size for data, o in zip(items, found)):
            continue
        edges = union_edges(first.graph, sum(o.copies for o in found), first.hop, first.mode)
        out[key] = edges, torch.tensor([value.size(1) for value in values])
    return out


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
