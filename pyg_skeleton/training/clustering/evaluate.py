"""Clusters of a trained network, and how well they agree with held-out labels."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.metrics import cluster_scores
from pyg_skeleton.nn.models.clustering.codt import CoDT, CoDTOutput
from pyg_skeleton.training.clustering.spherical_k_means import spherical_k_means
from pyg_skeleton.training.infer import infer

#: The number of runs of k-means whose scores are averaged, as in the authors' code.
RUNS = 10


def cluster_clips(model: CoDT, clips: Dataset, batch_size: int = 128) -> CoDTOutput:
    """The clusters and features of all clips in both branches, in order and on the CPU.

    Args:
        model (CoDT): The network.
        clips (Dataset): Clips of the target.
        batch_size (int, optional): Clips at a time. (default: :obj:`128`)
    """
    output: CoDTOutput = infer(model, clips, batch_size)
    return output


def evaluate_clusters(output: CoDTOutput, y: Tensor, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Scores of both branches for three kinds of clusters: those of the target classifier; those
    of spherical k-means on the features, as in the rows without a classifier in the paper's tables;
    and those of k-means on the features, the mean of ten runs, as in the authors' code.

    Args:
        output (CoDTOutput): The output for all clips, see :func:`cluster_clips`.
        y (torch.Tensor): The classes of the clips.
        seed (int, optional): The seed of k-means. (default: :obj:`0`)

    Returns:
        By the name of the variant, the scores of :func:`~pyg_skeleton.metrics.cluster_scores`.

    Raises:
        ValueError: If there are fewer clips than clusters.
    """
    num_clusters = output.logits.size(1)
    if len(y) < num_clusters:
        raise ValueError(f"expected at least {num_clusters} clips, one per cluster, got {len(y)}")
    results: dict[str, dict[str, Any]] = {}
    branches = {
        "B0": (output.shared_logits, output.shared_features),
        "B1": (output.logits, output.features),
    }
    for name, (logits, features) in branches.items():
        results[f"{name}, classifier"] = cluster_scores(logits.argmax(dim=1), y)
        _, clusters = spherical_k_means(features, num_clusters, seed)
        results[f"{name}, spherical k-means"] = cluster_scores(clusters, y)
        runs = [cluster_scores(_k_means(features, num_clusters, seed + i), y) for i in range(RUNS)]
        mean = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
        results[f"{name}, k-means"] = mean
    return results


def _k_means(features: Tensor, num_clusters: int, seed: int) -> Tensor:
    try:
        from sklearn.cluster import KMeans
    except ImportError as error:
        raise ImportError(
            "k-means needs scikit-learn: pip install pyg_skeleton[cluster]"
        ) from error
    k_means = KMeans(num_clusters, init="random", n_init=1, random_state=seed)
    return torch.from_numpy(k_means.fit_predict(features.numpy()).astype(np.int64))
