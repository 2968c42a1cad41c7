"""Poses for training and validation."""

from typing import Any

from lightning import LightningDataModule

from pyg_skeleton.data import EpochSampler, SkeletonLoader
from pyg_skeleton.datasets import LiftingDataset
from pyg_skeleton.nn.models.lifting.model import check_normalized
from pyg_skeleton.training.lifting.pose_loader import PoseLoader

# What a pose of a data set without pictures has.
_FIELDS = {"x", "y", "target", "visible", "edge_index", "joint", "person", "skeleton"}


class LiftingDataModule(LightningDataModule):
    r"""Serves poses; what an epoch holds depends on the seed and its number alone.

    Data sets without a transform and without further fields go through :class:`PoseLoader`, which
    is an order of magnitude faster than the :class:`~pyg_skeleton.data.SkeletonLoader` of others.

    Args:
        train (LiftingDataset): Poses to learn from.
        val (LiftingDataset, optional): Held-out poses. (default: :obj:`None`)
        batch_size (int, optional): Poses per step and process. (default: :obj:`64`)
        steps_per_epoch (int, optional): Steps between checkpoints. By default as many as a pass
            over the poses has, in one process. (default: :obj:`None`)
        seed (int, optional): The seed. (default: :obj:`0`)

    Raises:
        ValueError: If the keypoints are not normalized by the size of their image.
    """

    def __init__(
        self,
        train: LiftingDataset,
        val: LiftingDataset | None = None,
        batch_size: int = 64,
        steps_per_epoch: int | None = None,
        seed: int = 0,
    ) -> None:
        super().__init__()
        check_normalized(train.keypoints)
        if steps_per_epoch is None:
            steps_per_epoch = max(1, len(train) // batch_size)
        if steps_per_epoch < 1:
            raise ValueError(f"expected steps_per_epoch >= 1, got {steps_per_epoch}")
        self.train, self.val = train, val
        self.batch_size, self.steps_per_epoch, self.seed = batch_size, steps_per_epoch, seed

    def train_dataloader(self) -> PoseLoader | SkeletonLoader:
        """Batches of an epoch."""
        world_size = self.trainer.world_size if self.trainer else 1
        poses = self.steps_per_epoch * self.batch_size * world_size
        sampler = EpochSampler(self.train, num_samples=poses, seed=self.seed)
        # Where a run is resumed, the first batches are fetched before Lightning says which epoch.
        sampler.set_epoch(self.trainer.current_epoch if self.trainer else 0)
        return self._loader(self.train, sampler=sampler, drop_last=True)

    def val_dataloader(self) -> Any:
        """Batches of the held-out poses, in order."""
        return [] if self.val is None else self._loader(self.val)

    def _loader(self, dataset: LiftingDataset, **kwargs: Any) -> PoseLoader | SkeletonLoader:
        if dataset.transform is None and _FIELDS.issuperset(dataset[0].keys()):
            return PoseLoader(dataset, self.batch_size, **kwargs)
        return SkeletonLoader(dataset, self.batch_size, seed=self.seed, **kwargs)
