from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

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
    (:obj:`channelwise=True`, equation 3), initially one: the mean over a joint and its neighbours.
    The paper's text has one matrix :math:`\mathbf{W}`, its appendix, its parameter counts and its
    authors' code have two; :obj:`separate_self=False` is the former.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph): The graph.
        channelwise (bool, optional): Learn edge weights per output channel.
            (default: :obj:`False`)
        separate_self (bool, optional): One matrix for a joint itself, another for its neighbours.
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
        V = self.template.num_nodes
        logits = self.edge_weight.new_full((*self.edge_weight.shape[:-1], V * V), -torch.inf)
        logits = logits.index_copy(-1, self.template.slot, self.edge_weight)
        weight = torch.unflatten(logits, -1, (V, V)).softmax(-1).flatten(-2)
        return weight.index_select(-1, self.template.slot)

    def adjacency(self) -> Tensor:
        r"""Returns the learned graph, targets in the rows: :math:`(V, V)`, or
        :math:`(C_{out}, V, V)`.
        """
        return super().adjacency()

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"channelwise={self.channelwise})"
        )
