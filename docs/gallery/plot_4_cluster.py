"""
Cluster: which clips are alike, without labels
==============================================

Features of a trained network put clips of the same movement close to each other. Labels are only
looked at to judge the clusters.
"""

import torch

from pyg_skeleton import Clip, create_model
from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.metrics import cluster_scores
from pyg_skeleton.training import spherical_k_means
from pyg_skeleton.visualization import plot_cluster_tsne

people = SyntheticMotion("ntu25", "test", num_observed=50, num_future=0, clips_per_class=8)
clips = [
    Clip(people.clip(i)[0].transpose(0, 1)[None], people.skeleton, people.fps, unit="m", up="y")
    for i in range(len(people))
]
labels = [people[i].y.item() for i in range(len(people))]

# %%
# One vector for each clip; then clusters of vectors that point in similar directions.

model = create_model("ctr_gcn", weights="recognizer")
features = model.embed(clips)
_, clusters = spherical_k_means(torch.from_numpy(features), 12)
print(cluster_scores(clusters, labels))

# %%
figure = plot_cluster_tsne(features, clusters, labels, people.classes)
