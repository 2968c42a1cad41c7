"""Some of the classes of a data set."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from pyg_skeleton.datasets.recognition.clip_dataset import ClipDataset


def select_classes(dataset: ClipDataset, classes: Sequence[str]) -> ClipDataset:
    """The clips of some classes, with labels in the order in which the classes are named.

    Args:
        dataset (ClipDataset): The data set, which stays as it is.
        classes (sequence of str): The names of the classes.

    Raises:
        ValueError: If a class is not there or named twice, or none of them has a clip.
    """
    unknown = [name for name in classes if name not in dataset.classes]
    if unknown:
        raise ValueError(
            f"{dataset!r} has no class {unknown[0]!r}, expected some of "
            f"{', '.join(dataset.classes)}"
        )
    if not classes or len(set(classes)) < len(classes):
        raise ValueError(f"classes must be named, each once, got {list(classes)}")
    new = torch.full((len(dataset.classes),), -1)
    for label, name in enumerate(classes):
        new[dataset.classes.index(name)] = label
    labels = new[dataset.labels[torch.arange(len(dataset)) % dataset.num_clips]]
    rows = (labels >= 0).nonzero().flatten()
    if not len(rows):
        raise ValueError(f"{dataset!r} has no clip of {', '.join(classes)}")
    out = dataset.index_select(rows)
    out.classes, out.labels = list(classes), labels[rows]
    return out
