"""How well clusters fit the classes that nobody learned from."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Dataset

from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.metrics import cluster_scores
from pyg_skeleton.nn.models.clustering.codt import CoDT, CoDTOutput
from pyg_skeleton.training.clustering.spherical_k_means import spherical_k_means

#: How often k-means begins anew, and its scores are averaged, as in the authors' code.
RUNS = 10


@torch.no_grad()
def cluster_clips(model: CoDT, clips: Dataset, batch_size: int = 128) -> CoDTOutput:
    """What both branches say of all clips, in order and on the CPU.

    Args:
        model (CoDT): The network.
        clips (Dataset): Clips of the target.
        batch_size (int, optional): Clips at a time. (default: :obj:`128`)
    """
    training, device = model.training, next(model.parameters()).device
    model.eval()
    try:
        outputs = [model(batch.to(device)) for batch in SkeletonLoader(clips, batch_size)]
    finally:
        model.train(training)
    return CoDTOutput(*(torch.cat(parts).cpu() for parts in zip(*outputs, strict=True)))


def evaluate_codt(output: CoDTOutput, y: Tensor, seed: int = 0) -> dict[str, dict[str, Any]]:
    """Scores of both branches, by how clusters are made: by the target classifier; by spherical
    k-means on the features, as the rows without a classifier in the paper's tables; and by
    k-means on the features, the mean of ten runs, as in the authors' code.

    Args:
        output (CoDTOutput): Of all clips.
        y (torch.Tensor): Their classes.
        seed (int, optional): That of k-means. (default: :obj:`0`)

    Returns:
        By the name of the variant, what :func:`~pyg_skeleton.metrics.cluster_scores` returns.

    Raises:
        ValueError: If there are fewer clips than clusters.
    """
    num_clusters = output.logits.size(1)
    if len(y) < num_clusters:
        raise ValueError(f"expected at least {num_clusters} clips, as many as clusters: {len(y)}")
    results: dict[str, dict[str, Any]] = {}
    branches = {
        "B0": (output.shared_logits, output.shared_features),
        "B1": (output.logits, output.features),
    }
    for name, (logits, features) in branches.items():
        results[f"{name}, classifier"] = cluster_scores(logits.argmax(dim=1), y)
        _, found = spherical_k_means(features, num_clusters, seed)
        results[f"{name}, spherical k-means"] = cluster_scores(found, y)
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
