"""The relation between the graphs that a network learns and the classes that it predicts."""

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch
from torch_geometric.data import Dataset

from pyg_skeleton.metrics import GraphDistance, MeanGraphs
from pyg_skeleton.nn.models import RecognitionModel, SkeletonGCL
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.training.recognition.collect_graphs import ClipGraphs, collect_graphs
from pyg_skeleton.training.recognition.confused_clips import confused_clips, moving_hand, pose_of
from pyg_skeleton.whole_file import whole_file


class GraphDiagnosis(NamedTuple):
    """The result of :func:`diagnose_graphs`."""

    distances: pd.DataFrame
    """Table 9: the distances of the graphs of clips to those of the classes."""
    ranks: pd.DataFrame
    """Table 10: the accuracy by the rank of that of the correct class."""
    classes: pd.DataFrame
    """For each class, its accuracy, its most frequent confusion, and the class of like graphs."""
    files: list[str]
    """The names of the tables and pictures."""


def diagnose_graphs(
    model: RecognitionModel | SkeletonGCL,
    dataset: Dataset,
    out: Path,
    layer: int = -1,
    joint: str | None = None,
) -> GraphDiagnosis:
    r"""Measures and draws the graphs that a network learns for the clips of a data set, as the
    `"Graph Contrastive Learning for Skeleton-based Action Recognition"
    <https://arxiv.org/abs/2301.10900>`_ paper does: distances to the mean graphs of the classes
    (Table 9) and the accuracy by their rank (Table 10), the accuracy of each class (Tables 21, 22),
    t-SNE of graphs and features (Fig. 4; of more than ten classes, the six with the most mistakes),
    and the edges into the hand (Fig. 1), of clips of the two classes that are confused most often
    and of the mean graphs of all classes of the t-SNE.

    The mean graphs are those of the same clips. Clips without a label are left out.

    Args:
        model (RecognitionModel or SkeletonGCL): The network.
        dataset (ClipDataset): The clips, for example of a test set.
        out (Path): The folder for tables (CSV) and pictures (PNG).
        layer (int, optional): The number of the layer among those that learn graphs.
            (default: the last one)
        joint (str, optional): The joint whose edges to draw. (default: the tip of the hand that
            moves the most, in layouts without hands any joint)

    Raises:
        ValueError: If the network learns no graphs, or no clip has a label.
        ImportError: If matplotlib (extra ``viz``) or scikit-learn (extra ``cluster``) is missing.
    """
    from pyg_skeleton import visualization as viz

    graphs = collect_graphs(model, dataset, layer)
    rows = (graphs.label >= 0).nonzero().flatten()
    if not len(rows):
        raise ValueError("expected clips with labels, got none")
    graphs = ClipGraphs(*(tensor[rows] for tensor in graphs))
    names, skeleton = list(dataset.classes), dataset.skeleton
    mean = MeanGraphs(len(names), skeleton.num_joints)
    mean.update(graphs.graph, graphs.label)
    means = mean.compute().view(-1, *graphs.graph.shape[1:])
    metric = GraphDistance(means, names)
    metric.update(graphs.graph, graphs.label, graphs.prediction)
    cells = graphs.label * len(names) + graphs.prediction
    confusion = cells.bincount(minlength=len(names) ** 2).view(len(names), -1)
    mistakes = confusion.clone().fill_diagonal_(0).numpy()
    shown = sorted(set(graphs.label.tolist()))
    classes = metric.class_table()
    classes.insert(1, "accuracy", [1 - mistakes[c].sum() / int(confusion[c].sum()) for c in shown])
    taken = [names[mistakes[c].argmax()] if mistakes[c].any() else "" for c in shown]
    classes.insert(2, "taken for", taken)
    distances, ranks = metric.table(), metric.rank_table()
    out.mkdir(parents=True, exist_ok=True)
    files = []
    for name, rows_are, table in (
        ("graph_distances", "clips are", distances),
        ("graph_ranks", "rank", ranks),
        ("classes", "class", classes),
    ):
        with whole_file(out / f"{name}.csv") as partial:
            table.to_csv(partial, float_format="%.7g", index_label=rows_are)
        files.append(f"{name}.csv")

    def save(figure: Any, name: str) -> None:
        with whole_file(out / name) as partial:
            figure.savefig(partial, dpi=120, bbox_inches="tight")
        files.append(name)

    accuracy = {str(name): float(share) for name, share in classes["accuracy"].items()}
    save(viz.plot_class_accuracy({"": accuracy}), "class_accuracy.png")
    if len(shown) > 10:
        shown = sorted(sorted(shown, key=lambda c: -int(mistakes[c].sum()))[:6])
    chosen = torch.isin(graphs.label, torch.tensor(shown))
    if chosen.sum() >= 10:
        label = graphs.label[chosen]
        for what, x in (("graph", graphs.graph.flatten(1)), ("feature", graphs.feature)):
            figure = viz.plot_graph_tsne(x[chosen], label, names, title=f"t-SNE of {what}s")
            save(figure, f"{what}_tsne.png")
    clips, titles = confused_clips(graphs, means, names)
    moving = [dataset.clip(int(rows[i]) % dataset.num_clips) for i in clips]
    anchor = moving_hand(moving, skeleton) if joint is None else joint
    title = f"learned edges into {anchor.replace('_', ' ')}"
    poses, edges = [pose_of(clip, skeleton) for clip in moving], graphs.graph[clips]
    save(
        viz.plot_graph_around(torch.stack(poses), skeleton, edges, anchor, titles, title),
        "clip_graphs.png",
    )
    save(
        viz.plot_graph_around(
            rest_pose(skeleton, spread=25),
            skeleton,
            means[shown],
            anchor,
            [names[c] for c in shown],
            f"{title}, mean of each class",
            azimuth=0,
            elevation=0,
        ),
        "class_graphs.png",
    )
    return GraphDiagnosis(distances, ranks, classes, files)
