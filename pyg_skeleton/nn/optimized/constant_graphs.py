"""Sums over graphs that do not depend on the input."""

import torch
from torch import Tensor
from torch.nn import Module

from pyg_skeleton.nn.conv.sem_g_conv import SemGConv
from pyg_skeleton.nn.conv.spatial_graph_conv import SpatialGraphConv
from pyg_skeleton.nn.conv.structural_conv import StructuralConv
from pyg_skeleton.nn.conv.vanilla_g_conv import VanillaGConv
from pyg_skeleton.nn.optimized.forms import Affine, Constants, as_defined, form
from pyg_skeleton.nn.sums.channel_sum import channel_sum, edge_softmax


class GraphSum(Constants):
    r"""A sum over constant graphs.

    .. math::
        \mathbf{y}_i = \mathbf{b}_i + \sum_{g=1}^{G} \sum_{j=1}^{V} A^{(g)}_{ij} \,
        \mathbf{W}^{(g)} \mathbf{x}_j

    Args:
        dtype (torch.dtype): The type of the constants.
        adj (torch.Tensor): The graphs, targets in the rows, :math:`(G, V, V)`.
        weight (torch.Tensor): The linear maps, :math:`(G, D, C)`.
        bias (torch.Tensor): The bias, :math:`(D)` or, of each joint, :math:`(V, D)`.

    Shapes:
        - **input:** :math:`(B \cdot V, C)` or :math:`(B \cdot V, T, C)`
        - **output:** :math:`(B \cdot V, D)` or :math:`(B \cdot V, T, D)`
    """

    graphs: Tensor
    maps: Tensor
    bias: Tensor

    def __init__(self, dtype: torch.dtype, adj: Tensor, weight: Tensor, bias: Tensor) -> None:
        (G, D, C), V = weight.shape, adj.size(-1)
        map_first = D < C  # the narrower side goes through the graphs
        graphs = adj.permute(1, 2, 0).flatten(1) if map_first else adj.transpose(0, 1).flatten(0, 1)
        maps = weight.flatten(0, 1).t() if map_first else weight.transpose(1, 2).flatten(0, 1)
        super().__init__(dtype, graphs=graphs, maps=maps, bias=bias.view(-1, D))
        self.num_nodes, self.num_graphs, self.map_first = V, G, map_first
        self.in_channels, self.out_channels = C, D

    def forward(self, x: Tensor) -> Tensor:
        """Sums over all joints."""
        graphs, maps, bias = self.values
        V, C, D = self.num_nodes, self.in_channels, self.out_channels
        if self.map_first:
            h = torch.unflatten(x @ maps, 0, (-1, V))  # [B, V, *, G * D]
            h = torch.unflatten(h, -1, (-1, D)).movedim(-2, 2).flatten(1, 2)
            out = graphs.expand(h.size(0), -1, -1) @ h.flatten(2)
            shape = x.shape[1:-1]
            bias = bias.view(-1, *(1 for _ in shape), D)
            return (torch.unflatten(out, 2, (*shape, D)) + bias).flatten(0, 1)
        if x.dim() == 2:  # all graphs in one product
            h = x.view(-1, V, C)
            B = h.size(0)
            h = torch.bmm(graphs.expand(B, -1, -1), h).view(-1, self.num_graphs * C)
            if bias.size(0) > 1:
                bias = bias.expand(B, -1, -1).reshape(-1, D)
            return torch.addmm(bias, h, maps)
        shape = x.shape[1:-1]
        h = torch.unflatten(x.flatten(1), 0, (-1, V))
        B = h.size(0)
        out = bias.view(-1, *(1 for _ in shape), D).expand(B, V, *shape, D).reshape(-1, D)
        graphs = graphs.view(V, -1, V)
        for g, weight in enumerate(maps.view(-1, C, D)):
            h_g = torch.bmm(graphs[:, g].expand(B, -1, -1), h).view(-1, C)
            out = torch.addmm(out, h_g, weight)
        return out.view(*x.shape[:-1], D)


class ChannelGraphSum(Constants):
    """A sum over a constant graph for each channel, see :func:`channel_sum`."""

    source: Tensor
    target: Tensor
    edge_weight: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, layer: SemGConv, norm: Affine) -> None:
        V, edge_index = layer.template.num_nodes, layer.template.edge_index
        edges = edge_softmax(layer.edge_weight.t(), layer.place, V, layer.row_length)
        super().__init__(
            layer.weight.dtype,
            source=layer.source,
            target=edge_index[1],
            edge_weight=edges.double() * norm.scale,
            weight=layer.weight,
            bias=norm.bias(layer.bias),
        )
        self.num_nodes = V

    def forward(self, x: Tensor) -> Tensor:
        """Sums over all edges."""
        V = self.num_nodes
        return channel_sum(x, self.source, self.target, self.edge_weight, self.weight, V, self.bias)


def graph_sum(weight: Tensor, adj: Tensor, bias: Tensor | None, norm: Affine | None) -> GraphSum:
    """The sum of linear maps ``[G, D, C]`` over graphs ``[G, V, V]``, in front of a norm."""
    norm = norm or Affine.of(None, weight.size(1))
    scaled = weight.double() * norm.scale.view(-1, 1)
    return GraphSum(weight.dtype, adj, scaled, norm.bias(bias))


@form.register
@as_defined
def _(layer: SpatialGraphConv, norm: Affine | None = None) -> Module:
    adj = layer.adjacency()
    return graph_sum(layer.weight, adj, adj.sum(-1).t().double() @ layer.bias.double(), norm)


@form.register
@as_defined
def _(layer: VanillaGConv, norm: Affine | None = None) -> Module:
    adj = layer.adjacency() * layer.relations.movedim(-1, 0)
    return graph_sum(layer.weight, adj, layer.bias, norm)


@form.register
@as_defined
def _(layer: SemGConv, norm: Affine | None = None) -> Module:
    if layer.channelwise:
        return ChannelGraphSum(layer, norm or Affine.of(None, layer.out_channels))
    adj = layer.adjacency() * layer.relations.movedim(-1, 0)
    return graph_sum(layer.weight, adj, layer.bias, norm)


@form.register
@as_defined
def _(layer: StructuralConv, norm: Affine | None = None) -> Module:
    return graph_sum(layer.weight, layer.adjacency(), layer.bias, norm)
