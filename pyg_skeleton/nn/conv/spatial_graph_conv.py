from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch_geometric.typing import Adj

from pyg_skeleton.nn.conv.adjacency_conv import AdjacencyConv
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.partition import partition_neighbors


class SpatialGraphConv(AdjacencyConv):
    r"""The spatial graph convolution of the `"Spatial Temporal Graph Convolutional Networks for
    Skeleton-Based Action Recognition" <https://arxiv.org/abs/1801.07455>`_ paper (equation 10).

    .. math::
        \mathbf{Y} = \sum_{k=1}^{K} (\mathbf{A}_k \odot \mathbf{M}_k) (\mathbf{X} \mathbf{W}_k +
        \mathbf{b}_k)

    over a partition of a joint's neighbors, see
    :func:`~pyg_skeleton.skeleton.partition_neighbors`. The importance :math:`\mathbf{M}_k` of each
    pair is trained and starts at one; pairs that are no edge never count, as in the authors' code.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (Skeleton): The layout.
        strategy (str, optional): The partition: :obj:`"spatial"`, :obj:`"legacy"`,
            :obj:`"distance"`, :obj:`"uniform"` or :obj:`"directed"`. (default: :obj:`"spatial"`)
        edge_importance (bool, optional): Whether there is an importance. (default: :obj:`True`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`, optionally edges
        - **output:** :math:`(B \cdot V, T, C_{out})`
    """

    subsets: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: Skeleton,
        strategy: str = "spatial",
        edge_importance: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(skeleton.num_joints, **kwargs)
        self.in_channels, self.out_channels, self.strategy = in_channels, out_channels, strategy
        subsets = partition_neighbors(skeleton, strategy)
        self.register_buffer("subsets", subsets, persistent=False)
        K = subsets.size(0)
        self.importance = Parameter(torch.empty_like(subsets)) if edge_importance else None
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

    def adjacency(self) -> Tensor:
        r"""Returns the weighted subsets, targets in the rows: :math:`(K, V, V)`."""
        return self.subsets if self.importance is None else self.subsets * self.importance

    def forward(self, x: Tensor, edge_index: Adj | None = None) -> Tensor:
        """Runs the forward pass of the module."""
        adj = self.adjacency()
        out = self.sum_subsets(x, adj, self.weight, edge_index)
        bias = adj.sum(2).t() @ self.bias  # of each joint
        shape = (1, self.num_nodes) + (1,) * (out.dim() - 2) + (-1,)
        out = out.view(-1, self.num_nodes, *out.shape[1:]) + bias.view(shape)
        return out.flatten(0, 1)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"strategy={self.strategy!r})"
        )
