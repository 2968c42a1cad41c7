"""Scores of clips, and how well they fit the labels."""

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.training.checks import check_classes
from pyg_skeleton.training.infer import infer, logits_of
from pyg_skeleton.training.recognition.scores import check_scores


def recognize(model: torch.nn.Module, dataset: Dataset, batch_size: int = 64) -> pd.DataFrame:
    r"""Runs a network over the clips of a data set, in evaluation mode.

    Args:
        model (torch.nn.Module): The network.
        dataset (Dataset): The clips, with :obj:`classes`, and :obj:`names` where they have names.
        batch_size (int, optional): Clips at a time. (default: :obj:`64`)

    Returns:
        A row for each clip, by its name: :obj:`label`, the number of its class (-1 if it has none),
        and the logit of each class.

    Raises:
        ValueError: If the classes of the data are not those that the network was trained with.
    """
    check_classes(getattr(model, "classes", None), dataset.classes, "the network")

    def step(batch: Any) -> tuple[Tensor, Tensor]:
        return logits_of(model(batch)).float(), labels_of(batch)

    logits, labels = infer(model, dataset, batch_size, step)
    names: Any = getattr(dataset, "names", None)
    clips = pd.Index([str(i) for i in range(len(dataset))] if names is None else names, name="clip")
    table = pd.DataFrame(logits.numpy(), clips, list(dataset.classes))
    table.insert(0, "label", labels.numpy())
    return check_scores(table, "these scores")


def labels_of(batch: Any) -> Tensor:
    """The class of each clip of a batch, -1 if it has none."""
    return torch.full((batch.num_graphs,), -1) if batch.y is None else batch.y.view(-1)


def evaluate_recognition(scores: pd.DataFrame) -> dict[str, Any]:
    """Measures scores against the labels beside them; clips without a label are left out.

    Args:
        scores (pandas.DataFrame): The table of :func:`recognize` or :func:`fuse_scores`.

    Returns:
        A dictionary of plain numbers: :obj:`clips`, the shares :obj:`top1`, :obj:`top5` and
        :obj:`mean class` (the mean of the accuracies of the classes), :obj:`per_class`, and
        :obj:`confusion`, the number of clips by true (row) and predicted class.

    Raises:
        ValueError: If no clip has a label.
    """
    scores = scores[scores["label"] >= 0]
    if scores.empty:
        raise ValueError("expected clips with labels, got none")
    label = scores["label"].to_numpy()
    table = scores.drop(columns="label")
    logits, classes = table.to_numpy(), [str(name) for name in table.columns]
    order = np.argsort(-logits, axis=1, kind="stable")
    hits = order[:, :5] == label[:, None]
    confusion = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(confusion, (label, order[:, 0]), 1)
    per_class = {
        name: float(confusion[i, i] / confusion[i].sum())
        for i, name in enumerate(classes)
        if confusion[i].any()
    }
    return {
        "clips": len(label),
        "top1": float(hits[:, 0].mean()),
        "top5": float(hits.any(axis=1).mean()),
        "mean class": float(np.mean(list(per_class.values()))),
        "per_class": per_class,
        "confusion": confusion.tolist(),
    }
