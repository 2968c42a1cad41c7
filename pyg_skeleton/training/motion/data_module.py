"""Clips for training and validation."""

import copy
from typing import Any

from lightning import LightningDataModule
from torch_geometric.data import Dataset
from torch_geometric.transforms import Compose

from pyg_skeleton.data import EpochSampler, SkeletonLoader
from pyg_skeleton.transforms import Standardize


class MotionDataModule(LightningDataModule):
    r"""Serves standardized clips; what an epoch holds depends on the seed and its number alone.

    Clips are standardized after the data set's own transform, if that does not do so already. The
    data sets themselves are left as they are.

    Args:
        train (Dataset): Clips to learn from, with :obj:`statistics` (mean and standard deviation
            of each joint and channel, :math:`(V, C)` both).
        val (Dataset, optional): Held-out clips. (default: :obj:`None`)
        batch_size (int, optional): Clips per step and process. (default: :obj:`32`)
        steps_per_epoch (int, optional): Steps between checkpoints; clips are drawn with
            replacement by :obj:`train.window_weights()` where it has them, else each about as
            often as the others. (default: :obj:`100`)
        seed (int, optional): The seed. (default: :obj:`0`)
        num_workers (int, optional): Processes that prepare clips. (default: :obj:`0`)

    Raises:
        ValueError: If :obj:`train` has no statistics, or a standard deviation is not above zero.
    """

    def __init__(
        self,
        train: Dataset,
        val: Dataset | None = None,
        batch_size: int = 32,
        steps_per_epoch: int = 100,
        seed: int = 0,
        num_workers: int = 0,
    ) -> None:
        super().__init__()
        if steps_per_epoch < 1:
            raise ValueError(f"expected steps_per_epoch >= 1, got {steps_per_epoch}")
        self.batch_size, self.steps_per_epoch = batch_size, steps_per_epoch
        self.seed, self.num_workers = seed, num_workers
        statistics = getattr(train, "statistics", None)
        if statistics is None:
            raise ValueError(
                f"{train} has no statistics; set them to (mean, std) of the training clips, "
                f"pyg_skeleton.transforms.Standardize.fit computes both"
            )
        try:
            self.standardize = Standardize(*statistics)
        except ValueError as error:
            raise ValueError(f"statistics of {train}: {error}") from error
        self.train = self._standardized(train)
        self.val = None if val is None else self._standardized(val)

    def _standardized(self, dataset: Dataset) -> Dataset:
        own = dataset.transform
        steps = own.transforms if isinstance(own, Compose) else [] if own is None else [own]
        if not any(isinstance(step, Standardize) for step in steps):
            dataset = copy.copy(dataset)
            dataset.transform = Compose([*steps, self.standardize])
        return dataset

    def train_dataloader(self) -> SkeletonLoader:
        """Batches of an epoch."""
        world_size = self.trainer.world_size if self.trainer else 1
        weights = self.train.window_weights() if hasattr(self.train, "window_weights") else None
        sampler = EpochSampler(
            self.train,
            num_samples=self.steps_per_epoch * self.batch_size * world_size,
            weights=weights,
            seed=self.seed,
        )
        if self.trainer:
            # A resumed run fetches before Lightning says which epoch it is, and counts behind.
            sampler.set_epoch(self.trainer.global_step // self.steps_per_epoch)
        return self._loader(self.train, sampler=sampler, drop_last=True)

    def val_dataloader(self) -> Any:
        """Batches of the held-out clips, in order."""
        return [] if self.val is None else self._loader(self.val)

    def _loader(self, dataset: Dataset, **kwargs: Any) -> SkeletonLoader:
        return SkeletonLoader(
            dataset, self.batch_size, seed=self.seed, num_workers=self.num_workers, **kwargs
        )
