"""Batches of poses straight from a data set's tensors."""

from collections.abc import Iterator
from typing import Any

import torch
from torch.utils.data import Sampler
from torch_geometric.data import Batch

from pyg_skeleton.data import batch_poses
from pyg_skeleton.datasets import LiftingDataset


class PoseLoader:
    r"""Makes the batches that a :class:`~pyg_skeleton.data.SkeletonLoader` makes of a
    :class:`~pyg_skeleton.datasets.LiftingDataset`, without an object for each pose, which for
    single poses takes longer than a step of a small network.

    Args:
        dataset (LiftingDataset): The poses; its transform is not called.
        batch_size (int): Poses per batch.
        sampler (Sampler, optional): Which poses, in which order. (default: all, in order)
        drop_last (bool, optional): Whether to leave out a last batch that is smaller.
            (default: :obj:`False`)

    Raises:
        ValueError: If the data set has a transform.
    """

    def __init__(
        self,
        dataset: LiftingDataset,
        batch_size: int,
        sampler: Sampler[int] | None = None,
        drop_last: bool = False,
    ) -> None:
        if dataset.transform is not None:
            raise ValueError(f"{dataset} has a transform; SkeletonLoader calls it for each pose")
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.sampler: Any = range(len(dataset)) if sampler is None else sampler

    def __len__(self) -> int:
        """The number of batches."""
        poses = len(self.sampler)
        return poses // self.batch_size if self.drop_last else -(-poses // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        data = self.dataset
        for ids in torch.split(torch.tensor(list(self.sampler)), self.batch_size):
            if len(ids) < self.batch_size and self.drop_last:
                return
            fields = {"y": data.action_ids[ids], "target": data.targets[ids]}
            yield batch_poses(data.skeleton, data.inputs(ids), **fields)
