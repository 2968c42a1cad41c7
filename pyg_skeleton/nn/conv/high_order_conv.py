from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.hop_conv import HopConv
from pyg_skeleton.skeleton import BodyGraph


class HighOrderConv(HopConv):
    r"""The high-order graph convolution of the `"High-order Graph Convolutional Networks for 3D
    Human Pose Estimation" <https://www.bmvc2020-conference.com/assets/papers/0550.pdf>`_ paper.

    .. math::
        \mathbf{X}' = \Big\Vert_{k=0}^{K} \rho_k(\mathbf{M}_k) \mathbf{X} \mathbf{W}^{(k)}

    with SemGCN's trainable weight per edge and softmax over a joint's neighbors, hop by hop. As in
    its authors' code, hop :math:`k` holds the pairs that some walk of :math:`k` steps joins, so
    that two hops include the way back.

    Args:
        in_channels (int): Size of each input feature.
        hop_channels (int): Size of each hop's output.
        skeleton (BodyGraph): The graph.
        order (int, optional): The highest hop :math:`K`. (default: :obj:`3`)
        fusion (str, optional): :obj:`"concat"`, or :obj:`"add"`, which the last layer of the
            paper's network does. (default: :obj:`"concat"`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** :math:`(B \cdot V, *, C_{in})`, optionally a list of edges, one set per hop
        - **output:** :math:`(B \cdot V, *, (K + 1) C)`, or :math:`(B \cdot V, *, C)` if added

    Raises:
        ValueError: If :obj:`fusion` is unknown.
    """

    def __init__(
        self,
        in_channels: int,
        hop_channels: int,
        skeleton: BodyGraph,
        order: int = 3,
        fusion: str = "concat",
        **kwargs: Any,
    ) -> None:
        if fusion not in ("concat", "add"):
            raise ValueError(f"expected fusion 'concat' or 'add', got {fusion!r}")
        edges = _walks(skeleton, order)
        widths = [hop_channels] * len(edges)
        super().__init__(in_channels, widths, edges, skeleton, "hop", **kwargs)
        self.fusion, self.order = fusion, order
        self.out_channels = hop_channels * (len(edges) if fusion == "concat" else 1)
        self.edge_weight = Parameter(torch.empty(self.template.num_edges))
        self.bias = Parameter(torch.empty(self.out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        # One draw for all hops, as SemGCN's authors initialize their two matrices.
        K, C, D = len(self.weights), self.in_channels, self.widths[0]
        bound = 1.414 * (6 / (C * D + K * D)) ** 0.5
        for weight in self.weights:
            torch.nn.init.uniform_(weight, -bound, bound)
        torch.nn.init.ones_(self.edge_weight)
        torch.nn.init.uniform_(self.bias, -(D**-0.5), D**-0.5)

    def edge_weights(self, x: Tensor) -> Tensor:
        """Returns the softmax of each edge's weight among those of its hop and target."""
        V, G = self.template.num_nodes, self.template.num_relations
        slot = self.template.slot
        logits = self.edge_weight.new_full((G * V * V,), -torch.inf)
        logits = logits.index_copy(0, slot, self.edge_weight).view(G, V, V)
        return logits.softmax(-1).flatten().index_select(0, slot)

    def forward(self, x: Tensor, edge_index: Any = None) -> Tensor:
        """Runs the forward pass of the module."""
        sums = self.hop_sums(x, edge_index, list(self.weights))
        out = torch.cat(sums, -1) if self.fusion == "concat" else torch.stack(sums).sum(0)
        return out + self.bias

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.widths[0]}, order={self.order})"
        )


def _walks(skeleton: BodyGraph, order: int) -> list[Tensor]:
    adjacency = (skeleton.distances == 1).long()
    power, edges = torch.eye(skeleton.num_joints, dtype=torch.long), []
    for _ in range(order + 1):
        target, source = power.nonzero().t()
        edges.append(torch.stack([source, target]))
        power = ((power @ adjacency) > 0).long()
    return edges
