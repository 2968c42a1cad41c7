from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.skeleton_conv import num_copies
from pyg_skeleton.nn.conv.vanilla_g_conv import VanillaGConv
from pyg_skeleton.skeleton import BodyGraph


class SemGConv(VanillaGConv):
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
        skeleton (BodyGraph): The graph.
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
          :math:`(V, *, C_{in})`, a static batch; optionally edges, each one of the graph's (a joint
          always sees itself, with or without a self-loop)
        - **output:** :math:`(B \cdot V, *, C_{out})`

    Raises:
        ValueError: If :obj:`init` is unknown, or an edge is none of the graph's.
    """

    edge_weight: Parameter
    closed: Tensor
    place: Tensor
    source: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: BodyGraph,
        channelwise: bool = False,
        separate_self: bool = True,
        bias: bool = True,
        init: str = "official",
        **kwargs: Any,
    ) -> None:
        self.channelwise = channelwise
        super().__init__(
            in_channels, out_channels, skeleton, separate_self, True, bias, init, **kwargs
        )
        V, target = self.template.num_nodes, self.template.edge_index[1]
        self.register_buffer("closed", torch.full((V * V,), -torch.inf), persistent=False)
        # With a softmax per channel, rows are only as long as the most edges that any joint has.
        self.row_length = int(torch.bincount(target).max())
        place = torch.arange(target.numel()) - torch.searchsorted(target, target)
        self.register_buffer("place", place + target * self.row_length, persistent=False)
        # Of the features that a joint has per matrix, the first are for itself.
        other = torch.ones_like(target).index_fill(0, self.loop_edges, 0)
        source = self.template.edge_index[0] * len(self.weight) + other * separate_self
        self.register_buffer("source", source, persistent=False)

    def _edge_parameter(self) -> Parameter:
        size = (self.out_channels,) if self.channelwise else ()
        return Parameter(torch.empty((*size, self.template.num_edges)))

    def _bias_bound(self) -> float:
        # The authors' two classes differ here.
        return (self.in_channels if self.channelwise else self.out_channels) ** -0.5

    def normalized_weight(self) -> Tensor:
        r"""Returns the softmax :math:`P` of each edge, self-loops included: :math:`(E)`, or
        :math:`(C_{out}, E)`.
        """
        if not self.channelwise:
            return self.adjacency().flatten().index_select(0, self.template.slot)
        return self._channel_weight().t()

    def _channel_weight(self) -> Tensor:
        V, M = self.template.num_nodes, self.edge_weight.t().contiguous()
        rows = M.new_full((V * self.row_length, M.size(1)), -torch.inf).index_copy(0, self.place, M)
        rows = torch.unflatten(rows, 0, (V, self.row_length)).softmax(dim=1)
        return rows.flatten(0, 1).index_select(0, self.place)

    def adjacency(self) -> Tensor:
        r"""Returns the learned graph, targets in the rows: :math:`(V, V)`, or
        :math:`(C_{out}, V, V)`.
        """
        if self.channelwise:
            return super().adjacency()
        V = self.template.num_nodes
        rows = self.closed.index_copy(0, self.template.slot, self.edge_weight)
        return rows.view(V, V).softmax(dim=-1)

    def _fused(self, x: Tensor) -> Tensor:
        if not self.channelwise:
            return super()._fused(x)
        (G, D, _), V = self.weight.shape, self.template.num_nodes
        B = num_copies(x, V)
        h = torch.nn.functional.linear(x, self.weight.flatten(0, 1)).reshape(B, V, -1, G, D)
        h = h.transpose(2, 3).flatten(1, 2).index_select(1, self.source)  # [B, E, *, D]
        h = h * self._channel_weight().unsqueeze(1)
        out = h.new_zeros(D) if self.bias is None else self.bias
        out = out.expand(B, V, h.size(2), D).index_add(1, self.template.edge_index[1], h)
        return out.view((*x.shape[:-1], D))

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"channelwise={self.channelwise})"
        )
