from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.complete_conv import CompleteConv
from pyg_skeleton.nn.sums.copies import num_copies
from pyg_skeleton.nn.sums.graphs import GivenEdges
from pyg_skeleton.skeleton import GraphLike


class FrameAttention(torch.nn.Module):
    r"""The attention between joints, frame by frame, of :class:`SelfAttentionGraphConv`.

    Args:
        in_channels (int): Size of each input feature.
        num_nodes (int): The number of joints :math:`V`.
        heads (int, optional): The number of heads. (default: :obj:`3`)

    Shapes:
        - **input:** :math:`(B \cdot V, T, C)`
        - **output:** :math:`(B, T, K, V, V)`, targets in the rows, which sum to one
    """

    def __init__(self, in_channels: int, num_nodes: int, heads: int = 3) -> None:
        super().__init__()
        self.num_nodes, self.heads = num_nodes, heads
        self.hidden_channels = max(1, in_channels // 8)
        self.norm = torch.nn.LayerNorm(in_channels)
        self.embed = torch.nn.Linear(in_channels, 2 * heads * self.hidden_channels)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        self.norm.reset_parameters()
        self.embed.reset_parameters()
        torch.nn.init.normal_(self.embed.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Returns the attention of all pairs."""
        V, K, H = self.num_nodes, self.heads, self.hidden_channels
        h = self.embed(self.norm(x)).view(num_copies(x, V), V, -1, 2, K, H)
        target, source = h.permute(3, 0, 2, 4, 1, 5).unbind()  # [B, T, K, V, H] each
        return (target @ source.transpose(-2, -1) * H**-0.5).softmax(dim=-1)


class SelfAttentionGraphConv(CompleteConv):
    r"""The self-attention graph convolution (SA-GC) of the `"InfoGCN: Representation Learning for
    Human Skeleton-Based Action Recognition" <https://openaccess.thecvf.com/content/CVPR2022/html/
    Chi_InfoGCN_Representation_Learning_for_Human_Skeleton-Based_Action_Recognition_CVPR_2022_paper
    .html>`_ paper (equations 8 and 9).

    .. math::
        \mathbf{Y}_t = \sum_{k=1}^{K} \left( \mathbf{S}_k \odot \mathrm{softmax} \left(
        \frac{\mathbf{Q}_{k,t} \mathbf{K}_{k,t}^{\top}}{\sqrt{C'}} \right) \right)
        \mathbf{X}_t \mathbf{W}_k + \mathbf{b}_k

    Each frame has graphs of its own; the shared topology :math:`\mathbf{S}_k` is trained and
    starts, as in the authors' code, as the identity. The graph is complete and learned: see
    :class:`CompleteConv` for what given edges do.

    Args:
        in_channels (int): Size of each input feature. Queries and keys have an eighth of it, and
            at least one channel.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The layout, or any graph.
        heads (int, optional): The number :math:`K` of heads. (default: :obj:`3`)
        mask_edges (bool, optional): Whether messages pass along edges only; attention stays
            normalized over all joints. (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, T, C_{in})`, or a static batch
          :math:`(V, B, T, C_{in})`; edges :math:`(2, E)` *(optional)*; edge weights :math:`(E)`
          *(optional)*
        - **output:** the same with :math:`C_{out}` channels

    Example:
        >>> conv = SelfAttentionGraphConv(64, 64, "ntu25")
        >>> conv(torch.randn(25, 60, 64)).shape  # joints, frames, channels
        torch.Size([25, 60, 64])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        heads: int = 3,
        mask_edges: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(skeleton, mask_edges, **kwargs)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.attention = FrameAttention(in_channels, self.num_nodes, heads)
        self.shared = Parameter(torch.empty(heads, self.num_nodes, self.num_nodes))
        self.weight = Parameter(torch.empty(heads, out_channels, in_channels))
        self.bias = Parameter(torch.empty(heads, out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        self.attention.reset_parameters()
        std = (2 / (self.weight.size(0) * self.out_channels * self.in_channels)) ** 0.5
        torch.nn.init.normal_(self.weight, 0.0, std)
        torch.nn.init.zeros_(self.bias)
        with torch.no_grad():
            self.shared.copy_(torch.eye(self.num_nodes).expand_as(self.shared))

    def adjacency(self, x: Tensor) -> Tensor:
        r"""Returns the graphs of each frame, targets in the rows: :math:`(B, T, K, V, V)`."""
        return self.shared * self.attention(x)

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over all joints and heads."""
        bias = self.bias.sum(0)
        return self.sum_learned(x, edge_index, edge_weight, self.adjacency, self.weight, bias)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.in_channels}, {self.out_channels})"
