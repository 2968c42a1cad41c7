from __future__ import annotations

from typing import Any

from torch import Tensor

from pyg_skeleton.metrics.clustering.metric import ClusterMetric, contingency


class ClusterPurity(ClusterMetric):
    r"""The fraction of samples whose class is the most frequent one of their cluster: ACC by
    dominating label.

    .. math::
        \frac{1}{N} \sum_{k} \max_{c} n_{k,c}

    with :math:`n_{k,c}` samples of class :math:`c` in cluster :math:`k`; several clusters may have
    the same class. So the `"Collaborating Domain-shared and Target-specific Feature Clustering for
    Cross-domain 3D Action Recognition" <https://arxiv.org/abs/2207.09767>`_ paper describes its
    ACC, while its code computes :class:`ClusterAccuracy`. It grows with the number of clusters.

    See :class:`ClusterMetric` for the arguments.
    """

    def score(self, counts: Tensor) -> Tensor:
        """See :func:`cluster_purity`."""
        return counts.amax(dim=1).sum().double() / counts.sum()


def cluster_purity(clusters: Any, labels: Any) -> float:
    """The fraction of samples of the dominating class of their cluster, ``[N]`` twice to a number,
    see :class:`ClusterPurity`.
    """
    counts = contingency(clusters, labels)
    return ClusterPurity(*counts.shape).score(counts).item()
