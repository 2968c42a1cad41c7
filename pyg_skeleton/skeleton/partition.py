"""Partitions of the neighbors of each joint, one per weight matrix."""

from __future__ import annotations

import torch
from torch import Tensor

from pyg_skeleton.skeleton.skeleton import Skeleton


def partition_neighbors(skeleton: Skeleton, strategy: str = "spatial") -> Tensor:
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
        skeleton (Skeleton): The layout.
        strategy (str, optional): See above. (default: :obj:`"spatial"`)

    Returns:
        Matrices :math:`(K, V, V)`, targets in the rows.

    Raises:
        ValueError: If the strategy is unknown.
    """
    V = skeleton.num_joints
    eye = torch.eye(V)
    if strategy == "directed":
        parent = torch.zeros(V, V)
        for child, above in skeleton.bones:
            parent[child, above] = 1
        children = parent.t()
        mean = children / children.sum(1, keepdim=True).clamp(min=1)
        return torch.stack([eye, parent, mean])
    distances = skeleton.distances
    near = (distances <= 1).float()
    mean = near / near.sum(1, keepdim=True)
    if strategy == "uniform":
        return mean.unsqueeze(0)
    if strategy == "distance":
        return torch.stack([mean * eye, mean * (1 - eye)])
    if strategy not in ("spatial", "legacy"):
        raise ValueError(
            f"expected strategy spatial, legacy, distance, uniform or directed, got {strategy!r}"
        )
    depth = distances[skeleton.root]
    if strategy == "legacy":
        depth = depth.clamp(max=2)
    nearer = (depth.unsqueeze(0) < depth.unsqueeze(1)).float()  # sources in the columns
    rest = mean * (1 - eye)
    return torch.stack([mean * eye, rest * (1 - nearer), rest * nearer])
