"""The cluster of each clip, and the clips that are typical of a cluster."""

from collections.abc import Sequence

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from pyg_skeleton.metrics import match_clusters


def cluster_table(
    names: Sequence[str],
    logits0: Tensor,
    logits1: Tensor | None = None,
    order: Sequence[int] | None = None,
) -> pd.DataFrame:
    r"""The cluster of each clip and its probability, for a user's own clips too.

    With two branches, the clusters of B1 get the numbers of those of B0 with which they share most
    clips, see :func:`align_clusters`, and the first two columns are of the mean of both
    probabilities. The paper keeps the branches apart; so do the other columns.

    Args:
        names (sequence of str): The names of the clips.
        logits0 (Tensor): The logits of the clusters, of one branch or of B0.
        logits1 (Tensor, optional): Those of B1. (default: :obj:`None`)
        order (sequence of int, optional): The cluster of B1 for each one of B0, as
            :attr:`CoDT.cluster_order` has it since training; by default it follows from these
            clips, and the numbers of clusters depend on them. (default: :obj:`None`)

    Shapes:
        - **logits0, logits1:** :math:`(N, K)`

    Returns:
        A row for each clip, by its name: :obj:`cluster`, a number from zero, and
        :obj:`confidence`, its probability; with two branches also :obj:`cluster (B0)`,
        :obj:`confidence (B0)`, :obj:`cluster (B1)` and :obj:`confidence (B1)`.

    Raises:
        ValueError: If a shape does not fit, or a logit is not finite; the message names the clip.
        ImportError: If SciPy is missing with two branches (extra ``cluster``).
    """
    index = pd.Index(list(names), name="clip")
    if logits1 is None:
        return pd.DataFrame(_columns(_probabilities(logits0, index), ""), index)
    first, second = _probabilities(logits0, index), _probabilities(logits1, index)
    if first.shape != second.shape:
        raise ValueError(
            f"expected the same number of clusters in both branches, got {first.size(1)} and "
            f"{second.size(1)}"
        )
    second = second[:, align_clusters(first, second) if order is None else list(order)]
    mean = (first + second) / 2
    columns = _columns(mean, "") | _columns(first, " (B0)") | _columns(second, " (B1)")
    return pd.DataFrame(columns, index)


def align_clusters(first: Tensor, second: Tensor) -> Tensor:
    r"""Pairs the clusters of two branches, one to one, such that they agree as much as possible:
    the same clips in clusters of the same number, if :obj:`second[:, order]` takes the place of
    :obj:`second`.

    Args:
        first (Tensor): The probabilities of the clusters of each clip.
        second (Tensor): Those of the other branch.

    Shapes:
        - **first, second:** :math:`(N, K)`
        - **output:** the cluster of **second** for each one of **first**, :math:`(K)`
    """
    return match_clusters(first.double().t() @ second.double())


def _probabilities(logits: Tensor, names: pd.Index) -> Tensor:
    logits = logits.detach().to("cpu").double()
    if logits.dim() != 2 or len(logits) != len(names) or not logits.size(1):
        raise ValueError(f"logits must be [N, K] for {len(names)} clips, got {list(logits.shape)}")
    wrong = (~logits.isfinite()).any(dim=1).nonzero()
    if len(wrong):
        raise ValueError(f"the logits of clip {names[int(wrong[0])]!r} are not finite")
    return logits.softmax(dim=1)


def _columns(probability: Tensor, branch: str) -> dict[str, object]:
    confidence, cluster = torch.max(probability, dim=1)
    return {f"cluster{branch}": cluster.numpy(), f"confidence{branch}": confidence.numpy()}


def nearest_clips(features: Tensor, clusters: Tensor, count: int = 3) -> dict[int, list[int]]:
    r"""The clips whose features are the most similar to the centroid of their cluster.

    Args:
        features (Tensor): The features of each clip.
        clusters (Tensor): The cluster of each clip.
        count (int, optional): The number of clips of each cluster. (default: :obj:`3`)

    Shapes:
        - **features:** :math:`(N, C)`
        - **clusters:** from zero, :math:`(N)`

    Returns:
        For each cluster with clips, the numbers of its clips, nearest first.

    Raises:
        ValueError: If a shape does not fit, or a feature is not finite.
    """
    if features.dim() != 2 or clusters.shape != features.shape[:1]:
        raise ValueError(
            f"features must be [N, C] and clusters [N], "
            f"got {list(features.shape)} and {list(clusters.shape)}"
        )
    wrong = (~features.isfinite()).any(dim=1).nonzero()
    if len(wrong):
        raise ValueError(f"expected finite features, those of clip {int(wrong[0])} are not")
    x = F.normalize(features.detach().double(), dim=1)
    nearest = {}
    for cluster in sorted(set(clusters.tolist())):
        members = (clusters == cluster).nonzero().view(-1)
        similarity = x[members] @ x[members].sum(dim=0)
        order = torch.argsort(similarity, descending=True, stable=True)
        nearest[cluster] = members[order[:count]].tolist()
    return nearest
