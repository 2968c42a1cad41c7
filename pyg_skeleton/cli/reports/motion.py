"""Recognized and predicted motion as text and pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.cli.reports.pictures import Pictures, curves
from pyg_skeleton.datasets import ExpMapDataset, exp_map_to_positions
from pyg_skeleton.training import Forecast


def text(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Accuracies and prediction errors of several methods as one table.

    Args:
        results (dict): By method, what :func:`~pyg_skeleton.training.evaluate_motion` returned.
    """
    lines: list[str] = []
    for name, result in results.items():
        if "recognition" in result:
            top1, top5 = result["recognition"]["top1"], result["recognition"]["top5"]
            lines.append(f"{name}: top-1 {top1:.1%}, top-5 {top5:.1%} of {result['clips']} clips")
    for name, result in results.items():
        if "prediction" not in result:
            continue
        rows = result["prediction"]["per_action"]
        horizons = list(next(iter(rows.values())))
        lines += [""] if lines else []
        lines.append(f"{name}: {result['prediction']['metric']}")
        lines.append(f"{'ms':>20} " + " ".join(f"{ms:>7}" for ms in horizons))
        for action, row in rows.items():
            lines.append(f"{action:>20} " + " ".join(f"{row[ms]:7.3f}" for ms in horizons))
        for action in result["prediction"].get("missing_actions", []):
            lines.append(f"{action:>20} (no test recording)")
    return "\n".join(lines)


def pictures(result: Forecast, dataset: Dataset, run: Path, name: str = "Sym-GNN") -> Pictures:
    """Actional edges (Figure 11 of the Sym-GNN paper), their t-SNE (12), predicted poses (13) as a
    strip and an animation, the confusion of the classes and the curves of the training.

    Args:
        result (Forecast): The output of the network for the test clips.
        dataset (Dataset): The test clips.
        run (Path): The folder of the run.
        name (str, optional): The name of the network. (default: :obj:`"Sym-GNN"`)
    """
    from pyg_skeleton import visualization as viz

    skeleton, classes = dataset.skeleton, dataset.classes
    moving = result.target if result.target.size(1) > 1 else result.observed
    clip = int(moving.std(1).sum((1, 2)).argmax())  # the liveliest
    label = int(result.body_label[clip])
    action = classes[label] if label >= 0 else f"clip {clip}"

    def positions(motion: Tensor) -> Tensor:  # [T, V, 3] of either kind
        if not isinstance(dataset, ExpMapDataset):
            return motion
        return exp_map_to_positions(motion.transpose(0, 1), skeleton).transpose(0, 1)

    out = dict(curves(run))
    past = positions(result.observed[clip])
    if result.actional is not None:
        graphs, labels = result.actional, result.body_label
        title = f"15 strongest actional edges: {action}"
        out["actional_edges.png"] = lambda path: viz.plot_actional_edges(
            past[-1], skeleton, graphs[clip], up="y", title=title
        )
        if len(result.clip) >= 10:
            out["actional_tsne.png"] = lambda path: viz.plot_graph_tsne(graphs, labels, classes)
    if result.prediction is not None and result.prediction.size(1) > 1:
        truth, guess = positions(result.target[clip]), positions(result.prediction[clip])
        out["strip.png"] = lambda path: viz.plot_prediction_strip(
            truth, guess, skeleton, up="y", title=f"{action}: predicted motion"
        )
        out["prediction.gif"] = lambda path: viz.animate(
            {"truth": torch.cat([past, truth]), name: torch.cat([past, guess])},
            skeleton,
            path,
            up="y",
            title=action,
            num_observed=past.size(0),
        )
    if result.logits is not None and bool((result.label >= 0).all()):
        cells = result.label * len(classes) + result.logits.argmax(1)
        matrix = torch.bincount(cells, minlength=len(classes) ** 2).view(len(classes), -1)
        out["confusion.png"] = lambda path: viz.plot_confusion(matrix, classes)
    return out
