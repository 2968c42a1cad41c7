"""The fused forms in which operators sum messages, and the graphs of given edges.

:meth:`SkeletonConv.given <pyg_skeleton.nn.SkeletonConv.given>` chooses between them and PyG's
:meth:`propagate`.
"""

from pyg_skeleton.nn.sums.channel_sum import channel_sum
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.nn.sums.graphs import Edges, GivenEdges, Graphs
from pyg_skeleton.nn.sums.group_sum import group_sum
from pyg_skeleton.nn.sums.pairwise_sum import PairwiseSum
from pyg_skeleton.nn.sums.refined_sum import refined_sum, topology_sum
from pyg_skeleton.nn.sums.relational_sum import relational_sum
from pyg_skeleton.nn.sums.subset_sum import subset_sum

__all__ = [
    "EdgeTemplate",
    "Edges",
    "GivenEdges",
    "Graphs",
    "PairwiseSum",
    "channel_sum",
    "group_sum",
    "refined_sum",
    "relational_sum",
    "subset_sum",
    "topology_sum",
]
