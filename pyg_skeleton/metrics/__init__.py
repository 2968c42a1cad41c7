"""Metrics of pose lifting, motion prediction, clustering and learned graphs.

All treat missing numbers alike. A joint of the truth (**target**) that is NaN was not recorded and
does not count, and neither does a pose without its root in a metric that aligns the root. A
prediction that is not finite where the truth counts is refused, and so are clusters, labels and
graphs that are not.
"""

from pyg_skeleton.metrics.clustering.accuracy import (
    ClusterAccuracy,
    cluster_accuracy,
    match_clusters,
)
from pyg_skeleton.metrics.clustering.metric import ClusterMetric, contingency
from pyg_skeleton.metrics.clustering.purity import ClusterPurity, cluster_purity
from pyg_skeleton.metrics.clustering.scores import cluster_scores
from pyg_skeleton.metrics.graphs.distance import GraphDistance, GraphDistances
from pyg_skeleton.metrics.graphs.mean_graphs import MeanGraphs
from pyg_skeleton.metrics.motion.mean_angle_error import AngleErrors, MeanAngleError
from pyg_skeleton.metrics.motion.mpjpe_per_frame import MPJPEPerFrame
from pyg_skeleton.metrics.motion.pck import PCK
from pyg_skeleton.metrics.motion.zero_velocity import zero_velocity
from pyg_skeleton.metrics.pose.auc import AUC, auc
from pyg_skeleton.metrics.pose.hard_poses import (
    error_shares,
    hard_pose_table,
    hardest_poses,
    worst_mean,
)
from pyg_skeleton.metrics.pose.mpjpe import MPJPE, mpjpe
from pyg_skeleton.metrics.pose.mpjve import MPJVE, mpjve
from pyg_skeleton.metrics.pose.n_mpjpe import NMPJPE, n_mpjpe
from pyg_skeleton.metrics.pose.pa_mpjpe import PAMPJPE, pa_mpjpe, procrustes_align
from pyg_skeleton.metrics.pose.pck_3d import PCK3D, pck_3d
from pyg_skeleton.metrics.pose.per_action import ActionErrors, PerAction
from pyg_skeleton.metrics.pose.pose_metric import PoseMetric

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
