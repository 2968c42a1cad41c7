from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.hop_conv import HopConv, Hops
from pyg_skeleton.nn.sums.graphs import GivenEdges
from pyg_skeleton.skeleton import GraphLike


class HighOrderConv(HopConv):
    r"""The high-order graph convolution of the `"High-order Graph Convolutional Networks for 3D
    Human Pose Estimation" <https://www.bmvc2020-conference.com/assets/papers/0550.pdf>`_ paper.

    .. math::
        \mathbf{X}' = \Bigl\Vert_{k=0}^{K} \rho_k(\mathbf{M}_k) \mathbf{X} \mathbf{W}^{(k)}

    with SemGCN's trainable weight per edge and softmax over a joint's neighbors, hop by hop. As in
    its authors' code, hop :math:`k` holds the pairs that some walk of :math:`k` steps joins, so
    that two hops include the way back.

    Args:
        in_channels (int): Size of each input feature.
        hop_channels (int): Size of each hop's output.
        skeleton (BodyGraph or str): The graph.
        order (int, optional): The highest hop :math:`K`. (default: :obj:`3`)
        fusion (str, optional): :obj:`"concat"`, or :obj:`"add"`, which the last layer of the
            paper's network does. (default: :obj:`"concat"`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})`; edges :math:`(2, E)`
          or a list with those of each hop *(optional)*; edge weights :math:`(E)` *(optional)*
        - **output:** :math:`(B \cdot V, *, (K + 1) C)`, or :math:`(B \cdot V, *, C)` if added

    Raises:
        ValueError: If :obj:`fusion` is unknown.

    Example:
        >>> conv = HighOrderConv(2, 32, "h36m17")
        >>> conv(torch.randn(17, 8, 2)).shape  # joints, poses, channels
        torch.Size([17, 8, 128])
    """

    def __init__(
        self,
        in_channels: int,
        hop_channels: int,
        skeleton: GraphLike,
        order: int = 3,
        fusion: str = "concat",
        **kwargs: Any,
    ) -> None:
        if fusion not in ("concat", "add"):
            raise ValueError(f"expected fusion 'concat' or 'add', got {fusion!r}")
        groups = [Hops(0, k, walk=True) for k in range(order + 1)]
        widths = [hop_channels] * len(groups)
        super().__init__(in_channels, widths, groups, skeleton, "hop", **kwargs)
        self.fusion, self.order = fusion, order
        self.out_channels = hop_channels * (len(groups) if fusion == "concat" else 1)
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
        graphs = self.template.dense(self.edge_weight, fill=-torch.inf).softmax(-1)
        return graphs.flatten().index_select(0, self.template.slot)

    def adjacency(self, x: Tensor, support: Tensor) -> Tensor:
        r"""Returns the softmax among given pairs, :math:`(B, K + 1, V, V)`."""
        logits = self.template.dense(self.edge_weight)
        graphs = torch.where(support, logits, -torch.inf).softmax(-1)
        return graphs.masked_fill(~support, 0.0)  # a joint may have no pair at all

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over each hop, and fuses the sums."""
        sums = self.hop_sums(x, edge_index, edge_weight)
        out = torch.cat(sums, -1) if self.fusion == "concat" else torch.stack(sums).sum(0)
        return out + self.bias

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.widths[0]}, order={self.order})"
        )
