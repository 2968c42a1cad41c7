"""Losses, multi-task weighting, and the stability theorem of Sym-GNN."""

from pyg_skeleton.nn.loss.clustering import (
    bank_contrast_loss,
    collaborative_loss,
    cosine_similarity,
    same_cluster,
    same_top_features,
)
from pyg_skeleton.nn.loss.graph_contrast import graph_contrast_loss, graph_triplet_loss
from pyg_skeleton.nn.loss.info_gcn import InfoGCNLoss
from pyg_skeleton.nn.loss.min_norm import min_norm_pair
from pyg_skeleton.nn.loss.motion import motion_l1
from pyg_skeleton.nn.loss.pose import bone_loss, joint_loss, pose_loss
from pyg_skeleton.nn.loss.stability import (
    actional_response,
    perturbation_ratio,
    stability_bound,
)
from pyg_skeleton.nn.loss.transport import Transport, balanced_assignment

__all__ = [
    "InfoGCNLoss",
    "Transport",
    "actional_response",
    "balanced_assignment",
    "bank_contrast_loss",
    "bone_loss",
    "collaborative_loss",
    "cosine_similarity",
    "graph_contrast_loss",
    "graph_triplet_loss",
    "joint_loss",
    "min_norm_pair",
    "motion_l1",
    "perturbation_ratio",
    "pose_loss",
    "same_cluster",
    "same_top_features",
    "stability_bound",
]
