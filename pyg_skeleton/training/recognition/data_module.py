"""Clips with classes for training and validation."""

from typing import Any

from lightning import LightningDataModule
from torch_geometric.data import Dataset

from pyg_skeleton.data import EpochSampler, SkeletonLoader


class RecognitionDataModule(LightningDataModule):
    r"""Serves clips; what an epoch holds depends on the seed and its number alone.

    An epoch is a pass over the clips in random order, without those that are too few for a batch.
    The data sets do their own preprocessing.

    Args:
        train (Dataset): Clips to learn from.
        val (Dataset, optional): Held-out clips. (default: :obj:`None`)
        batch_size (int, optional): Clips per step and process. (default: :obj:`64`)
        seed (int, optional): The seed. (default: :obj:`0`)
        num_workers (int, optional): Processes that prepare clips. (default: :obj:`0`)

    Raises:
        ValueError: If there are fewer clips than a batch has.
    """

    def __init__(
        self,
        train: Dataset,
        val: Dataset | None = None,
        batch_size: int = 64,
        seed: int = 0,
        num_workers: int = 0,
    ) -> None:
        super().__init__()
        if not 1 <= batch_size <= len(train):
            raise ValueError(
                f"expected batch_size from 1 to the number of clips {len(train)}, got {batch_size}"
            )
        self.train, self.val = train, val
        self.batch_size, self.seed, self.num_workers = batch_size, seed, num_workers

    def steps_per_epoch(self, world_size: int = 1) -> int:
        """The number of steps of an epoch with so many processes."""
        return len(self.train) // world_size // self.batch_size

    def train_dataloader(self) -> SkeletonLoader:
        """Batches of an epoch."""
        sampler = EpochSampler(self.train, seed=self.seed)
        if self.trainer:
            # A resumed run fetches before Lightning says which epoch it is, and counts behind.
            steps = self.steps_per_epoch(self.trainer.world_size)
            sampler.set_epoch(self.trainer.global_step // steps)
        return self._loader(self.train, sampler=sampler, drop_last=True)

    def val_dataloader(self) -> Any:
        """Batches of the held-out clips, in order."""
        return [] if self.val is None else self._loader(self.val)

    def _loader(self, dataset: Dataset, **kwargs: Any) -> SkeletonLoader:
        return SkeletonLoader(
            dataset, self.batch_size, seed=self.seed, num_workers=self.num_workers, **kwargs
        )
