from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.metrics.clustering.metric import ClusterMetric, contingency


class ClusterAccuracy(ClusterMetric):
    r"""The clustering accuracy (ACC) by Hungarian matching of clusters and classes.

    .. math::
        \frac{1}{N} \max_{\pi} \sum_{k} n_{k, \pi(k)}

    over all one-to-one assignments :math:`\pi` of clusters to classes, where :math:`n_{k,c}` is the
    number of samples of class :math:`c` in cluster :math:`k`. If there are more clusters than
    classes, the samples of unmatched clusters count as wrong. The code of the `"Collaborating
    Domain-shared and Target-specific Feature Clustering for Cross-domain 3D Action Recognition"
    <https://arxiv.org/abs/2207.09767>`_ paper computes this accuracy; its text describes
    :class:`ClusterPurity`, which is never smaller.

    See :class:`ClusterMetric` for the arguments.

    Raises:
        ImportError: If SciPy is missing (extra ``cluster``).
    """

    def score(self, counts: Tensor) -> Tensor:
        """See :func:`cluster_accuracy`."""
        name = match_clusters(counts)
        right = counts[name >= 0, name[name >= 0]].sum()
        return right.double() / counts.sum()


def cluster_accuracy(clusters: Any, labels: Any) -> float:
    """Computes the clustering accuracy by Hungarian matching from clusters and labels, ``[N]``
    each, see :class:`ClusterAccuracy`.
    """
    counts = contingency(clusters, labels)
    return ClusterAccuracy(*counts.shape).score(counts).item()


def match_clusters(counts: Tensor) -> Tensor:
    r"""Matches clusters to classes one to one such that most samples are classified correctly.

    Args:
        counts (Tensor): The number of samples of each class in each cluster,
            see :func:`contingency`.

    Shapes:
        - **counts:** :math:`(K, C)`
        - **output:** the class of each cluster, -1 if unmatched, :math:`(K)`

    Raises:
        ImportError: If SciPy is missing (extra ``cluster``).
    """
    try:
        from scipy.optimize import linear_sum_assignment
    except ImportError as error:
        raise ImportError(
            "matching clusters needs SciPy: pip install 'pyg_skeleton[cluster]' "
            "(the extra 'cluster')"
        ) from error
    rows, columns = linear_sum_assignment(counts.to("cpu").numpy(), maximize=True)
    names = torch.full((len(counts),), -1)
    names[torch.as_tensor(rows)] = torch.as_tensor(columns)
    return names.to(counts.device)
