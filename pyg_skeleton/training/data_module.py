"""Batches for training and validation."""

from collections.abc import Iterator
from typing import Any

from lightning import LightningDataModule
from torch_geometric.data import Dataset

from pyg_skeleton.data import EpochSampler, SkeletonLoader
from pyg_skeleton.training.checks import check_classes
from pyg_skeleton.training.lifting.pose_loader import PoseLoader, holds_poses

Loader = SkeletonLoader | PoseLoader


class SkeletonDataModule(LightningDataModule):
    r"""Serves batches of skeletons. What an epoch holds depends on the seed and its number alone.

    By default, an epoch is a pass over the data set in random order, without the samples that are
    too few for a batch. A data set with a method :obj:`window_weights` is sampled by these weights,
    with replacement. The data sets do their own preprocessing.

    Args:
        train (Dataset): The samples to learn from.
        val (Dataset, optional): Held-out samples. (default: :obj:`None`)
        batch_size (int, optional): Samples per step and process. (default: :obj:`64`)
        steps_per_epoch (int, optional): Steps between two checkpoints. (default: a pass over the
            data set)
        seed (int, optional): The seed. (default: :obj:`0`)
        num_workers (int, optional): Processes that prepare samples. (default: :obj:`0`)
        source (Dataset, optional): A second data set. Batches are then pairs, of it and of
            :obj:`train`; it starts again when it ends. (default: :obj:`None`)

    Raises:
        ValueError: If a data set has fewer samples than a batch, or the held-out samples have other
            classes.
    """

    def __init__(
        self,
        train: Dataset,
        val: Dataset | None = None,
        batch_size: int = 64,
        steps_per_epoch: int | None = None,
        seed: int = 0,
        num_workers: int = 0,
        source: Dataset | None = None,
    ) -> None:
        super().__init__()
        if steps_per_epoch is not None and steps_per_epoch < 1:
            raise ValueError(f"expected steps_per_epoch >= 1, got {steps_per_epoch}")
        if val is not None:
            known, found = (getattr(dataset, "classes", None) for dataset in (train, val))
            check_classes(known, found, "the training data")
        passes = {"train": train if steps_per_epoch is None else None, "source": source}
        for name, dataset in passes.items():
            if dataset is not None and not 1 <= batch_size <= len(dataset):
                raise ValueError(
                    f"expected batch_size from 1 to {len(dataset)}, the number of samples of the "
                    f"{name} set, got {batch_size}"
                )
        self.train, self.val, self.source = train, val, source
        self.batch_size, self.seed, self.num_workers = batch_size, seed, num_workers
        self._steps_per_epoch = steps_per_epoch

    def steps_per_epoch(self, num_processes: int = 1) -> int:
        """The number of steps of an epoch.

        Args:
            num_processes (int, optional): The number of processes that train together.
                (default: :obj:`1`)
        """
        return self._steps_per_epoch or len(self.train) // num_processes // self.batch_size

    def train_dataloader(self) -> "Loader | PairedLoader":
        """The batches of an epoch."""
        num_processes = self.trainer.world_size if self.trainer else 1
        steps = self.steps_per_epoch(num_processes)
        sampler = EpochSampler(
            self.train,
            num_samples=steps * self.batch_size * num_processes,
            weights=self.train.window_weights() if hasattr(self.train, "window_weights") else None,
            seed=self.seed,
        )
        # A resumed run fetches its first batches before Lightning sets the epoch.
        epoch = self.trainer.global_step // steps if self.trainer else 0
        sampler.set_epoch(epoch)
        loader = self._loader(self.train, sampler=sampler, drop_last=True)
        if self.source is None:
            return loader
        order = EpochSampler(self.source, seed=self.seed)
        return PairedLoader(self._loader(self.source, sampler=order, drop_last=True), loader, epoch)

    def whole_dataloader(self) -> Loader:
        """All samples of the training set in a fixed random order."""
        return self._loader(self.train, sampler=EpochSampler(self.train, seed=self.seed))

    def val_dataloader(self) -> "Loader | list[Any]":
        """The held-out samples, in order."""
        return [] if self.val is None else self._loader(self.val)

    def _loader(self, dataset: Dataset, **kwargs: Any) -> Loader:
        if holds_poses(dataset):
            return PoseLoader(dataset, self.batch_size, **kwargs)
        return SkeletonLoader(
            dataset, self.batch_size, seed=self.seed, num_workers=self.num_workers, **kwargs
        )


class PairedLoader:
    """Pairs of batches of a source and a target, as many as the target has.

    Args:
        source (SkeletonLoader): Starts again where it ends, in another order.
        target (SkeletonLoader): Decides the number of batches.
        epoch (int, optional): The number of the next epoch. (default: :obj:`0`)
    """

    def __init__(self, source: Loader, target: Loader, epoch: int = 0) -> None:
        self.source, self.target, self.epoch = source, target, epoch

    def __len__(self) -> int:
        return len(self.target)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        rounds = -(-len(self.target) // len(self.source))
        self.target.sampler.set_epoch(epoch)  # type: ignore[union-attr]
        self.source.sampler.set_epoch(epoch * rounds)  # type: ignore[union-attr]
        return zip(self._sources(rounds), self.target, strict=False)

    def _sources(self, rounds: int) -> Iterator[Any]:
        for _ in range(rounds):
            yield from self.source
