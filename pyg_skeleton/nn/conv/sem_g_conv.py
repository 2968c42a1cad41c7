from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.conv.vanilla_g_conv import (
    check_init,
    draw_weights,
    own_sum,
)
from pyg_skeleton.nn.sums.channel_sum import channel_sum, edge_softmax
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.nn.sums.graphs import GivenEdges, Graphs
from pyg_skeleton.skeleton import GraphLike, as_graph


class SemGConv(SkeletonConv):
    r"""The semantic graph convolution of the `"Semantic Graph Convolutional Networks for 3D Human
    Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper (equations 2, 3 and 9).

    .. math::
        \mathbf{X}' = \mathrm{diag}(\mathbf{P}) \mathbf{X} \mathbf{W}_0 +
        (\mathbf{P} - \mathrm{diag}(\mathbf{P})) \mathbf{X} \mathbf{W}_1, \qquad
        P_{ij} = \underset{j \in \mathcal{N}(i) \cup \{i\}}{\mathrm{softmax}} M_{ij}

    with one trainable :math:`M_{ij}` per edge (equation 2), or one per edge and output channel
    (:obj:`channelwise=True`, equation 3), initially one: the mean over a joint and its neighbors.
    The paper's text has one matrix :math:`\mathbf{W}`, its appendix, its parameter counts and its
    authors' code have two; :obj:`separate_self=False` is the former.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The graph.
        channelwise (bool, optional): Learn edge weights per output channel.
            (default: :obj:`False`)
        separate_self (bool, optional): One matrix for a joint itself, another for its neighbors.
            (default: :obj:`True`)
        bias (bool, optional): Whether to add a bias. (default: :obj:`True`)
        init (str, optional): :obj:`"official"` or :obj:`"glorot"`, see :class:`VanillaGConv`.
            (default: :obj:`"official"`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})`, a union of copies, or
          :math:`(V, *, C_{in})`, a static batch; edges :math:`(2, E)` *(optional)*, over which
          the softmax runs (a joint always sees itself, with or without a self-loop); edge weights
          :math:`(E)` *(optional)*, by which :math:`P_{ij}` is multiplied
        - **output:** :math:`(B \cdot V, *, C_{out})`

    Raises:
        ValueError: If :obj:`init` is unknown, or an edge has no :math:`M_{ij}`.

    Example:
        >>> conv = SemGConv(2, 64, "h36m16")
        >>> conv(torch.randn(16, 8, 2)).shape  # joints, poses, channels
        torch.Size([16, 8, 64])
    """

    itself: Tensor
    relations: Tensor
    place: Tensor
    source: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        channelwise: bool = False,
        separate_self: bool = True,
        bias: bool = True,
        init: str = "official",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_init(init)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.skeleton = as_graph(skeleton)
        self.channelwise, self.separate_self = channelwise, separate_self
        self.init = init
        edges = self.skeleton.edge_index(self_loops=True)
        self.template = EdgeTemplate([edges], self.skeleton.num_joints)
        itself = torch.eye(self.skeleton.num_joints, dtype=torch.bool)
        self.register_buffer("itself", itself, persistent=False)
        pairs = [itself, ~itself] if separate_self else [itself | True]
        relations = torch.stack(pairs, dim=2).to(torch.get_default_dtype())
        self.register_buffer("relations", relations, persistent=False)
        # Of the features that a joint has per matrix, the first are for itself.
        source = edges[0] * (1 + separate_self) + (edges[0] != edges[1]) * separate_self
        self.register_buffer("source", source, persistent=False)
        # With a softmax per channel, rows are only as long as the most edges that any joint has.
        place = torch.arange(edges.size(1)) - torch.searchsorted(edges[1], edges[1])
        self.row_length = int(place.max()) + 1
        place += edges[1] * self.row_length
        self.register_buffer("place", place, persistent=False)
        size = (out_channels,) if channelwise else ()
        self.edge_weight = Parameter(torch.empty((*size, self.template.num_edges)))
        self.weight = Parameter(torch.empty(1 + separate_self, out_channels, in_channels))
        self.bias = Parameter(torch.empty(out_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        draw_weights(self.weight, self.init)
        torch.nn.init.ones_(self.edge_weight)
        if self.bias is not None:  # The authors' two classes differ here.
            bound = (self.in_channels if self.channelwise else self.out_channels) ** -0.5
            torch.nn.init.uniform_(self.bias, -bound, bound)

    def adjacency(self, graphs: Graphs | None = None) -> Tensor:
        r"""Returns the learned graph :math:`\mathbf{P}`, targets in the rows: :math:`(V, V)`, or
        :math:`(C_{out}, V, V)`; those of given graphs :math:`(B, V, V)` or
        :math:`(B, C_{out}, V, V)`.
        """
        weight = self.template.dense(self.edge_weight, fill=-torch.inf).squeeze(-3)
        if graphs is None:
            return weight.softmax(dim=-1)
        self.template.check(graphs.near.unsqueeze(1))
        near, factor = graphs.near, graphs.factor()
        if self.channelwise:
            near, factor = near.unsqueeze(1), factor.unsqueeze(1)
        return torch.where(near, weight, -torch.inf).softmax(dim=-1) * factor

    def normalized_weight(self) -> Tensor:
        r"""Returns the softmax :math:`P` of each edge, self-loops included: :math:`(E)`, or
        :math:`(C_{out}, E)`.
        """
        if self.channelwise:
            V = self.template.num_nodes
            return edge_softmax(self.edge_weight.t(), self.place, V, self.row_length).t()
        return self.adjacency().flatten().index_select(0, self.template.slot)

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over the neighbors and the joint itself."""
        graphs = self.given(x, edge_index, edge_weight)
        if graphs is None and self.channelwise:
            V, target = self.template.num_nodes, self.template.edge_index[1]
            weight = edge_softmax(self.edge_weight.t(), self.place, V, self.row_length)
            return channel_sum(x, self.source, target, weight, self.weight, V, self.bias)
        if graphs is None:
            adj = self.adjacency().unsqueeze(-1) * self.relations  # [V, V, 1 or 2]
            return self.sum_edges(x, adj.movedim(-1, 0), self.weight, bias=self.bias)
        adj, support = self.adjacency(graphs), graphs.near & ~self.itself
        own = own_sum(x, adj, self.weight[0], graphs.copies)
        weight, adj = self.weight[-1:], adj.unsqueeze(-3)
        support = support.unsqueeze(1)
        return own + self.sum_edges(
            x, adj, weight, graphs, support, self.bias, channelwise=self.channelwise
        )

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"channelwise={self.channelwise})"
        )
