"""Scores of clips, and how well they fit the labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch_geometric.data import Dataset
from torchmetrics.functional.classification import binary_average_precision

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
        and the logit of each class. Where clips have several classes, the label is their names
        separated by ``;``; where they have a score, the columns are :obj:`label`, the true one, and
        :obj:`score`, in the same unit.

    Raises:
        ValueError: If the classes of the data are not those that the network was trained with.
    """
    learned, target = (getattr(source, "target", "class") for source in (model, dataset))
    if learned != target:
        raise ValueError(f"the network learned the target {learned!r}, the clips have {target!r}")
    check_classes(getattr(model, "classes", None), dataset.classes, "the network")

    def step(batch: Any) -> tuple[Tensor, Tensor]:
        labels = labels_of(batch) if target == "class" else batch.y
        return logits_of(model(batch)).float(), labels

    logits, labels = infer(model, dataset, batch_size, step)
    names: Any = getattr(dataset, "names", None)
    clips = pd.Index([str(i) for i in range(len(dataset))] if names is None else names, name="clip")
    if target == "score":
        logits = logits * model.score_std + model.score_mean
    table = pd.DataFrame(logits.numpy(), clips, list(dataset.classes))
    if target != "class":
        if not bool(logits.isfinite().all()):
            raise ValueError("these scores: expected finite ones, the network yields others")
        own = labels[:, 0].tolist() if target == "score" else _joined(labels, dataset.classes)
        table.insert(0, "label", own)
        return table
    table.insert(0, "label", labels.numpy())
    return check_scores(table, "these scores")


def labels_of(batch: Any) -> Tensor:
    """The class of each clip of a batch, -1 if it has none."""
    return torch.full((batch.num_graphs,), -1) if batch.y is None else batch.y.view(-1)


def _joined(labels: Tensor, classes: Sequence[str]) -> list[str]:
    """The names of the classes of each clip."""
    return [";".join(str(classes[c]) for c in row.nonzero().flatten().tolist()) for row in labels]


def evaluate_recognition(scores: pd.DataFrame, target: str = "class") -> dict[str, Any]:
    """Measures scores against the labels beside them; clips without a label are left out.

    Args:
        scores (pandas.DataFrame): The table of :func:`recognize` or :func:`fuse_scores`.
        target (str, optional): What the labels are, see :class:`~pyg_skeleton.datasets.ClipTable`.
            (default: :obj:`"class"`)

    Returns:
        A dictionary of plain numbers: :obj:`clips`, the shares :obj:`top1`, :obj:`top5` and
        :obj:`mean class` (the mean of the accuracies of the classes), :obj:`per_class`, and
        :obj:`confusion`, the number of clips by true (row) and predicted class.

        For several classes of each clip: :obj:`clips`, :obj:`map` (the mean of the average
        precisions of the classes), :obj:`exact` (the share of clips of which all classes are
        right), :obj:`f1` (the mean over classes), and :obj:`per_class`, their average precisions;
        classes without a clip are left out.

        For scores: :obj:`clips`, :obj:`error` (the mean absolute error), and :obj:`spearman` (the
        rank correlation; :obj:`None` where all scores are equal).

    Raises:
        ValueError: If no clip has a label.
    """
    if target == "classes":
        return _evaluate_classes(scores)
    if target == "score":
        return _evaluate_scores(scores)
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


def _evaluate_classes(scores: pd.DataFrame) -> dict[str, Any]:
    table = scores.drop(columns="label")
    names = [str(name) for name in table.columns]
    logits = torch.tensor(table.to_numpy(np.float64))
    sets = [set(label.split(";")) for label in scores["label"]]
    truth = torch.tensor([[name in own for name in names] for own in sets])
    found = logits > 0
    there = truth.any(dim=0)
    hits, sizes = (truth & found).sum(dim=0), truth.sum(dim=0) + found.sum(dim=0)
    precision = {
        name: float(binary_average_precision(logits[:, c].sigmoid(), truth[:, c].long()))
        for c, name in enumerate(names)
        if there[c]
    }
    return {
        "clips": len(scores),
        "map": float(np.mean(list(precision.values()))),
        "exact": float((truth == found).all(dim=1).float().mean()),
        "f1": float((2 * hits / sizes)[there].mean()),
        "per_class": precision,
    }


def _evaluate_scores(scores: pd.DataFrame) -> dict[str, Any]:
    true, found = scores["label"], scores["score"]
    differ = true.nunique() > 1 and found.nunique() > 1
    return {
        "clips": len(scores),
        "error": float((true - found).abs().mean()),
        "spearman": float(true.rank().corr(found.rank())) if differ else None,
    }
