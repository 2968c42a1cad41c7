from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.nn.sums.graphs import GivenEdges, Graphs
from pyg_skeleton.skeleton import GraphLike, as_graph
from pyg_skeleton.skeleton.hops import HopMode


class StructuralConv(SkeletonConv):
    r"""The structural graph convolution (SGC) of the `"Symbiotic Graph Neural Networks for 3D
    Skeleton-based Human Action Recognition and Motion Prediction"
    <https://arxiv.org/abs/1910.02212>`_ paper (equation 4).

    .. math::
        \mathbf{Y} = \sum_{\gamma=1}^{\Gamma} \left( \tilde{\mathbf{A}}^{\gamma} \odot
        \mathbf{M}^{(\gamma)} \right) \mathbf{X} \mathbf{W}^{(\gamma)\top}, \qquad
        \tilde{\mathbf{A}} = \mathbf{D}^{-1} (\mathbf{A} + \mathbf{I})

    with one trainable weight :math:`M^{(\gamma)}_{ij}` (initially one) per order and edge of the
    :math:`\gamma`-th power. The paper leaves open whether the power is meant literally; its
    authors' earlier code uses exact hops instead, here :obj:`mode="ring"`.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The graph: a skeleton, its dual, its part graph.
        order (int, optional): The highest order :math:`\Gamma`. (default: :obj:`1`)
        mode (str, optional): The pairs that order :math:`\gamma` reaches: :obj:`"power"`,
            :obj:`"ring"` (exact distance, averaged) or :obj:`"ball"`. (default: :obj:`"power"`)
        bias (bool, optional): Whether to add a bias, which the equation does not have.
            (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})`, a union of copies, or
          :math:`(V, *, C_{in})`, a static batch; edges :math:`(2, E)` or a list with those of each
          hop *(optional)*, from which :math:`\tilde{\mathbf{A}}` follows; edge weights :math:`(E)`
          *(optional)*
        - **output:** :math:`(B \cdot V, *, C_{out})`

    Raises:
        ValueError: If :obj:`order` is less than one, or an edge joins two joints for which there
            is no :math:`M^{(\gamma)}_{ij}`.

    Example:
        >>> conv = StructuralConv(3, 64, "ntu25", order=3)
        >>> conv(torch.randn(25, 60, 3)).shape  # nodes, frames, channels
        torch.Size([25, 60, 64])
    """

    maps_first = False
    base_weight: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        order: int = 1,
        mode: HopMode = "power",
        bias: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if order < 1:
            raise ValueError(f"expected order >= 1, got {order}")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.skeleton = as_graph(skeleton)
        self.order, self.mode = order, mode
        orders = range(1, order + 1)
        edges = [self.skeleton.hop_edge_index(k, mode) for k in orders]
        self.template = EdgeTemplate(edges, self.skeleton.num_joints)
        base = torch.cat([self.skeleton.hop_weight(k, mode) for k in orders])
        self.register_buffer("base_weight", base, persistent=False)
        self.edge_weight = Parameter(torch.empty(self.template.num_edges))
        self.weight = Parameter(torch.empty(order, out_channels, in_channels))
        self.bias = Parameter(torch.empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        torch.nn.init.ones_(self.edge_weight)
        for weight in self.weight:
            torch.nn.init.xavier_uniform_(weight)
        if self.bias is not None:
            torch.nn.init.zeros_(self.bias)

    def adjacency(self, graphs: Graphs | None = None) -> Tensor:
        r"""Returns the learned structural graphs :math:`(\Gamma, V, V)`, targets in the rows; those
        of given graphs :math:`(B, \Gamma, V, V)`.
        """
        if graphs is None:
            return self.template.dense(self.base_weight * self.edge_weight)
        orders = range(1, self.order + 1)
        base = torch.stack([graphs.hop_weight(k, self.mode) for k in orders], dim=1)
        learned = self.template.dense(self.edge_weight)
        return base.to(learned.dtype) * learned * graphs.factor(self.order).unsqueeze(1)

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over the neighbors of every order."""
        graphs, support = self.given(x, edge_index, edge_weight), None
        if graphs is not None:
            orders = range(1, self.order + 1)
            support = torch.stack([graphs.hop(k, self.mode) for k in orders], dim=1)
            self.template.check(support)
        out = self.sum_edges(x, self.adjacency(graphs), self.weight, graphs, support)
        return out if self.bias is None else out + self.bias

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"order={self.order})"
        )
