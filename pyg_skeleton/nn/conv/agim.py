from typing import Any, NamedTuple, Optional

import torch
from torch import Tensor
from torch_geometric.utils import softmax

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.sums.copies import (
    as_union,
    complete_edges,
    num_copies,
    repeat_edges,
)
from pyg_skeleton.nn.sums.graphs import Edges, GivenEdges, Graphs


class ActionalGraph(NamedTuple):
    r"""The weighted edges of a complete graph, self loops included, per copy of a body.

    The edges are, copy by copy, all :math:`V^2` ones, sorted by (target, source), so that layers
    may view the weights as matrices. Unpack it to hand over plain edges instead.

    Shapes:
        - **edge_index:** :math:`(2, B \cdot V^2)`; :math:`(2, V^2)` for a static batch
        - **edge_weight:** :math:`(B \cdot V^2)`; :math:`(V^2, B)` for a static batch
    """

    edge_index: Tensor
    edge_weight: Tensor
    num_nodes: int

    def adjacency(self) -> Tensor:
        r"""Views the weights as :math:`(B, V, V)` matrices, targets in the rows."""
        V = self.num_nodes
        if self.edge_weight.dim() == 1:
            return self.edge_weight.view(-1, V, V)
        return self.edge_weight.flatten(1).t().reshape(-1, V, V)

    def as_union(self, x: Tensor) -> tuple[Tensor, bool]:
        """Lays a static batch out as a union of copies; also returns whether it was one."""
        if self.edge_weight.dim() == 1:
            return x, False
        lead = self.edge_weight.dim() - 1
        x = x.flatten(1, lead).transpose(0, 1)
        return x.reshape((-1, *x.shape[2:])), True

    def from_union(self, x: Tensor) -> Tensor:
        """Undoes :meth:`as_union`."""
        V = self.num_nodes
        x = x.reshape((-1, V, *x.shape[1:])).transpose(0, 1)
        return x.reshape((V, *self.edge_weight.shape[1:], *x.shape[2:]))


class AGIM(SkeletonConv):
    r"""The actional graph inference module of the `"Symbiotic Graph Neural Networks for 3D
    Skeleton-based Human Action Recognition and Motion Prediction"
    <https://arxiv.org/abs/1910.02212>`_ paper (equations 1 and 2, Table 16).

    .. math::
        \mathbf{p}_i^{(0)} &= f_v^{(0)}(\mathbf{x}_i), \qquad
        \mathbf{q}_{i,j}^{(k)} = f_e^{(k)}([\mathbf{p}_i^{(k-1)}, \mathbf{p}_j^{(k-1)}]), \qquad
        \mathbf{p}_i^{(k)} = f_v^{(k)}\Bigl( \frac{1}{V-1} \sum_{j \neq i} \mathbf{q}_{i,j}^{(k)}
        \Bigr)

        (\mathbf{A}_{act})_{i,j} &= \mathrm{softmax}_j \left( f_{emb}(\mathbf{p}_i^{(K)})^{\top}
        g_{emb}(\mathbf{p}_j^{(K)}) \right)

    Each row of a target :math:`i` sums to one over its sources :math:`j`. Every :math:`f` is an
    MLP of two layers (linear, ReLU, dropout, linear, ReLU, batch norm); the embeddings end in a
    linear map. The paper does not print :math:`K` (default 2) nor the dropout rate, and its
    table counts one edge pass before iterating where its equations count :math:`K` in all: the
    equations hold here.

    The graph is complete and inferred from the features. Given edges change nothing, unless
    :obj:`mask_edges` is set: then a joint attends to itself and along the given edges only.

    Args:
        in_channels (int): Size of each input feature; of a clip, all frames of a joint:
            :obj:`x.flatten(-2)`.
        num_nodes (int): The number :math:`V` of joints of a body.
        hidden_channels (int, optional): Width of every MLP. (default: :obj:`128`)
        num_iterations (int, optional): The number :math:`K \geq 0` of passes between joints and
            edges. (default: :obj:`2`)
        dropout (float, optional): Dropout probability in the MLPs. (default: :obj:`0.0`)
        aggr (str, optional): How a joint aggregates its edges. (default: :obj:`"mean"`)
        mask_edges (bool, optional): Whether given edges restrict the graph.
            (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, C_{in})`, a union of bodies, or
          :math:`(V, B, C_{in})`, a static batch; edges :math:`(2, E)` *(optional)*
        - **output:** :class:`ActionalGraph`: the edges of each body's complete graph and their
          weights

    Example:
        >>> agim = AGIM(in_channels=60 * 3, num_nodes=25)
        >>> graph = agim(torch.randn(25, 60, 3).flatten(-2))  # nodes, frames x channels
        >>> graph.edge_weight.shape  # of all pairs of joints
        torch.Size([625])
    """

    fused_aggr = ("mean",)
    edges: Tensor
    pairs: Tensor

    def __init__(
        self,
        in_channels: int,
        num_nodes: int,
        hidden_channels: int = 128,
        num_iterations: int = 2,
        dropout: float = 0.0,
        aggr: Any = "mean",
        mask_edges: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(aggr, **kwargs)
        self.mask_edges = mask_edges
        if num_iterations < 0:
            raise ValueError(f"expected num_iterations (K) >= 0, got {num_iterations}")
        if num_nodes < 2:
            raise ValueError(f"expected at least 2 nodes, got {num_nodes}")
        self.in_channels = in_channels
        self.num_nodes = num_nodes
        self.hidden_channels = hidden_channels
        self.num_iterations = num_iterations
        H, K = hidden_channels, num_iterations
        self.node_mlps = torch.nn.ModuleList(
            [TwoLayerMLP(in_channels, H, dropout)] + [TwoLayerMLP(H, H, dropout) for _ in range(K)]
        )
        self.edge_mlps = torch.nn.ModuleList([TwoLayerMLP(2 * H, H, dropout) for _ in range(K)])
        self.source_embedding = torch.nn.Sequential(
            TwoLayerMLP(H, H, dropout), torch.nn.Linear(H, H)
        )
        self.target_embedding = torch.nn.Sequential(
            TwoLayerMLP(H, H, dropout), torch.nn.Linear(H, H)
        )
        self.register_buffer(
            "edges", complete_edges(num_nodes, torch.device("cpu")), persistent=False
        )
        others = complete_edges(num_nodes, torch.device("cpu"), self_loops=False)
        self.register_buffer("pairs", others, persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        for module in (*self.node_mlps, *self.edge_mlps):
            module.reset_parameters()
        for embedding in (self.source_embedding, self.target_embedding):
            embedding[0].reset_parameters()  # type: ignore[operator]
            torch.nn.init.xavier_normal_(embedding[1].weight)  # type: ignore[arg-type]
            torch.nn.init.zeros_(embedding[1].bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor, edge_index: GivenEdges = None) -> ActionalGraph:
        """Infers the graph of each body."""
        self.check_input(x)
        V = self.num_nodes
        lead = x.shape[1:-1]  # of a static batch
        if lead:
            num_copies(x, V)
            x = as_union(x.flatten(1, -2))
        B = num_copies(x, V)
        p = self.node_mlps[0](x)
        for k in range(self.num_iterations):
            p = self.node_mlps[k + 1](self._gather(p, k, B))
        weight = self._attend(self.target_embedding(p), self.source_embedding(p), B)
        if edge_index is not None and self.mask_edges:
            edges = Edges.of(edge_index)
            near = Graphs(edges.repeat(B, V) if lead else edges, V, B).near
            weight = weight.view(B, V, V) * near
            weight = (weight / weight.sum(-1, keepdim=True)).flatten()
        if lead:
            return ActionalGraph(self.edges, weight.view(B, -1).t().reshape(-1, *lead), V)
        return ActionalGraph(repeat_edges(self.edges, B, V, V), weight, V)

    def _gather(self, p: Tensor, k: int, B: int) -> Tensor:
        """Equations 1a and the mean of 1b; fused, without the concatenation of pairs."""
        V = self.num_nodes
        if not self.fused:
            edges = repeat_edges(self.pairs, B, V, V)
            # propagate_type: (x: Tensor, k: int)
            return self.propagate(edges, x=p, k=k, size=(B * V, B * V))
        edge_mlp: TwoLayerMLP = self.edge_mlps[k]  # type: ignore[assignment]
        H = p.size(-1)
        to_target, to_source = edge_mlp.first.weight.tensor_split(2, dim=1)
        target = torch.nn.functional.linear(p, to_target, edge_mlp.first.bias).view(B, V, 1, H)
        source = torch.nn.functional.linear(p, to_source).view(B, V, H)
        source = source.index_select(1, self.pairs[0]).view(B, V, V - 1, H)
        q = edge_mlp.after_first((target + source).view(-1, H))
        return q.view(B * V, V - 1, H).mean(dim=1)

    def _attend(self, target: Tensor, source: Tensor, B: int) -> Tensor:
        r"""Equation 2: the weights of all edges, :math:`(B \cdot V^2)`."""
        V = self.num_nodes
        if not self.fused:
            edges = repeat_edges(self.edges, B, V, V)
            # edge_updater_type: (p: OptPairTensor)
            return self.edge_updater(edges, p=(source, target), size=(B * V, B * V))
        scores = torch.bmm(target.view(B, V, -1), source.view(B, V, -1).transpose(1, 2))
        precise = torch.promote_types(scores.dtype, torch.float32)
        return scores.softmax(dim=-1, dtype=precise).to(scores.dtype).flatten()

    def message(self, x_i: Tensor, x_j: Tensor, k: int) -> Tensor:  # type: ignore[override]  # noqa: D102
        return self.edge_mlps[k](torch.cat([x_i, x_j], dim=-1))

    def edge_update(  # noqa: D102
        self,
        p_i: Tensor,
        p_j: Tensor,
        index: Tensor,
        size_i: Optional[int],  # noqa: UP045  (PyG reads it)
    ) -> Tensor:
        return softmax((p_i * p_j).sum(dim=-1), index, num_nodes=size_i)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, num_nodes={self.num_nodes}, "
            f"num_iterations={self.num_iterations})"
        )


class TwoLayerMLP(torch.nn.Module):
    """Table 16's MLP: linear, ReLU, dropout, linear, ReLU, batch norm."""

    def __init__(self, in_channels: int, out_channels: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.first = torch.nn.Linear(in_channels, out_channels)
        self.dropout = torch.nn.Dropout(dropout)
        self.second = torch.nn.Linear(out_channels, out_channels)
        self.norm = ChannelBatchNorm(out_channels)

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        for linear in (self.first, self.second):
            torch.nn.init.xavier_normal_(linear.weight)
            torch.nn.init.zeros_(linear.bias)
        self.norm.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Maps the last dimension of :obj:`x`."""
        return self.after_first(self.first(x))

    def after_first(self, x: Tensor) -> Tensor:
        """Applies all layers but the first linear map, which callers may split over a pair."""
        return self.norm(self.second(self.dropout(x.relu())).relu())
