"""Recognized and predicted motion as text and pictures."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.cli.reports.page import Players
from pyg_skeleton.cli.reports.pictures import Pictures
from pyg_skeleton.data import Clip
from pyg_skeleton.datasets import ExpMapDataset, exp_map_to_positions
from pyg_skeleton.training import Forecast
from pyg_skeleton.visualization import Player, view


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


def pictures(result: Forecast, dataset: Dataset, name: str = "Sym-GNN") -> Pictures:
    """Actional edges (Figure 11 of the Sym-GNN paper), their t-SNE (12), predicted poses (13) as a
    strip and an animation, and the confusion of the classes.

    Args:
        result (Forecast): The output of the network for the test clips.
        dataset (Dataset): The test clips.
        name (str, optional): The name of the network. (default: :obj:`"Sym-GNN"`)
    """
    from pyg_skeleton import visualization as viz

    skeleton, classes = dataset.skeleton, dataset.classes
    moving = result.target if result.target.size(1) > 1 else result.observed
    clip = int(moving.std(1).sum((1, 2)).argmax())  # the liveliest
    label = int(result.body_label[clip])
    action = classes[label] if label >= 0 else f"clip {clip}"

    out: dict[str, Any] = {}
    past = _positions(result.observed[clip], dataset)
    if result.actional is not None:
        graphs, labels = result.actional, result.body_label
        title = f"15 strongest actional edges: {action}"
        out["actional_edges.png"] = lambda path: viz.plot_actional_edges(
            past[-1], skeleton, graphs[clip], up="y", title=title
        )
        if len(result.clip) >= 10:
            out["actional_tsne.png"] = lambda path: viz.plot_graph_tsne(graphs, labels, classes)
    if result.prediction is not None and result.prediction.size(1) > 1:
        truth, guess = (
            _positions(motion[clip], dataset) for motion in (result.target, result.prediction)
        )
        out["strip.png"] = lambda path: viz.plot_prediction_strip(
            truth, guess, skeleton, up="y", title=f"{action}: predicted motion", unit="m"
        )
        out["prediction.gif"] = lambda path: viz.animate(
            {"truth": torch.cat([past, truth]), name: torch.cat([past, guess])},
            skeleton,
            path,
            up="y",
            title=action,
            unit="m",
            num_observed=past.size(0),
        )
    if result.logits is not None and bool((result.label >= 0).all()):
        cells = result.label * len(classes) + result.logits.argmax(1)
        matrix = torch.bincount(cells, minlength=len(classes) ** 2).view(len(classes), -1)
        out["confusion.png"] = lambda path: viz.plot_confusion(matrix, classes)
    return out


def players(result: Forecast, dataset: Dataset, name: str = "Sym-GNN", count: int = 4) -> Players:
    """The clips with the largest errors of the predicted poses, and their actional graphs; without
    predictions, the liveliest clip.

    Args:
        result (Forecast): The output of the network for the test clips.
        dataset (Dataset): The test clips.
        name (str, optional): The name of the network. (default: :obj:`"Sym-GNN"`)
        count (int, optional): The number of clips. (default: :obj:`4`)
    """
    past, prediction = result.observed, result.prediction
    if prediction is not None and prediction.size(1) > 1:
        error = (prediction - result.target).norm(dim=-1).mean(dim=(1, 2))
    else:
        error, prediction, count = past.std(1).sum((1, 2)), None, 1
    shown = error.argsort(descending=True, stable=True)[:count].tolist()

    def clip(motion: Tensor) -> Clip:
        joints = _positions(motion, dataset)[None]
        return Clip(joints, dataset.skeleton, dataset.fps, unit="m", up="y")

    def player(i: int) -> Player:
        graphs = {} if result.actional is None else {"actional graph": result.actional[i]}
        if prediction is None:
            return view(clip(past[i]), edges=graphs)
        truth = clip(torch.cat([past[i], result.target[i]]))
        guess = clip(torch.cat([past[i], prediction[i]]))
        guess.joints[:, : len(past[i])] = torch.nan
        spans = [(0, len(past[i]), "observed"), (len(past[i]), len(truth), "future")]
        return view({"truth": truth, name: guess}, edges=graphs, graph="", spans=spans)

    def title(i: int) -> str:
        label = int(result.body_label[i])
        action = "" if label < 0 else f", {dataset.classes[label]}"
        return f"clip {int(result.clip[i])}{action}"

    titles = [f"{rank}. {title(i)}" for rank, i in enumerate(shown, start=1)]
    return {text: partial(player, i) for text, i in zip(titles, shown, strict=True)}


def _positions(motion: Tensor, dataset: Dataset) -> Tensor:
    """Positions ``[T, V, 3]`` of a motion of either kind."""
    if not isinstance(dataset, ExpMapDataset):
        return motion
    return exp_map_to_positions(motion.transpose(0, 1), dataset.skeleton).transpose(0, 1)
