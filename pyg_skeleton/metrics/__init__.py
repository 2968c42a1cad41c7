"""Metrics, each with its protocol in its name or its documentation."""

from pyg_skeleton.metrics.auc import AUC, auc
from pyg_skeleton.metrics.cluster_accuracy import (
    ClusterAccuracy,
    cluster_accuracy,
    match_clusters,
)
from pyg_skeleton.metrics.cluster_metric import ClusterMetric, contingency
from pyg_skeleton.metrics.cluster_purity import ClusterPurity, cluster_purity
from pyg_skeleton.metrics.cluster_scores import cluster_scores
from pyg_skeleton.metrics.graph_distance import GraphDistance, GraphDistances
from pyg_skeleton.metrics.hard_poses import (
    error_shares,
    hard_pose_table,
    hardest_poses,
    worst_mean,
)
from pyg_skeleton.metrics.mean_angle_error import AngleErrors, MeanAngleError
from pyg_skeleton.metrics.mean_graphs import MeanGraphs
from pyg_skeleton.metrics.mpjpe import MPJPE, mpjpe
from pyg_skeleton.metrics.mpjpe_per_frame import MPJPEPerFrame
from pyg_skeleton.metrics.mpjve import MPJVE, mpjve
from pyg_skeleton.metrics.n_mpjpe import NMPJPE, n_mpjpe
from pyg_skeleton.metrics.pa_mpjpe import PAMPJPE, pa_mpjpe, procrustes_align
from pyg_skeleton.metrics.pck import PCK
from pyg_skeleton.metrics.pck_3d import PCK3D, pck_3d
from pyg_skeleton.metrics.per_action import ActionErrors, PerAction
from pyg_skeleton.metrics.pose_metric import PoseMetric
from pyg_skeleton.metrics.zero_velocity import zero_velocity

__all__ = [
    "AUC",
    "MPJPE",
    "MPJVE",
    "NMPJPE",
    "PAMPJPE",
    "PCK",
    "PCK3D",
    "ActionErrors",
    "AngleErrors",
    "ClusterAccuracy",
    "ClusterMetric",
    "ClusterPurity",
    "GraphDistance",
    "GraphDistances",
    "MPJPEPerFrame",
    "MeanAngleError",
    "MeanGraphs",
    "PerAction",
    "PoseMetric",
    "auc",
    "cluster_accuracy",
    "cluster_purity",
    "cluster_scores",
    "contingency",
    "error_shares",
    "hard_pose_table",
    "hardest_poses",
    "match_clusters",
    "mpjpe",
    "mpjve",
    "n_mpjpe",
    "pa_mpjpe",
    "pck_3d",
    "procrustes_align",
    "worst_mean",
    "zero_velocity",
]
