"""A data set with a share of its supervision shuffled."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.data import SkeletonData


class ShuffledSupervision(Dataset):
    r"""Shuffles the labels or the target motions of a share of a data set's clips, as Tables 9 and
    10 of the `"Symbiotic Graph Neural Networks" <https://arxiv.org/abs/1910.02212>`_ paper do to
    see whether one task is robust against noise in the other.

    The chosen clips swap among themselves, always in the same way. All else (the statistics, the
    classes, the skeleton, …) is the data set's own, its transform comes last.

    Args:
        dataset (Dataset): The clips.
        labels (float, optional): The share of labels to shuffle. (default: :obj:`0.0`)
        targets (float, optional): The share of target motions to shuffle. (default: :obj:`0.0`)
        seed (int, optional): The seed. (default: :obj:`0`)

    Raises:
        ValueError: If a share is not between 0 and 1.
    """

    def __init__(
        self, dataset: Dataset, labels: float = 0.0, targets: float = 0.0, seed: int = 0
    ) -> None:
        self.dataset, self.labels, self.targets = dataset, labels, targets
        generator = torch.Generator().manual_seed(seed)
        self._label_of = _shuffled("labels", len(dataset), labels, generator)
        self._target_of = _shuffled("targets", len(dataset), targets, generator)
        super().__init__(transform=dataset.transform)

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return self.dataset.num_classes

    def len(self) -> int:
        """The number of clips."""
        return len(self.dataset)

    def get(self, idx: int) -> SkeletonData:
        """A clip, with the label and the target of perhaps another one."""
        data = self._raw(idx)
        if (other := int(self._label_of[idx])) != idx:
            data.y = self._raw(other).y
        if (other := int(self._target_of[idx])) != idx:
            data.target = self._raw(other).target
        return data

    def _raw(self, idx: int) -> SkeletonData:
        return self.dataset.get(self.dataset.indices()[idx])

    def __getattr__(self, name: str) -> Any:
        if name == "dataset":  # not there yet while a worker process unpickles
            raise AttributeError(name)
        return getattr(self.dataset, name)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.dataset}, labels={self.labels}, targets={self.targets})"
        )


def _shuffled(name: str, length: int, share: float, generator: torch.Generator) -> Tensor:
    if not 0 <= share <= 1:
        raise ValueError(f"{name} must be a share between 0 and 1, got {share}")
    order = torch.arange(length)
    chosen = torch.randperm(length, generator=generator)[: round(share * length)]
    order[chosen] = chosen.roll(1)  # each takes the entry of another
    return order
