from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch_geometric.typing import Adj

from pyg_skeleton.nn.conv.skeleton_conv import (
    SkeletonConv,
    as_edge_index,
    relational_sum,
)
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.skeleton import BodyGraph


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
        skeleton (BodyGraph): The graph.
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
          :math:`(V, *, C_{in})`, a static batch; optionally edges, each one of the graph's (a joint
          always sees itself, with or without a self-loop)
        - **output:** :math:`(B \cdot V, *, C_{out})`

    Raises:
        ValueError: If :obj:`init` is unknown, or an edge is none of the graph's.
    """

    base_weight: Tensor
    loop_edges: Tensor
    relation: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: BodyGraph,
        separate_self: bool = False,
        edge_importance: bool = False,
        bias: bool = True,
        init: str = "glorot",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if init not in ("official", "glorot"):
            raise ValueError(f"expected init 'official' or 'glorot', got {init!r}")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.separate_self = separate_self
        self.init = init
        edges = skeleton.edge_index(self_loops=True)
        self.template = EdgeTemplate([edges], skeleton.num_joints)
        loop = edges[0] == edges[1]
        self.register_buffer("loop_edges", loop.nonzero().flatten(), persistent=False)
        # The pairs that each matrix is for.
        own = torch.eye(skeleton.num_joints)
        relation = torch.stack([own, 1 - own] if separate_self else [torch.ones_like(own)], dim=2)
        self.register_buffer("relation", relation, persistent=False)
        scale = torch.bincount(edges[1]).to(torch.get_default_dtype()).rsqrt()
        self.register_buffer("base_weight", scale[edges[0]] * scale[edges[1]], persistent=False)
        self.edge_weight = self._edge_parameter() if edge_importance else None
        self.weight = Parameter(torch.empty(1 + separate_self, out_channels, in_channels))
        self.bias = Parameter(torch.empty(out_channels)) if bias else None
        self.reset_parameters()

    def _edge_parameter(self) -> Parameter:
        return Parameter(torch.empty(self.template.num_edges))

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        if self.init == "official":
            # Drawn on [2, in, out], where PyTorch takes in * out for the fan-in.
            K, D, C = self.weight.shape
            bound = 1.414 * (6 / (C * D + K * D)) ** 0.5
            torch.nn.init.uniform_(self.weight, -bound, bound)
        else:
            for weight in self.weight:
                torch.nn.init.xavier_uniform_(weight)
        if self.edge_weight is not None:
            torch.nn.init.ones_(self.edge_weight)
        if self.bias is not None:
            bound = self._bias_bound()
            torch.nn.init.uniform_(self.bias, -bound, bound)

    def _bias_bound(self) -> float:
        return self.out_channels**-0.5

    def normalized_weight(self) -> Tensor:
        """Returns the weight of each edge, self-loops included: :math:`(E)`."""
        return self.base_weight if self.edge_weight is None else self.base_weight * self.edge_weight

    def adjacency(self) -> Tensor:
        r"""Returns the graph as the layer sees it, targets in the rows: :math:`(V, V)`."""
        return self.template.dense(self.normalized_weight()).squeeze(-3)

    def forward(self, x: Tensor, edge_index: Adj | None = None) -> Tensor:
        """Runs the forward pass of the module."""
        if edge_index is None and self.fused:
            return self._fused(x)
        out = self._propagate(x, self.normalized_weight(), edge_index)
        return out if self.bias is None else out + self.bias

    def _fused(self, x: Tensor) -> Tensor:
        adj = self.adjacency().unsqueeze(-1) * self.relation  # [V, V, 1 or 2]
        return relational_sum(x, adj.movedim(-1, 0), self.weight, self.bias)

    def _propagate(self, x: Tensor, weight: Tensor, edge_index: Adj | None) -> Tensor:
        V = self.template.num_nodes
        if edge_index is None:
            edges, _ = self.template.union(0, x)
        else:
            edges = as_edge_index(edge_index)
        edges = edges[:, edges[0] != edges[1]]
        nodes = torch.arange(x.size(0), device=x.device)
        own, others = x @ self.weight[0].t(), x @ self.weight[-1].t()
        # propagate_type: (x: Tensor, edge_weight: Tensor)
        out = self.propagate(
            edges,
            x=others,
            edge_weight=weight.t().index_select(0, self.template.find(edges, 0)),
            size=(x.size(0), x.size(0)),
        )
        return out + self.message(own, weight.t().index_select(0, self.loop_edges[nodes % V]))

    def message(self, x_j: Tensor, edge_weight: Tensor) -> Tensor:
        """Weighs the source features, by a number or by a number per channel."""
        lead = (edge_weight.size(0),) + (1,) * (x_j.dim() - 2)
        return x_j * edge_weight.reshape(lead + (edge_weight.shape[1:] or (1,)))

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"separate_self={self.separate_self})"
        )
