"""Batches of poses straight from a data set's tensors."""

from collections.abc import Iterator

import torch
from torch.utils.data import BatchSampler, Sampler, SequentialSampler
from torch_geometric.data import Batch, Dataset

from pyg_skeleton.data import batch_poses
from pyg_skeleton.datasets import LiftingDataset

# The fields of a pose of a data set without images.
_FIELDS = {"x", "y", "target", "visible", "edge_index", "joint", "person", "skeleton"}


class PoseLoader:
    r"""Makes the batches that a :class:`~pyg_skeleton.data.SkeletonLoader` makes of a
    :class:`~pyg_skeleton.datasets.LiftingDataset`, without an object for each pose, which for
    single poses takes longer than a step of a small network.

    Args:
        dataset (LiftingDataset): The poses.
        batch_size (int): Poses per batch.
        sampler (Sampler, optional): The order of the poses. (default: that of the data set)
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
        self.dataset, self.batch_size = dataset, batch_size
        self.sampler = SequentialSampler(dataset) if sampler is None else sampler
        self.batch_sampler = BatchSampler(self.sampler, batch_size, drop_last)

    def __len__(self) -> int:
        """The number of batches."""
        return len(self.batch_sampler)

    def __iter__(self) -> Iterator[Batch]:
        data = self.dataset
        for batch in self.batch_sampler:
            ids = torch.tensor(batch)
            fields = {"y": data.action_ids[ids], "target": data.targets[ids]}
            yield batch_poses(data.skeleton, data.inputs(ids), **fields)


def holds_poses(dataset: Dataset) -> bool:
    """Returns :obj:`True` if :class:`PoseLoader` supports a data set."""
    return (
        isinstance(dataset, LiftingDataset)
        and dataset.transform is None
        and _FIELDS.issuperset(dataset[0].keys())
    )
