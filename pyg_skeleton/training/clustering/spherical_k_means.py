"""Spherical k-means, from which the target classifiers of CoDT start."""

import torch
import torch.nn.functional as F
from torch import Tensor

#: The largest number of similarities in memory at once.
CHUNK = 2**24


@torch.no_grad()
def spherical_k_means(
    x: Tensor, num_clusters: int, seed: int = 0, restarts: int = 10, max_iterations: int = 100
) -> tuple[Tensor, Tensor]:
    r"""Clusters directions such that each is close to the centroid of its cluster, as between the
    two stages of the `"Collaborating Domain-shared and Target-specific Feature Clustering for
    Cross-domain 3D Action Recognition" <https://arxiv.org/abs/2207.09767>`_ paper.

    .. math::
        \max_{\mathbf{m}, k} \; \sum_{n} \mathbf{m}_{k(n)}^{\top}
        \frac{\mathbf{x}_n}{\lVert \mathbf{x}_n \rVert} \quad \text{with} \quad
        \lVert \mathbf{m}_k \rVert = 1

    by Lloyd's iterations from the start of k-means++, the best of some restarts. The centroids, as
    the weight of a linear layer without bias, give the same clusters. The paper names the method
    and no details.

    Args:
        x (Tensor): The features; their lengths do not matter. A row of zeros has no direction, and
            joins any cluster without moving it.
        num_clusters (int): The number of clusters :math:`K`.
        seed (int, optional): The seed of the starts. (default: :obj:`0`)
        restarts (int, optional): The number of starts. (default: :obj:`10`)
        max_iterations (int, optional): The largest number of iterations; most starts need fewer.
            (default: :obj:`100`)

    Shapes:
        - **x:** :math:`(N, C)`
        - **output:** centroids of length one :math:`(K, C)`, in the precision of **x**, and the
          cluster of each sample :math:`(N)`

    Raises:
        ValueError: If there are more clusters than samples, or a feature is not finite.
        ImportError: If scikit-learn is missing (extra ``cluster``).
    """
    if x.dim() != 2 or not x.is_floating_point():
        raise ValueError(f"x must be numbers [N, C], got {x.dtype} {list(x.shape)}")
    if not 1 <= num_clusters <= len(x) or restarts < 1:
        raise ValueError(
            f"expected from one to {len(x)} clusters, as many as there are samples, and at least "
            f"one start; got {num_clusters} clusters and {restarts} starts"
        )
    finite = x.isfinite().all(dim=1)
    if not bool(finite.all()):
        raise ValueError(
            f"expected finite features, those of sample {int((~finite).int().argmax())} are not"
        )
    try:
        from sklearn.cluster import kmeans_plusplus
    except ImportError as error:
        raise ImportError(
            "k-means needs scikit-learn: pip install 'pyg_skeleton[cluster]' (the extra 'cluster')"
        ) from error
    x = F.normalize(x.detach(), dim=1)
    best, result = -float("inf"), (x, x)
    for start in range(restarts):
        seeds = kmeans_plusplus(x.cpu().float().numpy(), num_clusters, random_state=seed + start)
        centroids = x[torch.as_tensor(seeds[1], device=x.device, dtype=torch.long)]
        fit, centroids, labels = _lloyd(x, centroids, max_iterations)
        if fit > best:
            best, result = fit, (centroids, labels)
    return result


def _lloyd(x: Tensor, centroids: Tensor, max_iterations: int) -> tuple[float, Tensor, Tensor]:
    """The fit, the centroids and the clusters after Lloyd's iterations."""
    similarity, labels = _nearest(x, centroids)
    for _ in range(max_iterations):
        sums = torch.zeros_like(centroids).index_add_(0, labels, x)
        # The centroid of a cluster without samples, or whose directions cancel, stays.
        keep = sums.norm(dim=1, keepdim=True) <= 1e-6
        centroids = torch.where(keep, centroids, F.normalize(sums, dim=1))
        previous = labels
        similarity, labels = _nearest(x, centroids)
        if torch.equal(labels, previous):
            break
    return similarity.double().sum().item(), centroids, labels


def _nearest(x: Tensor, centroids: Tensor) -> tuple[Tensor, Tensor]:
    """The nearest centroid of each sample: its similarity and its number."""
    size = max(1, CHUNK // len(centroids))
    nearest = [(part @ centroids.t()).max(dim=1) for part in torch.split(x, size)]
    return torch.cat([n.values for n in nearest]), torch.cat([n.indices for n in nearest])
