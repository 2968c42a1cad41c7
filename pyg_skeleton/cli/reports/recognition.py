"""Recognition of actions as text and pictures."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
import torch

from pyg_skeleton.cli.reports.page import Players
from pyg_skeleton.cli.reports.pictures import Pictures
from pyg_skeleton.cli.reports.players import clip_of
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.nn.models import SkeletonGCL
from pyg_skeleton.training import collect_graphs
from pyg_skeleton.visualization import Player, view

#: The shares among the results, and their names.
_RATES = (
    ("top-1", "top1"),
    ("top-5", "top5"),
    ("mean class", "mean class"),
    ("mean average precision", "map"),
    ("all classes right", "exact"),
    ("F1", "f1"),
)


def text(results: Mapping[str, Mapping[str, Any]]) -> str:
    """A line with the accuracies or errors of each network, and its hardest classes below.

    Args:
        results (dict): By name, what :func:`~pyg_skeleton.training.evaluate_recognition` returned.
    """
    lines = []
    for name, result in results.items():
        if "error" in result:
            rank = result["spearman"]
            rho = "not defined" if rank is None else f"{rank:.3f}"
            error = f"mean absolute error {result['error']:.4g}, rank correlation {rho}"
            lines.append(f"{name}: {error} of {result['clips']} clips")
            continue
        rates = ", ".join(
            f"{label} {100 * result[key]:.2f} %" for label, key in _RATES if key in result
        )
        lines.append(f"{name}: {rates} of {result['clips']} clips")
        hardest = sorted(result["per_class"].items(), key=lambda item: float(item[1]))[:5]
        classes = ", ".join(f"{action} {100 * rate:.1f} %" for action, rate in hardest)
        lines.append(f"  hardest: {classes}")
    return "\n".join(lines)


def class_text(rates: Mapping[str, Mapping[str, float]], count: int = 10) -> str:
    """The accuracies of the classes that are hardest for the first network, and of those in which
    the last one gains most.

    Args:
        rates (dict): By the name of a network, the accuracy of each class.
        count (int, optional): The number of classes. (default: :obj:`10`)
    """
    table = 100 * pd.DataFrame(rates)
    first, last = table.columns[0], table.columns[-1]
    gain = table[last] - table[first]
    chosen = {
        f"hardest classes of {first}": table[first].sort_values(kind="stable").index,
        f"largest gains of {last}": gain.sort_values(ascending=False, kind="stable").index,
    }
    parts = (
        f"{title}, %:\n{table.loc[rows[:count]].to_string(float_format='{:.1f}'.format)}"
        for title, rows in chosen.items()
    )
    return "\n\n".join(parts)


def pictures(result: Mapping[str, Any], classes: Sequence[str]) -> Pictures:
    """The confusion of the classes, where clips have one.

    Args:
        result (dict): What :func:`~pyg_skeleton.training.evaluate_recognition` returned.
        classes (sequence of str): The names of the classes.
    """
    from pyg_skeleton import visualization as viz

    if "confusion" not in result:
        return {}
    return {"confusion.png": lambda path: viz.plot_confusion(result["confusion"], classes)}


def players(scores: pd.DataFrame, clips: ClipDataset, model: Any = None, count: int = 6) -> Players:
    """The clips whose class is the least likely for the network, with the graphs that it learns for
    them, if it does. None where clips have several classes or a score.

    Args:
        scores (pandas.DataFrame): What :func:`~pyg_skeleton.training.recognize` returned.
        clips (ClipDataset): The test clips.
        model (RecognitionModel, optional): The network. (default: :obj:`None`)
        count (int, optional): The number of clips. (default: :obj:`6`)
    """
    if clips.target != "class":
        return {}
    labels = torch.tensor(scores["label"].to_numpy())
    probability = torch.tensor(scores.drop(columns="label").to_numpy()).softmax(dim=1)
    right = probability.gather(1, labels.clamp(min=0)[:, None])[:, 0]
    right[labels < 0] = 1.0
    shown = right.argsort(stable=True)[: min(count, int((labels >= 0).sum()))].tolist()
    best = probability.argmax(dim=1).tolist()
    network = model.model if isinstance(model, SkeletonGCL) else model
    learns = bool(shown) and bool(getattr(network, "graph_layers", list)())
    graphs = collect_graphs(model, clips[shown]).graph if learns else ()

    def player(i: int) -> Player:
        edges = {"learned graph": graphs[shown.index(i)]} if learns else {}
        return view(clip_of(clips, i), edges=edges, graph="")

    def title(i: int) -> str:
        truth, guess = clips.classes[int(labels[i])], clips.classes[best[i]]
        name = f"{clips.names[i]}: {truth} ({right[i]:.0%})"
        return name if truth == guess else f"{name}, taken for {guess} ({probability[i].max():.0%})"

    return {title(i): partial(player, i) for i in shown}
