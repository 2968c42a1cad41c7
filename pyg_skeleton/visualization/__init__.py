"""Pictures, animations and an interactive viewer of skeletons, graphs and predictions.

:func:`view` needs no other package. Every other function needs matplotlib (extra ``viz``), which
is imported on first use; it returns a :class:`matplotlib.figure.Figure` (save it with ``savefig``),
opens no window and does not change the global state of matplotlib.
"""

from pyg_skeleton.visualization.charts.class_accuracy import plot_class_accuracy
from pyg_skeleton.visualization.charts.cluster_strips import plot_cluster_strips
from pyg_skeleton.visualization.charts.cluster_tsne import plot_cluster_tsne
from pyg_skeleton.visualization.charts.confusion import plot_confusion
from pyg_skeleton.visualization.charts.contingency import plot_contingency
from pyg_skeleton.visualization.charts.curves import plot_curves
from pyg_skeleton.visualization.charts.horizon import plot_error_by_horizon
from pyg_skeleton.visualization.charts.timeline import plot_timeline
from pyg_skeleton.visualization.graphs.actional import plot_actional_edges
from pyg_skeleton.visualization.graphs.dynamic import plot_dynamic_edges
from pyg_skeleton.visualization.graphs.edge_weights import plot_edge_weights
from pyg_skeleton.visualization.graphs.explanation import explainer_to_skeleton
from pyg_skeleton.visualization.graphs.graph_around import plot_graph_around
from pyg_skeleton.visualization.graphs.joint_weights import plot_joint_weights
from pyg_skeleton.visualization.graphs.tsne import plot_graph_tsne
from pyg_skeleton.visualization.pose.animation import animate
from pyg_skeleton.visualization.pose.hard_poses import plot_hard_poses
from pyg_skeleton.visualization.pose.layout import plot_layout
from pyg_skeleton.visualization.pose.lifting import plot_lifting
from pyg_skeleton.visualization.pose.pose_errors import plot_error_histogram
from pyg_skeleton.visualization.pose.skeleton import plot_skeleton
from pyg_skeleton.visualization.pose.strip import plot_prediction_strip
from pyg_skeleton.visualization.viewer.view import Player, view

__all__ = [
    "Player",
    "animate",
    "explainer_to_skeleton",
    "plot_actional_edges",
    "plot_class_accuracy",
    "plot_cluster_strips",
    "plot_cluster_tsne",
    "plot_confusion",
    "plot_contingency",
    "plot_curves",
    "plot_dynamic_edges",
    "plot_edge_weights",
    "plot_error_by_horizon",
    "plot_error_histogram",
    "plot_graph_around",
    "plot_graph_tsne",
    "plot_hard_poses",
    "plot_joint_weights",
    "plot_layout",
    "plot_lifting",
    "plot_prediction_strip",
    "plot_skeleton",
    "plot_timeline",
    "view",
]
