"""Partitions of the neighbors of each joint, one per weight matrix."""

from __future__ import annotations

import torch
from torch import Tensor

from pyg_skeleton.skeleton.body_graph import BodyGraph
from pyg_skeleton.skeleton.skeleton import Skeleton

STRATEGIES = ("spatial", "legacy", "distance", "uniform", "directed")


def partition_neighbors(skeleton: BodyGraph, strategy: str = "spatial") -> Tensor:
    r"""Splits the normalized adjacency of a layout into subsets, one for each weight matrix of a
    graph convolution for action recognition.

    * :obj:`"spatial"`, of the `"Spatial Temporal Graph Convolutional Networks for Skeleton-Based
      Action Recognition" <https://arxiv.org/abs/1801.07455>`_ paper: the joint itself; neighbors
      that are as far from the root as the joint, or farther; neighbors that are nearer. Each row of
      the sum is the mean over a joint and its neighbors.
    * :obj:`"legacy"`: the subsets of the authors' code. It caps the distance to the root at one
      hop, so all joints beyond are equally far, and the second subset holds nearly all neighbors.
    * :obj:`"distance"`: the joint itself; its neighbors. :obj:`"uniform"`: one subset.
    * :obj:`"directed"`, of the `"Two-Stream Adaptive Graph Convolutional Networks"
      <https://arxiv.org/abs/1805.07694>`_ paper: the joint itself; its parent; the mean of its
      children. The code of CTR-GCN uses the transpose: the sum of the children, and the parent
      divided by the number of its children.

    Args:
        skeleton (BodyGraph): The layout; any graph for :obj:`"distance"` and :obj:`"uniform"`.
        strategy (str, optional): See above. (default: :obj:`"spatial"`)

    Returns:
        Matrices :math:`(K, V, V)`, targets in the rows.

    Raises:
        ValueError: If the strategy is unknown, or needs a root that the graph does not have.
    """
    subsets = pair_subsets(skeleton, strategy)
    near = (skeleton.distances >= 0) & (skeleton.distances <= 1)
    return subset_weights(near, subsets, strategy).float()


def default_strategy(graph: BodyGraph, with_root: str) -> str:
    """The strategy `with_root` for a skeleton; :obj:`"distance"` for a graph without a root."""
    return with_root if isinstance(graph, Skeleton) else "distance"


def pair_subsets(graph: BodyGraph, strategy: str) -> Tensor:
    r"""The subset of each pair of joints, whether or not an edge joins them.

    Returns:
        Masks :math:`(K, V, V)`, targets in the rows.

    Raises:
        ValueError: If the strategy is unknown, or needs a root that the graph does not have.
    """
    if strategy not in STRATEGIES:
        raise ValueError(f"expected strategy {', '.join(STRATEGIES)}, got {strategy!r}")
    V = graph.num_joints
    itself = torch.eye(V, dtype=torch.bool)
    if strategy == "uniform":
        return torch.ones_like(itself).unsqueeze(0)
    if strategy == "distance":
        return torch.stack([itself, ~itself])
    if not isinstance(graph, Skeleton):
        raise ValueError(
            f"strategy {strategy!r} needs a skeleton with a root, {graph.name!r} is a graph without"
            " one; expected strategy 'distance' or 'uniform'"
        )
    depth = graph.distances[graph.root]
    if strategy == "legacy":
        depth = depth.clamp(max=2)
    nearer = depth.unsqueeze(0) < depth.unsqueeze(1)  # sources in the columns
    if strategy != "directed":
        return torch.stack([itself, ~nearer & ~itself, nearer])
    # Bones have a direction of their own, and links beside the bones belong to no subset.
    parent = torch.zeros_like(itself)
    for child, above in graph.bones:
        parent[child, above] = True
    free = graph.distances != 1
    return torch.stack([itself, parent | (nearer & free), parent.t() | (~nearer & free & ~itself)])


def subset_weights(near: Tensor, subsets: Tensor, strategy: str) -> Tensor:
    r"""The weight of each edge in each subset.

    Args:
        near (torch.Tensor): The edges as masks :math:`(*, V, V)`, with self-loops.
        subsets (torch.Tensor): The subset of each pair, see :func:`pair_subsets`.
        strategy (str): Whether to average over each subset (:obj:`"directed"`), or over all.

    Returns:
        Matrices :math:`(*, K, V, V)` in double precision, targets in the rows.
    """
    members = (near.unsqueeze(-3) & subsets).double()
    count = members if strategy == "directed" else near.unsqueeze(-3).double()
    return members / count.sum(-1, keepdim=True).clamp(min=1)
