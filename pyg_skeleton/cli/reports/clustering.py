"""Clusters as text, tables and pictures."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd
from torch import Tensor

from pyg_skeleton.cli.reports.page import Players
from pyg_skeleton.cli.reports.pictures import Pictures
from pyg_skeleton.cli.reports.players import clip_of
from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.metrics import contingency
from pyg_skeleton.training import align_clusters, nearest_clips
from pyg_skeleton.visualization import Player, view

#: The number of clusters in a picture of strips.
ROWS = 12


def score_table(
    results: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]],
) -> pd.DataFrame:
    """The scores of several methods, averaged over seeds.

    Args:
        results (dict): By method, seed, and the name of a variant, the output of
            :func:`~pyg_skeleton.metrics.cluster_scores`.

    Returns:
        A table with a row for each method and variant, and :obj:`seeds`, their number.
    """
    rows = [
        {"method": method, "clusters by": variant, "seed": int(seed), **scores}
        for method, seeds in results.items()
        for seed, variants in seeds.items()
        for variant, scores in variants.items()
    ]
    groups = pd.DataFrame(rows).groupby(["method", "clusters by"], sort=False)
    table = groups.mean().drop(columns="seed")
    table.insert(0, "seeds", groups.size())
    return table


def text(table: pd.DataFrame) -> str:
    """A table of :func:`score_table` as text."""
    return str(table.to_string(float_format="{:.1f}".format))


def pictures(
    clips: ClipDataset,
    logits: Mapping[str, Tensor],
    features: Mapping[str, Tensor],
    labels: Tensor | None = None,
    num_clips: int = 3,
    coordinates: int = 3,
    up: str = "y",
    order: Sequence[int] | None = None,
) -> Pictures:
    r"""The clusters of each branch: all clips in a plane (:obj:`tsne_B0.png`), the clips nearest to
    the centroid of each cluster (:obj:`strips_B0.png`; with more than twelve clusters
    :obj:`strips_B0_1.png` and so on) and, for clips with labels, the classes in each cluster
    (:obj:`contingency_B0.png`).

    The clusters of the second branch have the numbers of those of the first, see
    :func:`~pyg_skeleton.training.align_clusters`.

    Args:
        clips (ClipDataset): The clips; their joints are drawn as they are, before the transform.
        logits (dict): By the name of a branch, the logits of the clusters of each clip: one or two
            branches.
        features (dict): Likewise, the features of each clip.
        labels (Tensor, optional): The class of each clip; :obj:`None` for unlabeled clips.
            (default: :obj:`None`)
        num_clips (int, optional): The number of clips to draw of each cluster. (default: :obj:`3`)
        coordinates (int, optional): The number of channels that are coordinates: two for poses in
            the image with a score as third channel. (default: :obj:`3`)
        up (str, optional): The axis that points up, see
            :func:`~pyg_skeleton.visualization.plot_skeleton`. (default: :obj:`"y"`)
        order (sequence of int, optional): The cluster of the second branch for each one of the
            first; by default it follows from these clips. (default: :obj:`None`)

    Shapes:
        - **logits:** :math:`(N, K)`
        - **features:** :math:`(N, C)`
        - **labels:** :math:`(N)`

    Raises:
        ValueError: If logits and features are not of the same branches.
    """
    from pyg_skeleton import visualization as viz

    if not 1 <= len(logits) <= 2 or logits.keys() != features.keys():
        raise ValueError(
            f"expected logits and features of the same one or two branches, "
            f"got {list(logits)} and {list(features)}"
        )
    names = clips.names
    probabilities = [values.detach().cpu().double().softmax(dim=1) for values in logits.values()]
    if len(probabilities) == 2:
        columns = align_clusters(*probabilities) if order is None else list(order)
        probabilities[1] = probabilities[1][:, columns]
    classes = [] if labels is None else clips.classes

    def strip(i: int) -> tuple[str, Tensor]:
        name = names[i].rsplit("/", 1)[-1]
        if labels is not None:
            name += f": {classes[int(labels[i])].replace('_', ' ')}"
        return name, clips.clip(i).transpose(1, 2)[..., :coordinates]

    def of_branch(branch: str, probability: Tensor, x: Tensor) -> Pictures:
        out: dict[str, Any] = {}
        cluster = probability.argmax(dim=1)
        if len(x) >= 4:
            out[f"tsne_{branch}.png"] = lambda path: viz.plot_cluster_tsne(
                x, cluster, labels, classes, title=f"t-SNE of features, {branch}"
            )
        if labels is not None:
            out[f"contingency_{branch}.png"] = lambda path: viz.plot_contingency(
                contingency(cluster, labels, probability.size(1), len(classes)), classes
            )
        nearest = list(nearest_clips(x, cluster, num_clips).items())
        for first in range(0, len(nearest), ROWS):
            rows = {
                f"cluster {k}\n{(size := int((cluster == k).sum()))} clip{'s' * (size > 1)}": ids
                for k, ids in nearest[first : first + ROWS]
            }
            number = f"_{first // ROWS + 1}" if len(nearest) > ROWS else ""
            out[f"strips_{branch}{number}.png"] = lambda path, rows=rows: viz.plot_cluster_strips(
                {title: [strip(int(i)) for i in ids] for title, ids in rows.items()},
                clips.skeleton,
                up=up,
                title=f"Clips nearest to the centroids, {branch}",
            )
        return out

    drawn: dict[str, Any] = {}
    for branch, probability in zip(logits, probabilities, strict=True):
        drawn |= of_branch(branch, probability, features[branch].detach().cpu())
    return drawn


def players(
    clips: ClipDataset,
    logits: Tensor,
    labels: Tensor | None = None,
    count: int = 6,
) -> Players:
    """The clips whose cluster is the least certain.

    Args:
        clips (ClipDataset): The clips.
        logits (Tensor): The logits of the clusters of each clip.
        labels (Tensor, optional): The class of each clip. (default: :obj:`None`)
        count (int, optional): The number of clips. (default: :obj:`6`)

    Shapes:
        - **logits:** :math:`(N, K)`
        - **labels:** :math:`(N)`
    """
    share, cluster = logits.detach().cpu().softmax(dim=1).max(dim=1)
    shown = share.argsort(stable=True)[:count].tolist()

    def player(i: int) -> Player:
        return view(clip_of(clips, i))

    def title(i: int) -> str:
        truth = "" if labels is None else f", {clips.classes[int(labels[i])]}"
        return f"{clips.names[i]}{truth}: cluster {int(cluster[i])} ({share[i]:.0%})"

    return {title(i): partial(player, i) for i in shown}
