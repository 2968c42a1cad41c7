from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric


class ClusterMetric(Metric):
    r"""The base class of metrics that compare clusters with classes.

    The state is the number of samples of each class in each cluster, so the result does not depend
    on the number of batches and processes. Subclasses define :meth:`score`.

    Args:
        num_clusters (int): The number of clusters :math:`K`.
        num_classes (int): The number of classes :math:`C`.

    Shapes:
        - **clusters, labels:** from zero, :math:`(N)`
        - **output:** a fraction, :math:`()`, in double precision; NaN if there are no samples

    Raises:
        ValueError: If a shape does not fit, or a cluster or label is out of range.
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False

    counts: Tensor

    def __init__(self, num_clusters: int, num_classes: int) -> None:
        super().__init__()
        self.num_clusters, self.num_classes = num_clusters, num_classes
        zeros = torch.zeros(num_clusters, num_classes, dtype=torch.long)
        self.add_state("counts", zeros, dist_reduce_fx="sum")

    def update(self, clusters: Tensor, labels: Tensor) -> None:
        """Adds a batch."""
        counts = contingency(clusters, labels, self.num_clusters, self.num_classes)
        self.counts = self.counts + counts.to(self.counts.device)

    def compute(self) -> Tensor:
        """Returns the score of all batches so far."""
        # torchmetrics squeezes tensors with a single element.
        return self.score(self.counts.view(self.num_clusters, self.num_classes))

    def score(self, counts: Tensor) -> Tensor:
        """Returns the score of a table ``[K, C]``."""
        raise NotImplementedError


def contingency(
    clusters: Any, labels: Any, num_clusters: int | None = None, num_classes: int | None = None
) -> Tensor:
    r"""Counts the samples of each class in each cluster.

    Args:
        clusters (Tensor or numpy.ndarray): The cluster of each sample.
        labels (Tensor or numpy.ndarray): The class of each sample.
        num_clusters (int, optional): The number of clusters; if :obj:`None`, up to the last one
            that has a sample. (default: :obj:`None`)
        num_classes (int, optional): The number of classes, likewise. (default: :obj:`None`)

    Shapes:
        - **clusters, labels:** from zero, :math:`(N)`
        - **output:** :math:`(K, C)`

    Raises:
        ValueError: If a shape does not fit, or a cluster or label is out of range.
    """
    cluster, label = (_whole(x, name) for x, name in ((clusters, "clusters"), (labels, "labels")))
    if len(cluster) != len(label):
        raise ValueError(f"got {len(cluster)} clusters and {len(label)} labels")
    sizes = []
    for x, name, size in ((cluster, "clusters", num_clusters), (label, "labels", num_classes)):
        low, high = min(x.tolist(), default=0), max(x.tolist(), default=-1)
        if low < 0 or (size is not None and high >= size):
            last = "" if size is None else f" to {size - 1}"
            raise ValueError(f"{name} must be from 0{last}, got {low} to {high}")
        sizes.append(high + 1 if size is None else size)
    K, C = sizes
    return (cluster * C + label).bincount(minlength=K * C).view(K, C)


def _whole(value: Any, name: str) -> Tensor:
    """Returns integers ``[N]`` on the CPU."""
    x = torch.as_tensor(value).detach().to("cpu")
    if x.dim() != 1 or x.is_floating_point() or x.is_complex():
        raise ValueError(f"{name} must be whole numbers [N], got {x.dtype} {list(x.shape)}")
    return x.long()
