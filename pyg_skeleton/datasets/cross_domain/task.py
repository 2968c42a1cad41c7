"""A cross-domain task with source, target and test clips."""

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
    unlabeled clips of another domain with different classes.

    The clips are preprocessed and keep their own layouts. They are preprocessed by the transforms
    of the data sets, or in advance if all of them fit into memory.

    Args:
        name (str): The name of the task.
        source (ClipDataset): The labeled training clips.
        target_train (ClipDataset): The training clips to cluster; their labels are not used.
        target_test (ClipDataset): The test clips, whose labels evaluate the clusters.
        shared (Skeleton): The joints that the layouts of source and target share.
        num_clusters (int): The number of clusters.

    Raises:
        ValueError: If the training and test clips of the target have different classes.
    """

    name: str
    source: ClipDataset
    target_train: ClipDataset
    target_test: ClipDataset
    shared: Skeleton
    num_clusters: int

    def __post_init__(self) -> None:
        for clips in (self.source, self.target_train, self.target_test):
            clips.check_one_class("clustering")
        train, test = self.target_train.classes, self.target_test.classes
        if train != test:
            raise ValueError(
                f"the clips to cluster and the test clips of {self.name!r} have different classes: "
                f"{', '.join(train[:5])} ... and {', '.join(test[:5])} ..."
            )

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.name!r}, source={len(self.source)}, "
            f"target={len(self.target_train)}/{len(self.target_test)}, "
            f"shared={self.shared.num_joints}, clusters={self.num_clusters})"
        )


def check_disjoint(source: Sequence[str], target: Sequence[str]) -> None:
    """Raises an error if source and target share a class."""
    both = [name for name in target if name in source]
    if both:
        raise ValueError(f"source and target have classes in common: {', '.join(both)}")
