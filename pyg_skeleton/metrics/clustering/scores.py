from __future__ import annotations

from typing import Any

from pyg_skeleton.metrics.clustering.accuracy import ClusterAccuracy
from pyg_skeleton.metrics.clustering.metric import contingency
from pyg_skeleton.metrics.clustering.purity import ClusterPurity


def cluster_scores(clusters: Any, labels: Any) -> dict[str, float]:
    r"""Computes all scores of a clustering, in percent and named with their protocol.

    There are two definitions of ACC, see :class:`ClusterAccuracy` and :class:`ClusterPurity`. The
    mutual information is normalized by the arithmetic mean of the two entropies.

    Args:
        clusters (Tensor or numpy.ndarray): The cluster of each sample.
        labels (Tensor or numpy.ndarray): The class of each sample.

    Shapes:
        - **clusters, labels:** from zero, :math:`(N)`

    Returns:
        :obj:`ACC (Hungarian) %`, :obj:`ACC (dominating label) %`, :obj:`NMI %` and :obj:`ARI %`.

    Raises:
        ValueError: If a shape does not fit, a number is negative, or there is no sample.
        ImportError: If scikit-learn is missing (extra ``cluster``).
    """
    counts = contingency(clusters, labels)
    if not counts.numel():
        raise ValueError("cluster scores need at least one sample, got none")
    try:
        from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
    except ImportError as error:
        raise ImportError(
            "cluster scores need scikit-learn: pip install 'pyg_skeleton[cluster]' "
            "(the extra 'cluster')"
        ) from error
    # The samples, restored from the table of checked integers.
    cell = counts.flatten().nonzero().view(-1).repeat_interleave(counts[counts > 0])
    cluster, label = (cell // counts.size(1)).numpy(), (cell % counts.size(1)).numpy()
    return {
        "ACC (Hungarian) %": 100 * ClusterAccuracy(*counts.shape).score(counts).item(),
        "ACC (dominating label) %": 100 * ClusterPurity(*counts.shape).score(counts).item(),
        "NMI %": 100 * float(normalized_mutual_info_score(label, cluster)),
        "ARI %": 100 * float(adjusted_rand_score(label, cluster)),
    }
