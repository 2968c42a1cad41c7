from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch_geometric.typing import Adj

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv, as_edge_index, relational_sum
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.skeleton import BodyGraph
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
        skeleton (BodyGraph): The graph: a skeleton, its dual, its part graph.
        order (int, optional): The highest order :math:`\Gamma`. (default: :obj:`1`)
        mode (str, optional): What order :math:`\gamma` reaches: :obj:`"power"`, :obj:`"ring"`
            (exact distance, averaged) or :obj:`"ball"`. (default: :obj:`"power"`)
        bias (bool, optional): Whether to add a bias, which the equation has not.
            (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})`, a union of copies, or
          :math:`(V, *, C_{in})`, a static batch; optionally the edges of each order (a list of
          :obj:`order`, or one where :obj:`order=1`), each one of the template's
        - **output:** :math:`(B \cdot V, *, C_{out})`
    """

    base_weight: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: BodyGraph,
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
        self.order = order
        orders = range(1, order + 1)
        edges = [skeleton.hop_edge_index(k, mode) for k in orders]
        self.template = EdgeTemplate(edges, skeleton.num_joints)
        base = torch.cat([skeleton.hop_weight(k, mode) for k in orders])
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

    def adjacency(self) -> Tensor:
        r"""Returns the learned structural graphs :math:`(\Gamma, V, V)`, targets in the rows."""
        return self.template.dense(self.base_weight * self.edge_weight)

    def forward(self, x: Tensor, edge_index: Adj | Sequence[Adj] | None = None) -> Tensor:
        """Runs the forward pass of the module."""
        if edge_index is None and self.fused:
            out = relational_sum(x, self.adjacency(), self.weight)
        else:
            out = self._propagate_orders(x, edge_index)
        return out if self.bias is None else out + self.bias

    def _propagate_orders(self, x: Tensor, edge_index: Adj | Sequence[Adj] | None) -> Tensor:
        given = edge_index if isinstance(edge_index, (list, tuple)) else [edge_index] * self.order
        if edge_index is not None and given is not edge_index and self.order > 1:
            raise ValueError(f"expected a list of {self.order} edge sets, one per order, got one")
        if len(given) != self.order:
            raise ValueError(f"expected {self.order} edge sets, one per order, got {len(given)}")
        edge_weight = self.base_weight * self.edge_weight
        out = x.new_zeros(())
        for g, adj in enumerate(given):
            if adj is None:
                edges, copies = self.template.union(g, x)
                weight = self.template.relation(edge_weight, g).repeat(copies)
            else:
                edges = as_edge_index(adj)
                weight = edge_weight[self.template.find(edges, g)]
            # The narrower side travels, as in the fused form.
            first = self.out_channels < self.in_channels
            h = x @ self.weight[g].t() if first else x
            # propagate_type: (x: Tensor, edge_weight: Tensor)
            h = self.propagate(edges, x=h, edge_weight=weight, size=(x.size(0), x.size(0)))
            out = out + (h if first else h @ self.weight[g].t())
        return out

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"order={self.order})"
        )
