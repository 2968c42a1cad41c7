"""
Graphs: a skeleton, its hops and its data
=========================================

A skeleton is a graph of joints; hops, parts and the dual graph of its bones follow from it.
"""

import torch

import pyg_skeleton
from pyg_skeleton import Skeleton
from pyg_skeleton.visualization import plot_layout

skeleton = Skeleton.get("ntu25")
figure = plot_layout(skeleton)
print(skeleton)

# %%
# ``to_data`` makes PyG's ``Data``: joints are nodes, and there is an ``edge_index`` for each hop.

frames = torch.randn(25, 60, 3)  # nodes, frames, channels
data = skeleton.to_data(frames, num_hops=2)
print(data)

# %%
# Operators take the edges of the data; a layer reads them like any layer of PyG.

from pyg_skeleton.nn import SpatialGraphConv

conv = SpatialGraphConv(3, 16, skeleton)
print(conv(data.x, data.edge_index).shape)

# %%
# The dual graph has a node for each bone, and goes wherever a skeleton goes.

dual = skeleton.dual()
print(dual.num_joints, SpatialGraphConv(3, 16, dual)(torch.randn(dual.num_joints, 60, 3)).shape)

# %%
# All of them are drawn by one player; the slider hides weak edges.

graphs = {
    f"hop {hop}": (skeleton.hop_edge_index(hop), skeleton.hop_weight(hop, "ring"))
    for hop in (1, 2, 3)
}
pyg_skeleton.view(skeleton, edges=graphs)
