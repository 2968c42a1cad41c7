from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.complete_conv import CompleteConv, of_frames
from pyg_skeleton.nn.sums.copies import num_copies
from pyg_skeleton.nn.sums.graphs import GivenEdges
from pyg_skeleton.skeleton import GraphLike
from pyg_skeleton.skeleton.partition import default_strategy, partition_neighbors


class JointSimilarity(torch.nn.Module):
    r"""Products of embedded joints, from which :class:`AdaptiveGraphConv` makes its graphs.

    Args:
        in_channels (int): Size of each input feature.
        hidden_channels (int): The width of the embeddings.
        num_nodes (int): The number of joints :math:`V`.
        num_subsets (int, optional): The number of graphs. (default: :obj:`3`)

    Shapes:
        - **input:** :math:`(B \cdot V, T, C)`
        - **output:** :math:`(B, K, V, V)`, targets in the rows
    """

    def __init__(
        self, in_channels: int, hidden_channels: int, num_nodes: int, num_subsets: int = 3
    ) -> None:
        super().__init__()
        self.num_nodes, self.num_subsets = num_nodes, num_subsets
        self.hidden_channels = hidden_channels
        self.embed = torch.nn.Linear(in_channels, 2 * num_subsets * hidden_channels)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        torch.nn.init.normal_(self.embed.weight, 0.0, (2 / self.hidden_channels) ** 0.5)
        torch.nn.init.zeros_(self.embed.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the products of all pairs."""
        V, K, H = self.num_nodes, self.num_subsets, self.hidden_channels
        B, T = num_copies(x, V), x.size(1)
        h = self.embed(x).view(B, V, T, 2, K, H).permute(3, 0, 4, 1, 2, 5)
        source, target = h.reshape(2, B, K, V, T * H)
        return target @ source.transpose(2, 3)


class AdaptiveGraphConv(CompleteConv):
    r"""The adaptive graph convolution of the `"Two-Stream Adaptive Graph Convolutional Networks for
    Skeleton-Based Action Recognition" <https://arxiv.org/abs/1805.07694>`_ paper (equation 3), and
    that of its successor, the `"Skeleton-Based Action Recognition with Multi-Stream Adaptive Graph
    Convolutional Networks" <https://arxiv.org/abs/1912.06971>`_.

    .. math::
        \mathbf{Y} = \sum_{k=1}^{3} (\mathbf{A}_k + \mathbf{B}_k + \mathbf{C}_k) \mathbf{X}
        \mathbf{W}_k + \mathbf{b}_k, \qquad \mathbf{C}_k = \mathrm{softmax} \left(
        \frac{\phi_k(\mathbf{X}) \theta_k(\mathbf{X})^{\top}}{C' T} \right)

    with the physical :math:`\mathbf{A}_k` (parents, children, the joint itself), a learned
    :math:`\mathbf{B}_k`, and :math:`\mathbf{C}_k` of each clip, normalized over the sources. With
    :obj:`attention="tanh"` (AAGCN), :math:`\mathbf{B}_k` starts as :math:`\mathbf{A}_k` and stands
    alone, and :math:`\alpha \tanh(\cdot)` with a trained :math:`\alpha`, initially zero, takes the
    place of the softmax. The graph is complete and learned: see :class:`CompleteConv` for what
    given edges do.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature. The embeddings have a quarter of it, and
            at least one channel.
        skeleton (BodyGraph or str): The layout; for a graph without a root there are two
            subsets: the joint itself, and its neighbors.
        attention (str, optional): :obj:`"softmax"` or :obj:`"tanh"`. (default: :obj:`"softmax"`)
        mask_edges (bool, optional): Whether messages pass along edges only.
            (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, T, C_{in})`, or a static batch
          :math:`(V, B, T, C_{in})`; edges :math:`(2, E)` *(optional)*; edge weights :math:`(E)`
          *(optional)*
        - **output:** the same with :math:`C_{out}` channels

    Raises:
        ValueError: If :obj:`attention` is unknown.

    Example:
        >>> conv = AdaptiveGraphConv(3, 64, "ntu25")
        >>> conv(torch.randn(25, 60, 3)).shape  # joints, frames, channels
        torch.Size([25, 60, 64])
    """

    counts: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        attention: str = "softmax",
        mask_edges: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(skeleton, mask_edges, **kwargs)
        if attention not in ("softmax", "tanh"):
            raise ValueError(f"expected attention 'softmax' or 'tanh', got {attention!r}")
        self.in_channels, self.out_channels, self.attention = in_channels, out_channels, attention
        strategy = default_strategy(self.skeleton, "directed")
        subsets = partition_neighbors(self.skeleton, strategy)
        # Whole numbers, and infinity for a weight of 0, so that a network converted to double
        # precision is exact.
        counts = subsets.reciprocal().round().to(torch.get_default_dtype())
        self.register_buffer("counts", counts, persistent=False)
        K, hidden = len(subsets), max(1, out_channels // 4)
        self.similarity = JointSimilarity(in_channels, hidden, self.num_nodes, K)
        self.learned = Parameter(torch.empty_like(counts))
        self.alpha = Parameter(torch.empty(1)) if attention == "tanh" else None
        self.weight = Parameter(torch.empty(K, out_channels, in_channels))
        self.bias = Parameter(torch.empty(K, out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        self.similarity.reset_parameters()
        std = (2 / self.weight.numel()) ** 0.5
        torch.nn.init.normal_(self.weight, 0.0, std)
        torch.nn.init.zeros_(self.bias)
        if self.alpha is None:
            torch.nn.init.constant_(self.learned, 1e-6)
        else:
            torch.nn.init.zeros_(self.alpha)
            with torch.no_grad():
                self.learned.copy_(self.counts.reciprocal())

    def adjacency(self, x: Tensor) -> Tensor:
        r"""Returns the graphs of each clip, targets in the rows: :math:`(B, K, V, V)`."""
        return self.graphs(self.similarity(x) / (self.similarity.hidden_channels * x.size(1)))

    def graphs(self, similarity: Tensor) -> Tensor:
        r"""Returns the graphs for mean products of joints, :math:`(B, K, V, V)` both."""
        if self.alpha is None:
            return self.counts.reciprocal() + self.learned + similarity.softmax(dim=-1)
        return self.learned + self.alpha * similarity.tanh()

    @of_frames
    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over all joints and subsets."""
        bias = self.bias.sum(0)
        return self.sum_learned(x, edge_index, edge_weight, self.adjacency, self.weight, bias)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"attention={self.attention!r})"
        )
