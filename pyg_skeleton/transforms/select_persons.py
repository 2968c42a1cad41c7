"""Limits the number of persons."""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor
from torch_geometric.data import Batch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import by_body, masked

PersonOrder = Literal["position", "motion", "center", "presence"]


@functional_transform("select_persons")
class SelectPersons(SkeletonTransform):
    r"""Keeps at most a given number of persons of a clip (functional name: :obj:`select_persons`).

    A clip with fewer persons does not change. The others keep their order, and `person` numbers
    them from 0, as networks with a place for each expect.

    Args:
        num_persons (int): The largest number of persons.
        by (str, optional): The persons to keep: :obj:`"position"` for the first ones,
            :obj:`"motion"` for those whose joints vary most over time, as sensors mistake furniture
            for persons, :obj:`"center"` for those nearest to the middle of all persons, or of the
            picture where clips have the field `image_size`, :obj:`"presence"` for those who are
            there longest. (default: :obj:`"position"`)

    Raises:
        ValueError: If the edges are not copies of one body.
    """

    def __init__(self, num_persons: int, by: PersonOrder = "position") -> None:
        if num_persons < 1:
            raise ValueError(f"num_persons must be at least 1, got {num_persons}")
        if by not in get_args(PersonOrder):
            raise ValueError(f"by must be one of {get_args(PersonOrder)}, got {by!r}")
        self.num_persons = num_persons
        self.by = by

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Selects the persons of a clip."""
        if isinstance(data, Batch):
            raise ValueError("SelectPersons changes the nodes, so it takes clips, not batches")
        if data.num_bodies <= self.num_persons:
            return data
        size = data.num_joints
        keep = self._rank(data, size).topk(self.num_persons).indices.sort().values
        fields = [key for key in data.to_dict() if key != "y" and not key.startswith("edge_index")]
        for key in fields:
            if data.is_edge_attr(key):
                raise ValueError(f"SelectPersons cannot convert the field {key!r}")
        per_node = [key for key in fields if data.is_node_attr(key)]
        data.set_persons(range(self.num_persons))
        for key in per_node:
            if key in ("joint", "person"):
                continue
            data[key] = by_body(data[key], size, "SelectPersons")[keep].flatten(0, 1)
        return data

    def _rank(self, data: SkeletonData, size: int) -> Tensor:
        """A number for each person; those with the largest are kept."""
        bodies = by_body(data.x, size, "SelectPersons")
        if self.by == "position":
            return -torch.arange(bodies.size(0), device=data.x.device)
        if self.by == "motion":
            return self._motion(data, bodies, size)
        there = bodies.any(dim=-1)  # [M, V, T]
        if self.by == "presence":
            return there.sum(dim=(1, 2))
        place = bodies[..., :2] if "image_size" in data else bodies
        count = there.sum(dim=(1, 2)).clamp(min=1)
        means = place.sum(dim=(1, 2)) / count.unsqueeze(-1)
        middle = data.image_size[0] / 2 if "image_size" in data else means.mean(0)
        distance = (means - middle.to(means)).norm(dim=-1)
        return -distance.masked_fill(~there.flatten(1).any(1), torch.inf)

    def _motion(self, data: SkeletonData, bodies: Tensor, size: int) -> Tensor:
        if "visible" not in data:
            return bodies.var(dim=2, correction=0).sum(dim=(1, 2))
        seen = by_body(data.visible, size, "SelectPersons").unsqueeze(-1)
        count = seen.sum(dim=2, keepdim=True).clamp(min=1)
        spread = masked(bodies - bodies.sum(dim=2, keepdim=True) / count, seen.squeeze(-1))
        return (spread.square().sum(dim=2) / count.squeeze(2)).sum(dim=(1, 2))
