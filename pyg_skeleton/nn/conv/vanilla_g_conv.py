from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.nn.sums.graphs import GivenEdges, Graphs
from pyg_skeleton.skeleton import GraphLike, as_graph


class VanillaGConv(SkeletonConv):
    r"""The vanilla graph convolution that the `"Semantic Graph Convolutional Networks for 3D Human
    Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper starts from (equation 1).

    .. math::
        \mathbf{X}' = \tilde{\mathbf{A}} \mathbf{X} \mathbf{W}, \qquad
        \tilde{\mathbf{A}} = \mathbf{D}^{-1/2} (\mathbf{A} + \mathbf{I}) \mathbf{D}^{-1/2}

    With :obj:`separate_self=True`, a joint's own features and those of its neighbors have a
    matrix each (equation 9):

    .. math::
        \mathbf{X}' = \mathrm{diag}(\tilde{\mathbf{A}}) \mathbf{X} \mathbf{W}_0 +
        (\tilde{\mathbf{A}} - \mathrm{diag}(\tilde{\mathbf{A}})) \mathbf{X} \mathbf{W}_1

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The graph.
        separate_self (bool, optional): One matrix for a joint itself, another for its neighbors.
            (default: :obj:`False`)
        edge_importance (bool, optional): A trainable factor per edge, initially one: ST-GCN's edge
            importance. (default: :obj:`False`)
        bias (bool, optional): Whether to add a bias. (default: :obj:`True`)
        init (str, optional): How weights are drawn: :obj:`"official"` as SemGCN's authors do,
            :obj:`xavier_uniform_` with gain 1.414 on the tensor of both matrices, which makes them
            several times smaller than :obj:`"glorot"`, matrix by matrix. (default: :obj:`"glorot"`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})`, a union of copies, or
          :math:`(V, *, C_{in})`, a static batch; edges :math:`(2, E)` *(optional)*, from which
          :math:`\tilde{\mathbf{A}}` follows (a joint always sees itself, with or without a
          self-loop); edge weights :math:`(E)` *(optional)*
        - **output:** :math:`(B \cdot V, *, C_{out})`

    Raises:
        ValueError: If :obj:`init` is unknown, or an edge has no importance.

    Example:
        >>> conv = VanillaGConv(2, 64, "h36m16")
        >>> conv(torch.randn(16, 8, 2)).shape  # joints, poses, channels
        torch.Size([16, 8, 64])
    """

    degrees: Tensor
    itself: Tensor
    relations: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        separate_self: bool = False,
        edge_importance: bool = False,
        bias: bool = True,
        init: str = "glorot",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_init(init)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.skeleton = as_graph(skeleton)
        self.separate_self = separate_self
        self.init = init
        edges = self.skeleton.edge_index(self_loops=True)
        self.template = EdgeTemplate([edges], self.skeleton.num_joints)
        itself = torch.eye(self.skeleton.num_joints, dtype=torch.bool)
        self.register_buffer("itself", itself, persistent=False)
        pairs = [itself, ~itself] if separate_self else [itself | True]
        relations = torch.stack(pairs, dim=2).to(torch.get_default_dtype())
        self.register_buffer("relations", relations, persistent=False)
        # Whole numbers, so that a network converted to double precision is exact.
        degree = torch.bincount(edges[1]).to(torch.get_default_dtype())
        self.register_buffer("degrees", degree[edges[0]] * degree[edges[1]], persistent=False)
        size = self.template.num_edges
        self.edge_weight = Parameter(torch.empty(size)) if edge_importance else None
        self.weight = Parameter(torch.empty(1 + separate_self, out_channels, in_channels))
        self.bias = Parameter(torch.empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        draw_weights(self.weight, self.init)
        if self.edge_weight is not None:
            torch.nn.init.ones_(self.edge_weight)
        if self.bias is not None:
            bound = self.out_channels**-0.5
            torch.nn.init.uniform_(self.bias, -bound, bound)

    def adjacency(self, graphs: Graphs | None = None) -> Tensor:
        r"""Returns the weighted graph, targets in the rows: :math:`(V, V)`; those of given graphs
        :math:`(B, V, V)`.
        """
        if graphs is None:
            weight = self.degrees.rsqrt()
            weight = weight if self.edge_weight is None else weight * self.edge_weight
            return self.template.dense(weight).squeeze(-3)
        scale = graphs.near.sum(-1).to(self.weight.dtype).rsqrt()
        adj = graphs.near * scale.unsqueeze(-1) * scale.unsqueeze(-2)
        adj = adj * graphs.factor()
        if self.edge_weight is None:
            return adj
        self.template.check(graphs.near.unsqueeze(1))
        return adj * self.template.dense(self.edge_weight).squeeze(-3)

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over the neighbors and the joint itself."""
        graphs = self.given(x, edge_index, edge_weight)
        if graphs is None:
            adj = self.adjacency().unsqueeze(-1) * self.relations  # [V, V, 1 or 2]
            return self.sum_edges(x, adj.movedim(-1, 0), self.weight, bias=self.bias)
        adj, support = self.adjacency(graphs), graphs.near & ~self.itself
        own = own_sum(x, adj, self.weight[0], graphs.copies)
        weight, adj = self.weight[-1:], adj.unsqueeze(-3)
        return own + self.sum_edges(x, adj, weight, graphs, support.unsqueeze(1), self.bias)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"separate_self={self.separate_self})"
        )


def own_sum(x: Tensor, adj: Tensor, weight: Tensor, copies: int) -> Tensor:
    r"""Returns what joints add to their own sums, beside the messages of their neighbors.

    Shapes:
        - **x:** :math:`(B \cdot V, *, C)`
        - **adj:** :math:`(B, V, V)`, or :math:`(B, D, V, V)` with a graph per channel
        - **weight:** :math:`(D, C)`
        - **output:** :math:`(B \cdot V, *, D)`
    """
    own = adj.diagonal(dim1=-2, dim2=-1).movedim(-1, 1)  # [B, V] or [B, V, D]
    own = own.expand(copies, *own.shape[1:]).flatten(0, 1)
    own = own.view(len(own), *(1 for _ in x.shape[1:-1]), -1)
    return torch.nn.functional.linear(x, weight) * own


def check_init(init: str) -> None:
    """Refuses an unknown name of an initialization."""
    if init not in ("official", "glorot"):
        raise ValueError(f"expected init 'official' or 'glorot', got {init!r}")


def draw_weights(weight: Tensor, init: str) -> None:
    r"""Draws the matrices :math:`(K, D, C)` of a layer, see :class:`VanillaGConv`."""
    if init == "official":
        # Drawn on [2, in, out], where PyTorch takes in * out for the fan-in.
        K, D, C = weight.shape
        bound = 1.414 * (6 / (C * D + K * D)) ** 0.5
        torch.nn.init.uniform_(weight, -bound, bound)
    else:
        for matrix in weight:
            torch.nn.init.xavier_uniform_(matrix)
