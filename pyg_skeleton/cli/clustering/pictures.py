"""Which clips belong together: a table and pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from pyg_skeleton.datasets import ClipDataset
from pyg_skeleton.metrics import contingency
from pyg_skeleton.training.clustering.cluster_table import align_clusters, cluster_table
from pyg_skeleton.training.clustering.nearest_clips import nearest_clips

#: How many clusters there are in a picture of strips.
ROWS = 12


def draw_clusters(
    clips: ClipDataset,
    logits: Mapping[str, Tensor],
    features: Mapping[str, Tensor],
    out: Path,
    labels: Tensor | None = None,
    num_clips: int = 3,
    coordinates: int = 3,
    up: str = "y",
) -> list[str]:
    r"""Writes which clips are in which cluster, and draws the clusters of each branch: all clips in
    a plane (:obj:`tsne_B0.png`), the clips nearest to the centroid of each cluster
    (:obj:`strips_B0.png`; with more than twelve clusters :obj:`strips_B0_1.png` and so on) and,
    for clips with labels, the classes in each cluster (:obj:`contingency_B0.png`).

    The clusters of the second branch go by the numbers of those of the first, see
    :func:`align_clusters`, in the table and in all pictures.

    Args:
        clips (ClipDataset): The clips; their joints are drawn as they are, before the transform.
        logits (dict): By the name of a branch, the logits of the clusters of each clip: one or two
            branches.
        features (dict): Likewise, the features of each clip.
        out (Path): The folder, which is made if it is not there.
        labels (Tensor, optional): The class of each clip, :obj:`clips.labels`; :obj:`None` for
            clips that nobody labeled. (default: :obj:`None`)
        num_clips (int, optional): How many clips to draw of each cluster. (default: :obj:`3`)
        coordinates (int, optional): How many of the channels are coordinates: two for poses in the
            image with a third channel that says how sure they are. (default: :obj:`3`)
        up (str, optional): The axis that points up, see
            :func:`~pyg_skeleton.visualization.plot_skeleton`. (default: :obj:`"y"`)

    Shapes:
        - **logits:** :math:`(N, K)`
        - **features:** :math:`(N, C)`
        - **labels:** :math:`(N)`

    Returns:
        The names of the files, :obj:`clusters.csv` first.

    Raises:
        ValueError: If a shape does not fit, or a number is not finite.
        ImportError: If matplotlib (extra ``viz``), or scikit-learn or SciPy (extra ``cluster``) is
            missing.
    """
    from pyg_skeleton import visualization as viz

    if not 1 <= len(logits) <= 2 or logits.keys() != features.keys():
        raise ValueError(
            f"expected logits and features of the same one or two branches, "
            f"got {list(logits)} and {list(features)}"
        )
    names = clips.names
    table = cluster_table(names, *logits.values())
    out.mkdir(parents=True, exist_ok=True)
    table.to_csv(out / "clusters.csv", float_format="%.4f")

    figures: dict[str, Any] = {}
    probabilities = [values.detach().cpu().double().softmax(dim=1) for values in logits.values()]
    if len(probabilities) == 2:
        probabilities[1] = probabilities[1][:, align_clusters(*probabilities)]
    for branch, probability in zip(logits, probabilities, strict=True):
        cluster, x = probability.argmax(dim=1), features[branch].detach().cpu()
        classes = [] if labels is None else clips.classes
        if len(x) >= 4:
            figures[f"tsne_{branch}.png"] = viz.plot_cluster_tsne(
                x, cluster, labels, classes, title=f"t-SNE of features, {branch}"
            )
        if labels is not None:
            counts = contingency(cluster, labels, probability.size(1), len(classes))
            figures[f"contingency_{branch}.png"] = viz.plot_contingency(counts, classes)
        rows = {}
        for k, nearest in nearest_clips(x, cluster, num_clips).items():
            size = int((cluster == k).sum())
            rows[f"cluster {k}\n{size} clip{'s' if size > 1 else ''}"] = [
                (
                    names[i].rsplit("/", 1)[-1]
                    + ("" if labels is None else f": {classes[int(labels[i])].replace('_', ' ')}"),
                    clips.clip(i).transpose(1, 2)[..., :coordinates],
                )
                for i in nearest
            ]
        for first in range(0, len(rows), ROWS):
            number = f"_{first // ROWS + 1}" if len(rows) > ROWS else ""
            part = dict(list(rows.items())[first : first + ROWS])
            figures[f"strips_{branch}{number}.png"] = viz.plot_cluster_strips(
                part, clips.skeleton, up=up, title=f"Clips nearest to the centroids, {branch}"
            )
    for name, figure in figures.items():
        figure.savefig(out / name, dpi=120, bbox_inches="tight")
    return ["clusters.csv", *figures]
