from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.sums.graphs import GivenEdges, Graphs
from pyg_skeleton.nn.sums.subset_sum import subset_sum
from pyg_skeleton.skeleton import GraphLike, as_graph
from pyg_skeleton.skeleton.partition import (
    default_strategy,
    pair_subsets,
    partition_neighbors,
    subset_weights,
)


class SpatialGraphConv(SkeletonConv):
    r"""The spatial graph convolution of the `"Spatial Temporal Graph Convolutional Networks for
    Skeleton-Based Action Recognition" <https://arxiv.org/abs/1801.07455>`_ paper (equation 10).

    .. math::
        \mathbf{Y} = \sum_{k=1}^{K} (\mathbf{A}_k \odot \mathbf{M}_k) (\mathbf{X} \mathbf{W}_k +
        \mathbf{b}_k)

    over a partition of a joint's neighbors, see
    :func:`~pyg_skeleton.skeleton.partition_neighbors`. The importance :math:`\mathbf{M}_k` of each
    pair is trained and starts at one; pairs that are no edge never count, as in the authors' code.

    Given edges take the place of the layout's, in the normalization too. The layout decides which
    subset a pair belongs to, so that any two of its joints can be joined.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The layout, or any graph.
        strategy (str, optional): The partition: :obj:`"spatial"`, :obj:`"legacy"`,
            :obj:`"distance"`, :obj:`"uniform"` or :obj:`"directed"`. (default: :obj:`"spatial"`;
            :obj:`"distance"` for a graph without a root)
        edge_importance (bool, optional): Whether there is an importance. (default: :obj:`True`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, T, C_{in})`; edges :math:`(2, E)` *(optional)*;
          edge weights :math:`(E)` *(optional)*
        - **output:** :math:`(B \cdot V, T, C_{out})`

    Raises:
        ValueError: If :obj:`strategy` is unknown, or needs a root that the graph does not have.

    Example:
        >>> conv = SpatialGraphConv(3, 64, "ntu25")
        >>> conv(torch.randn(25, 60, 3)).shape  # joints, frames, channels
        torch.Size([25, 60, 64])
    """

    counts: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        strategy: str | None = None,
        edge_importance: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.skeleton = as_graph(skeleton)
        self.num_nodes = self.skeleton.num_joints
        self.strategy = strategy or default_strategy(self.skeleton, "spatial")
        subsets = partition_neighbors(self.skeleton, self.strategy)
        # Whole numbers, and infinity for a weight of 0, so that a network converted to double
        # precision is exact.
        counts = subsets.reciprocal().round().to(torch.get_default_dtype())
        self.register_buffer("counts", counts, persistent=False)
        pairs = pair_subsets(self.skeleton, self.strategy)
        self.register_buffer("pairs", pairs, persistent=False)
        K = subsets.size(0)
        self.importance = Parameter(torch.empty_like(counts)) if edge_importance else None
        self.weight = Parameter(torch.empty(K, out_channels, in_channels))
        self.bias = Parameter(torch.empty(K, out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        # As the authors do for all their convolutions.
        torch.nn.init.normal_(self.weight, 0.0, 0.02)
        torch.nn.init.zeros_(self.bias)
        if self.importance is not None:
            torch.nn.init.ones_(self.importance)

    def adjacency(self, graphs: Graphs | None = None) -> Tensor:
        r"""Returns the weighted subsets, targets in the rows: :math:`(K, V, V)`; those of given
        graphs :math:`(B, K, V, V)`.
        """
        if graphs is None:
            subsets = self.counts.reciprocal()
        else:
            subsets = subset_weights(graphs.near, self.pairs, self.strategy)
            subsets = subsets.to(self.weight.dtype) * graphs.factor().unsqueeze(1)
        return subsets if self.importance is None else subsets * self.importance

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over the neighbors of every subset."""
        graphs, support = self.given(x, edge_index, edge_weight), None
        if graphs is not None:
            support = graphs.near.unsqueeze(1) & self.pairs
        adj = self.adjacency(graphs)
        out = self.sum_edges(x, adj, self.weight, graphs, support, fused=subset_sum)
        bias = adj.sum(-1).transpose(-1, -2) @ self.bias  # of each joint, [V, D] or [B, V, D]
        bodies = torch.unflatten(out, 0, (-1, self.num_nodes))
        shape = (-1, self.num_nodes) + (1,) * (out.dim() - 2) + (self.out_channels,)
        return (bodies + bias.view(shape)).flatten(0, 1)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"strategy={self.strategy!r})"
        )
