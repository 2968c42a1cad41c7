"""Batches for training and validation."""

from collections.abc import Iterator
from typing import Any

import torch
from lightning import LightningDataModule
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.data import EpochSampler, SkeletonLoader
from pyg_skeleton.nn.processes import gather
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
        batch_size (int, optional): Samples per batch and process. (default: :obj:`64`)
        steps_per_epoch (int, optional): Steps between two checkpoints. (default: a pass over the
            data set)
        seed (int, optional): The seed. (default: :obj:`0`)
        num_workers (int, optional): Processes that prepare samples. (default: :obj:`0`)
        source (Dataset, optional): A second data set. Batches are then pairs, of it and of
            :obj:`train`; it starts again when it ends. (default: :obj:`None`)
        weights (torch.Tensor, optional): The probability of each training sample, up to a factor;
            samples are then drawn with replacement. (default: those of :meth:`window_weights`)
        accumulate (int, optional): The batches of a step. (default: :obj:`1`)
        block (int, optional): The number of neighbors that are read together, see
            :class:`~pyg_skeleton.data.EpochSampler`. (default: :obj:`None`)

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
        weights: Tensor | None = None,
        accumulate: int = 1,
        block: int | None = None,
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
        if steps_per_epoch is None and batch_size * accumulate > len(train):
            raise ValueError(
                f"expected at most {len(train)} samples in a step, those of the train set, got "
                f"{accumulate} batches of {batch_size}"
            )
        self.train, self.val, self.source = train, val, source
        if weights is None and hasattr(train, "window_weights"):
            weights = train.window_weights()
        self.weights = weights
        self.batch_size, self.seed, self.num_workers = batch_size, seed, num_workers
        self.accumulate, self.block = accumulate, block
        self._steps_per_epoch = steps_per_epoch
        self._start: dict[str, Any] = {}

    def steps_per_epoch(self, num_processes: int = 1) -> int:
        """The number of steps of an epoch.

        Args:
            num_processes (int, optional): The number of processes that train together.
                (default: :obj:`1`)
        """
        samples = num_processes * self.batch_size * self.accumulate
        return self._steps_per_epoch or len(self.train) // samples

    def train_dataloader(self) -> "Loader | PairedLoader | ResumedLoader":
        """The batches of an epoch."""
        steps = self.steps_per_epoch(self._num_processes)
        sampler = EpochSampler(
            self.train,
            num_samples=steps * self.accumulate * self.batch_size * self._num_processes,
            weights=self.weights,
            seed=self.seed,
            block=self.block,
        )
        # A resumed run fetches its first batches before Lightning sets the epoch.
        epoch = self.trainer.global_step // steps if self.trainer else 0
        sampler.set_epoch(epoch)
        loader: Any = self._loader(self.train, sampler=sampler, drop_last=True)
        if self.source is not None:
            order = EpochSampler(self.source, seed=self.seed)
            source = self._loader(self.source, sampler=order, drop_last=True)
            loader = PairedLoader(source, loader, epoch)
        start, self._start = self._start, {}
        return ResumedLoader(loader, **start) if start.get("batches") else loader

    def state_dict(self) -> dict[str, Any]:
        """The number of processes and, within an epoch, its next batch and the random states."""
        if self.trainer is None:
            return {}
        state: dict[str, Any] = {"processes": self.trainer.world_size}
        loop = self.trainer.fit_loop
        epoch: Any = loop.epoch_progress.current
        if epoch.processed < epoch.started:
            state["batches"] = loop.epoch_loop.batch_progress.current.ready
            state["random"] = _random_states(self.trainer.strategy.root_device)
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Prepares to continue.

        Raises:
            ValueError: If the state is of another number of processes.
        """
        if self._num_processes != state["processes"]:
            raise ValueError(
                f"the checkpoint is of a training in {state['processes']} processes, got "
                f"{self._num_processes}"
            )
        if "batches" in state:
            # Cloned, because torch.set_rng_state crashes on views into the middle of a tensor.
            random = {name: x[self._rank].clone() for name, x in state["random"].items()}
            self._start = {"batches": state["batches"], "random": random}

    def whole_dataloader(self) -> Loader:
        """All samples of the training set in a fixed random order. Several processes have equally
        many of them, which can repeat the first ones of the next epoch.
        """
        total = -(-len(self.train) // self._num_processes) * self._num_processes
        sampler = EpochSampler(self.train, num_samples=total, seed=self.seed)
        return self._loader(self.train, sampler=sampler)

    def val_dataloader(self) -> "Loader | list[Any]":
        """The held-out samples, in order. Several processes share them."""
        if self.val is None:
            return []
        if self._num_processes == 1 or len(self.val) < self._num_processes:
            return self._loader(self.val)
        own = range(self._rank, len(self.val), self._num_processes)
        return self._loader(self.val, sampler=own)

    def test_dataloader(self) -> "Loader | list[Any]":
        """The held-out samples, in order."""
        return self.val_dataloader()

    def predict_dataloader(self) -> "Loader | list[Any]":
        """The held-out samples, in order."""
        return self.val_dataloader()

    @property
    def _rank(self) -> int:
        return self.trainer.global_rank if self.trainer else 0

    @property
    def _num_processes(self) -> int:
        return self.trainer.world_size if self.trainer else 1

    def _loader(self, dataset: Dataset, **kwargs: Any) -> Loader:
        if holds_poses(dataset):
            return PoseLoader(dataset, batch_size=self.batch_size, **kwargs)
        # By name, because Lightning makes the loaders of predictions anew with another batch_size.
        options = {"batch_size": self.batch_size, "num_workers": self.num_workers, **kwargs}
        return SkeletonLoader(dataset, seed=self.seed, **options)


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


class ResumedLoader:
    """A loader whose first pass continues one that was broken off.

    The batches before are made once more and thrown away, so that everything that is random in
    samples goes on as it would have.

    Args:
        loader (SkeletonLoader): The loader.
        batches (int): The number of batches before.
        random (dict): The random states after them.
    """

    def __init__(self, loader: Any, batches: int, random: dict[str, Tensor]) -> None:
        self.loader, self.batches, self.random = loader, batches, random

    def __len__(self) -> int:
        return len(self.loader)

    def __getattr__(self, name: str) -> Any:
        if name == "loader":
            raise AttributeError(name)
        return getattr(self.loader, name)

    def __iter__(self) -> Iterator[Any]:
        # Lightning asks for an iterator that it does not use before those that it uses.
        return self._rest(iter(self.loader))

    def _rest(self, batches: Iterator[Any]) -> Iterator[Any]:
        done, self.batches = self.batches, 0
        for _ in range(done):
            next(batches)
        if done:
            torch.set_rng_state(self.random["cpu"])
            if "cuda" in self.random:
                torch.cuda.set_rng_state(self.random["cuda"])
        yield from batches


def _random_states(device: torch.device) -> dict[str, Tensor]:
    """The states of the random generators of all processes, by the order of ranks."""
    states = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return {name: gather(x.to(device).unsqueeze(0)).cpu() for name, x in states.items()}
