"""Recognition of actions in numbers."""

from typing import Any

import numpy as np
import pandas as pd


def evaluate_recognition(scores: pd.DataFrame) -> dict[str, Any]:
    """Measures scores against the labels that stand beside them; clips without a label are left
    out.

    Args:
        scores (pandas.DataFrame): What :func:`recognize` or :func:`fuse_scores` returned.

    Returns:
        A dictionary of plain numbers: :obj:`clips`, the shares :obj:`top1`, :obj:`top5` and
        :obj:`mean class` (the mean of the accuracies of the classes), :obj:`per_class`, and
        :obj:`confusion`, the number of clips by true (row) and predicted class.

    Raises:
        ValueError: If no clip has a label.
    """
    scores = scores[scores["label"] >= 0]
    if scores.empty:
        raise ValueError("no clip has a label; there is nothing to measure")
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
