"""The loader whose batches share the edges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch_geometric.data import Dataset

from pyg_skeleton.data.collate import SkeletonCollater
from pyg_skeleton.data.sampler import EpochSampler, mix
from pyg_skeleton.data.skeleton_data import SkeletonData


class SkeletonLoader(torch.utils.data.DataLoader[Any]):
    r"""A :class:`~torch_geometric.loader.DataLoader` for clips that share a layout.

    Its batches are those of PyG's loader, attribute by attribute. Where the clips hold the edges
    that :func:`to_data` gave them, those of the batch are made once for each number of bodies and
    are the same tensors in all batches: do not write into them. Any other data (different layouts,
    edges of their own, tuples of clips, …) is batched as PyG does. A data set whose
    :meth:`__getitems__` returns whole batches (see :func:`batch_poses`) is not batched again.

    Args:
        dataset (Dataset): The data set, or a list of :class:`SkeletonData`.
        batch_size (int, optional): Number of clips per batch. (default: :obj:`1`)
        shuffle (bool, optional): Whether each epoch has its own random order.
            (default: :obj:`False`)
        follow_batch (list of str, optional): Fields that get a batch vector of their own.
            (default: :obj:`None`)
        exclude_keys (list of str, optional): Fields to leave out. (default: :obj:`None`)
        seed (int, optional): Decides the order of each epoch (see :class:`EpochSampler`) and the
            random numbers that transforms draw in worker processes, independent of the global
            state. Without workers, transforms draw from the global generators, unless the data
            set has a method :obj:`seed_items`, which is then called with a seed for each epoch.
            If :obj:`None`, the loader is as random as PyG's. (default: :obj:`None`)
        **kwargs (optional): Further arguments of :class:`torch.utils.data.DataLoader`.

    Raises:
        ValueError: While iterating, if the clips of a batch differ in their number of frames.

    Example:
        >>> skeleton = Skeleton.get("ntu25")
        >>> clips = [skeleton.to_data(torch.randn(25, 60, 3)) for _ in range(10)]
        >>> batch = next(iter(SkeletonLoader(clips, batch_size=4)))
        >>> batch.x.shape, batch.num_graphs
        (torch.Size([100, 60, 3]), 4)
    """

    def __init__(
        self,
        dataset: Dataset | Sequence[SkeletonData],
        batch_size: int = 1,
        shuffle: bool = False,
        follow_batch: list[str] | None = None,
        exclude_keys: list[str] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("collate_fn", None)  # Lightning passes it on when it rebuilds a loader.
        self.follow_batch = follow_batch
        self.exclude_keys = exclude_keys
        self.seed = seed
        self._epoch = 0
        self._seeded = seed is not None and kwargs.get("generator") is None
        if seed is not None and self._seeded:
            kwargs["generator"] = torch.Generator()
            if shuffle and kwargs.get("sampler") is None and kwargs.get("batch_sampler") is None:
                kwargs["sampler"], shuffle = EpochSampler(dataset, seed=seed), False
        super().__init__(
            dataset,  # type: ignore[arg-type]
            batch_size,
            shuffle,
            collate_fn=SkeletonCollater(dataset, follow_batch, exclude_keys),
            **kwargs,
        )

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        if self.seed is not None and self._seeded:
            epoch = getattr(self.sampler, "epoch", self._epoch)
            self.generator.manual_seed(mix(self.seed, epoch))
            self._epoch = epoch + 1
            if hasattr(self.dataset, "seed_items"):
                self.dataset.seed_items(mix(self.seed, epoch))
        iterable = isinstance(self.dataset, torch.utils.data.IterableDataset)
        if self.num_workers > 0 or self.pin_memory or iterable or self.batch_sampler is None:
            return super().__iter__()
        # PyTorch draws a seed for its workers even where there are none.
        torch.empty((), dtype=torch.long).random_(generator=self.generator)
        return self._batches()

    def _batches(self) -> Iterator[Any]:
        """The batches of PyTorch's iterator without workers, without its overhead for each."""
        dataset: Any = self.dataset
        batches: Any = self.batch_sampler
        get_all = getattr(dataset, "__getitems__", None)
        for ids in batches:
            yield self.collate_fn(get_all(ids) if get_all else [dataset[i] for i in ids])
