from __future__ import annotations

from typing import Any

from torch import Tensor

from pyg_skeleton.metrics.clustering.metric import ClusterMetric, contingency


class ClusterPurity(ClusterMetric):
    r"""The clustering accuracy (ACC) by dominating label: the fraction of samples whose class is
    the most frequent class of their cluster.

    .. math::
        \frac{1}{N} \sum_{k} \max_{c} n_{k,c}

    where :math:`n_{k,c}` is the number of samples of class :math:`c` in cluster :math:`k`; several
    clusters may have the same class. This is the ACC described in the `"Collaborating Domain-shared
    and Target-specific Feature Clustering for Cross-domain 3D Action Recognition"
    <https://arxiv.org/abs/2207.09767>`_ paper, while its code computes :class:`ClusterAccuracy`. It
    grows with the number of clusters.

    See :class:`ClusterMetric` for the arguments.
    """

    def score(self, counts: Tensor) -> Tensor:
        """See :func:`cluster_purity`."""
        return counts.amax(dim=1).sum().double() / counts.sum()


def cluster_purity(clusters: Any, labels: Any) -> float:
    """Computes the clustering accuracy by dominating label from clusters and labels, ``[N]`` each,
    see :class:`ClusterPurity`.
    """
    counts = contingency(clusters, labels)
    return ClusterPurity(*counts.shape).score(counts).item()
