from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch_geometric.typing import Adj

from pyg_skeleton.nn.conv.agim import ActionalGraph
from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.nn.sums.relational_sum import relational_sum


class ActionalConv(SkeletonConv):
    r"""The actional graph convolution (AGC) of the `"Symbiotic Graph Neural Networks for 3D
    Skeleton-based Human Action Recognition and Motion Prediction"
    <https://arxiv.org/abs/1910.02212>`_ paper (equation 3).

    .. math::
        \mathbf{Y} = \mathbf{A}_{act} \mathbf{X} \mathbf{W}_{act}^{\top}

    over a graph that another module (:class:`AGIM`) inferred from the data.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        bias (bool, optional): Whether to add a bias. (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})` with the :class:`ActionalGraph` of
          :class:`AGIM` (fused), or with any edges :math:`(2, E)` and their weights :math:`(E,)`
        - **output:** :math:`(B \cdot V, *, C_{out})`

    Example:
        >>> x = torch.randn(25, 60, 3)  # nodes, frames, channels
        >>> graph = AGIM(60 * 3, num_nodes=25)(x.flatten(-2))
        >>> ActionalConv(3, 64)(x, graph.edge_index, graph.edge_weight).shape
        torch.Size([25, 60, 64])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        bias: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.weight = Parameter(torch.empty(out_channels, in_channels))
        self.bias = Parameter(torch.empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        torch.nn.init.xavier_uniform_(self.weight)
        if self.bias is not None:
            torch.nn.init.zeros_(self.bias)

    def forward(
        self, x: Tensor, edge_index: Adj | ActionalGraph, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over all joints."""
        self.check_input(x)
        if isinstance(edge_index, ActionalGraph):
            graph, edge_index, edge_weight = edge_index, edge_index.edge_index, None
            if self.fused:
                h, static = graph.as_union(x)
                out = relational_sum(h, graph.adjacency().unsqueeze(-3), self.weight[None])
                out = graph.from_union(out) if static else out
                return out if self.bias is None else out + self.bias
            edge_weight = graph.edge_weight
        if edge_weight is None:
            raise ValueError("expected edge_weight beside edge_index, or an ActionalGraph")
        out = self.sum_messages(Edges.of(edge_index).hops[0], x, edge_weight) @ self.weight.t()
        return out if self.bias is None else out + self.bias
