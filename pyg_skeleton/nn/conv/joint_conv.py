from typing import Any

import torch
from torch import Tensor
from torch_geometric.typing import Adj

from pyg_skeleton.nn.conv.actional_conv import ActionalConv
from pyg_skeleton.nn.conv.agim import ActionalGraph
from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.conv.structural_conv import StructuralConv
from pyg_skeleton.nn.sums.graphs import GivenEdges
from pyg_skeleton.nn.sums.relational_sum import relational_sum
from pyg_skeleton.skeleton import GraphLike, as_graph
from pyg_skeleton.skeleton.hops import HopMode


class JointConv(SkeletonConv):
    r"""The joint-scale graph convolution (JGC) of the `"Symbiotic Graph Neural Networks for 3D
    Skeleton-based Human Action Recognition and Motion Prediction"
    <https://arxiv.org/abs/1910.02212>`_ paper (equation 5).

    .. math::
        \mathrm{JGC}(\mathbf{X}) = \lambda_{act} \, \mathrm{AGC}(\mathbf{X}) +
        \mathrm{SGC}(\mathbf{X})

    of :class:`ActionalConv` and :class:`StructuralConv`; fused, the actional graph is one more
    relation of the same sum.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The graph of the structural part.
        order (int, optional): The highest structural order :math:`\Gamma`. (default: :obj:`1`)
        lambda_act (float, optional): The share :math:`\lambda_{act}` of the actional part.
            (default: :obj:`1.0`)
        structural (bool, optional): Whether there is a structural part. (default: :obj:`True`)
        actional (bool, optional): Whether there is an actional part. (default: :obj:`True`)
        mode (str, optional): See :class:`StructuralConv`. (default: :obj:`"power"`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})`; the :class:`ActionalGraph` of
          :class:`AGIM`, or a pair of edges and weights, where there is an actional part;
          edges for the structural part :math:`(2, E)` or a list with those of each hop
          *(optional)*; their weights :math:`(E)` *(optional)*
        - **output:** :math:`(B \cdot V, *, C_{out})`

    Example:
        >>> conv = JointConv(3, 64, "ntu25", order=3)
        >>> x = torch.randn(25, 60, 3)  # nodes, frames, channels
        >>> graph = AGIM(60 * 3, num_nodes=25)(x.flatten(-2))
        >>> conv(x, graph).shape
        torch.Size([25, 60, 64])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        order: int = 1,
        lambda_act: float = 1.0,
        structural: bool = True,
        actional: bool = True,
        mode: HopMode = "power",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not (structural or actional):
            raise ValueError("expected structural or actional or both, got neither")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.skeleton = as_graph(skeleton)
        self.lambda_act = lambda_act
        self.structural = (
            StructuralConv(in_channels, out_channels, self.skeleton, order, mode, **kwargs)
            if structural
            else None
        )
        self.actional = ActionalConv(in_channels, out_channels, **kwargs) if actional else None

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        for conv in (self.structural, self.actional):
            if conv is not None:
                conv.reset_parameters()

    def relations(self, actional: ActionalGraph | None) -> tuple[Tensor, Tensor]:
        r"""Returns the graphs and the maps that :func:`relational_sum` takes, for callers that
        apply the layer many times to the same graphs.

        Shapes:
            - **output:** graphs :math:`(B, G, V, V)`, or :math:`(G, V, V)` where all copies share
              them, targets in the rows; maps :math:`(G, D, C)`
        """
        if self.actional is None:
            assert self.structural is not None
            return self.structural.adjacency(), self.structural.weight
        if actional is None:
            raise ValueError("expected the actional graph (or actional=False), got None")
        graphs = actional.adjacency().unsqueeze(1) * self.lambda_act
        weight = self.actional.weight.unsqueeze(0)
        if self.structural is None:
            return graphs, weight
        structural = self.structural.adjacency().to(graphs.dtype)
        graphs = torch.cat([structural.expand(graphs.size(0), -1, -1, -1), graphs], dim=1)
        return graphs, torch.cat([self.structural.weight, weight])

    def _may_fuse(self) -> bool:
        """Whether the next call may take the fused form, in this layer and those within."""
        parts = (self.structural, self.actional)
        return super()._may_fuse() and all(part.fused for part in parts if part is not None)

    def forward(
        self,
        x: Tensor,
        actional: ActionalGraph | tuple[Adj, Tensor] | None = None,
        edge_index: GivenEdges = None,
        edge_weight: Tensor | None = None,
    ) -> Tensor:
        """Adds the actional and the structural sum."""
        if self.actional is None:
            assert self.structural is not None
            return self.structural(x, edge_index, edge_weight)
        if actional is None:
            raise ValueError("expected the actional graph (or actional=False), got None")
        own = self.fused and self.given(x, edge_index, edge_weight) is None
        if isinstance(actional, ActionalGraph) and own:
            h, static = actional.as_union(x)
            out = relational_sum(h, *self.relations(actional))
            return actional.from_union(out) if static else out
        graph = (actional,) if isinstance(actional, ActionalGraph) else actional
        out = self.lambda_act * self.actional(x, *graph)
        if self.structural is None:
            return out
        return out + self.structural(x, edge_index, edge_weight)

    @property
    def uses_edges(self) -> bool:
        """Whether the layer's answer depends on edges: where there is a structural part."""
        return self.structural is not None

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"lambda_act={self.lambda_act})"
        )
