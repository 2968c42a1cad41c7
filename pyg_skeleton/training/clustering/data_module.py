"""Clips of two domains, side by side."""

from collections.abc import Iterator
from typing import Any

from lightning import LightningDataModule
from torch_geometric.data import Dataset

from pyg_skeleton.data import EpochSampler, SkeletonLoader


class CoDTDataModule(LightningDataModule):
    r"""Serves pairs of batches, of the source and of the target.

    An epoch is a pass over the target in random order, without the clips that are too few for a
    batch; the source goes round as often as it takes. What an epoch holds depends on the seed and
    its number alone.

    Args:
        source (Dataset): Labeled clips.
        target (Dataset): Unlabeled clips; :obj:`sample` numbers them.
        val (Dataset, optional): Held-out clips of the target. (default: :obj:`None`)
        batch_size (int, optional): Clips per batch. (default: :obj:`128`)
        seed (int, optional): The seed. (default: :obj:`0`)
        num_workers (int, optional): Processes that prepare clips. (default: :obj:`0`)

    Raises:
        ValueError: If a domain has fewer clips than a batch.
    """

    def __init__(
        self,
        source: Dataset,
        target: Dataset,
        val: Dataset | None = None,
        batch_size: int = 128,
        seed: int = 0,
        num_workers: int = 0,
    ) -> None:
        super().__init__()
        for name, clips in (("source", source), ("target", target)):
            if not 1 <= batch_size <= len(clips):
                raise ValueError(
                    f"expected batch_size from 1 to {len(clips)}, the number of clips of the "
                    f"{name}, got {batch_size}"
                )
        self.source, self.target, self.val = source, target, val
        self.batch_size, self.seed, self.num_workers = batch_size, seed, num_workers

    @property
    def steps_per_epoch(self) -> int:
        """The number of steps of an epoch."""
        return len(self.target) // self.batch_size

    def train_dataloader(self) -> "PairedLoader":
        """Pairs of batches of an epoch."""
        # A resumed run fetches before Lightning says which epoch it is.
        epoch = self.trainer.global_step // self.steps_per_epoch if self.trainer else 0
        source, target = (
            self._loader(clips, sampler=EpochSampler(clips, seed=self.seed), drop_last=True)
            for clips in (self.source, self.target)
        )
        return PairedLoader(source, target, epoch)

    def target_dataloader(self) -> SkeletonLoader:
        """All clips of the target to learn from, in an order in which classes are mixed: teachers
        normalize by batches.
        """
        return self._loader(self.target, sampler=EpochSampler(self.target, seed=self.seed))

    def val_dataloader(self) -> Any:
        """Batches of the held-out clips, in order."""
        return [] if self.val is None else self._loader(self.val)

    def _loader(self, dataset: Dataset, **kwargs: Any) -> SkeletonLoader:
        return SkeletonLoader(
            dataset, self.batch_size, seed=self.seed, num_workers=self.num_workers, **kwargs
        )


class PairedLoader:
    """Batches of a source and a target, as many as the target has.

    Args:
        source (SkeletonLoader): Begins again where it ends, with another order.
        target (SkeletonLoader): Decides how many batches there are.
        epoch (int, optional): The number of the next epoch. (default: :obj:`0`)
    """

    def __init__(self, source: SkeletonLoader, target: SkeletonLoader, epoch: int = 0) -> None:
        self.source, self.target, self.epoch = source, target, epoch

    def __len__(self) -> int:
        return len(self.target)

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        epoch, self.epoch = self.epoch, self.epoch + 1
        rounds = -(-len(self.target) // len(self.source))
        self.target.sampler.set_epoch(epoch)  # type: ignore[attr-defined]
        self.source.sampler.set_epoch(epoch * rounds)  # type: ignore[attr-defined]
        return zip(self._sources(rounds), self.target, strict=False)

    def _sources(self, rounds: int) -> Iterator[Any]:
        for _ in range(rounds):
            yield from self.source
