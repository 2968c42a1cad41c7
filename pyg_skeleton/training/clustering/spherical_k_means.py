"""Clusters of directions: where the target classifiers of CoDT start."""

import torch
import torch.nn.functional as F
from torch import Tensor

#: How many numbers are held at once.
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

    by Lloyd's iterations from the start of k-means++, the best of some restarts. A cluster that
    loses all its samples gets the one that fits worst where it is, so that none is empty unless
    there are fewer different directions than clusters. The centroids, as the weight of a linear
    layer without bias, give the same clusters. The paper names the method and no details.

    Args:
        x (Tensor): The features; their lengths do not matter. A row of zeros has no direction, and
            goes to any cluster without moving it.
        num_clusters (int): The number of clusters :math:`K`.
        seed (int, optional): The seed of the starts. (default: :obj:`0`)
        restarts (int, optional): The number of starts. (default: :obj:`10`)
        max_iterations (int, optional): When to stop at the latest; most starts stop earlier,
            because no sample changes its cluster. (default: :obj:`100`)

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
        fit, *found = _lloyd(x, centroids, max_iterations)
        if fit > best:
            best, result = fit, (found[0], found[1])
    return result


def _lloyd(x: Tensor, centroids: Tensor, max_iterations: int) -> tuple[float, Tensor, Tensor]:
    """The fit, the centroids and the clusters after as many iterations as it takes."""
    similarity, labels = _nearest(x, centroids)
    none = (x == 0).all(dim=1)  # no direction: nothing to make a cluster of
    for _ in range(max_iterations):
        fit = similarity.masked_fill(none, float("inf"))
        labels = _refill(fit, labels, len(centroids))
        sums = torch.zeros_like(centroids).index_add_(0, labels, x)
        # Directions that cancel each other leave a cluster where it was.
        centroids = torch.where(
            sums.norm(dim=1, keepdim=True) > 1e-6, F.normalize(sums, dim=1), centroids
        )
        before = labels
        similarity, labels = _nearest(x, centroids)
        if torch.equal(labels, before):
            break
    return similarity.double().sum().item(), centroids, labels


def _nearest(x: Tensor, centroids: Tensor) -> tuple[Tensor, Tensor]:
    """How similar the nearest centroid is to each sample, and which one it is."""
    size = max(1, CHUNK // len(centroids))
    found = [(part @ centroids.t()).max(dim=1) for part in torch.split(x, size)]
    return torch.cat([f.values for f in found]), torch.cat([f.indices for f in found])


def _refill(similarity: Tensor, labels: Tensor, num_clusters: int) -> Tensor:
    """Gives each empty cluster the sample that fits worst, out of clusters that keep one."""
    labels = labels.clone()
    counts = labels.bincount(minlength=num_clusters)
    empty = (counts == 0).nonzero().view(-1).tolist()
    if empty:
        worst = iter(similarity.argsort(stable=True).tolist())
        for cluster in empty:
            sample = next(i for i in worst if counts[labels[i]] > 1)
            counts[labels[sample]] -= 1
            labels[sample] = cluster
            counts[cluster] = 1
    return labels
