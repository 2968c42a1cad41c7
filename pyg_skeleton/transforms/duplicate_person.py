"""Duplicates the only person of a clip."""

from __future__ import annotations

from torch_geometric.data import Batch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform


@functional_transform("duplicate_person")
class DuplicatePerson(SkeletonTransform):
    r"""Adds a copy of the person to clips of a single person, as CTR-GCN's preparation of NTU 120
    does (functional name: :obj:`duplicate_person`).

    In its preparation of NTU 60 the second person is zero instead. The fields `x` and `visible` are
    copied.

    Raises:
        ValueError: If the edges are not copies of one body.
    """

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Duplicates the person of a clip if there is only one."""
        if isinstance(data, Batch):
            raise ValueError("DuplicatePerson changes the nodes, so it takes clips, not batches")
        if "target" in data._store:
            raise ValueError(f"DuplicatePerson needs a clip without target, got {data}")
        if data.num_bodies != 1:
            return data
        data.set_persons((0, 1))
        for key in ("x", "visible"):
            if key in data._store:
                data[key] = data[key].repeat(2, *[1] * (data[key].dim() - 1))
        return data
