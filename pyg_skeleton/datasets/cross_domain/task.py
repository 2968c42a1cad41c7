"""The clips of a cross-domain task: source, target, and test."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset
from pyg_skeleton.skeleton import Skeleton

Root = str | os.PathLike[str]


@dataclass(frozen=True)
class CrossDomainTask:
    r"""A task of cross-domain action recognition, from the `"Collaborating Domain-shared and
    Target-specific Feature Clustering for Cross-domain 3D Action Recognition"
    <https://arxiv.org/abs/2207.09767>`_ paper: labeled clips of one domain help to cluster the
    unlabeled clips of another one, whose classes are others.

    The clips are prepared, each in its own layout: by the transforms of the data sets, or already
    where all of them fit into memory.

    Args:
        name (str): The name of the task.
        source (ClipDataset): The labeled clips to train with.
        target_train (ClipDataset): The clips to cluster, without use of their labels.
        target_test (ClipDataset): The clips with whose labels clusters are compared.
        shared (Skeleton): The joints that the layouts of source and target share.
        num_clusters (int): The number of clusters.
    """

    name: str
    source: ClipDataset
    target_train: ClipDataset
    target_test: ClipDataset
    shared: Skeleton
    num_clusters: int

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.name!r}, source={len(self.source)}, "
            f"target={len(self.target_train)}/{len(self.target_test)}, "
            f"shared={self.shared.num_joints}, clusters={self.num_clusters})"
        )


def check_disjoint(source: Sequence[str], target: Sequence[str]) -> None:
    """Refuses classes that both sides have: the target's are to be new."""
    both = [name for name in target if name in source]
    if both:
        raise ValueError(f"source and target have classes in common: {', '.join(both)}")
