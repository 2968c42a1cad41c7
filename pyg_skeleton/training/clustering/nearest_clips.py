"""The clips that show best what a cluster is."""

import torch
import torch.nn.functional as F
from torch import Tensor


def nearest_clips(features: Tensor, clusters: Tensor, count: int = 3) -> dict[int, list[int]]:
    r"""The clips whose features point most nearly to the centroid of their cluster.

    Args:
        features (Tensor): The features of each clip.
        clusters (Tensor): The cluster of each clip.
        count (int, optional): How many clips of each cluster. (default: :obj:`3`)

    Shapes:
        - **features:** :math:`(N, C)`
        - **clusters:** from zero, :math:`(N)`

    Returns:
        By each cluster that has a clip, the numbers of its clips, nearest first.

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
        mine = (clusters == cluster).nonzero().view(-1)
        similarity = x[mine] @ x[mine].sum(dim=0)
        order = torch.argsort(similarity, descending=True, stable=True)
        nearest[cluster] = mine[order[:count]].tolist()
    return nearest
