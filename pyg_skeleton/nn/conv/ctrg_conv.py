from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.complete_conv import CompleteConv, of_frames
from pyg_skeleton.nn.sums.copies import as_static, num_copies
from pyg_skeleton.nn.sums.graphs import GivenEdges
from pyg_skeleton.nn.sums.refined_sum import refined_sum, topology_sum
from pyg_skeleton.skeleton import GraphLike
from pyg_skeleton.skeleton.partition import default_strategy, partition_neighbors


class TopologyRefinement(torch.nn.Module):
    r"""The channel-wise correlations of :class:`CTRGConv`.

    .. math::
        \mathbf{Q}_k = \xi_k \left( \tanh \left( \phi_k(\bar{\mathbf{x}}_i) -
        \psi_k(\bar{\mathbf{x}}_j) \right) \right)

    of the mean :math:`\bar{\mathbf{x}}` over time, which is taken first: it commutes with the
    linear maps.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): The number of graphs of each subset.
        hidden_channels (int): The width of the embeddings.
        num_nodes (int): The number of joints :math:`V`.
        num_subsets (int, optional): The number :math:`K` of subsets. (default: :obj:`3`)

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`
        - **output:** :math:`(B, K, C_{out}, V, V)`, targets in the rows
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        hidden_channels: int,
        num_nodes: int,
        num_subsets: int = 3,
    ) -> None:
        super().__init__()
        K = num_subsets
        self.num_nodes, self.num_subsets, self.hidden_channels = num_nodes, K, hidden_channels
        self.embed = torch.nn.Linear(in_channels, 2 * K * hidden_channels)
        self.weight = Parameter(torch.empty(K, out_channels, hidden_channels))
        self.bias = Parameter(torch.empty(K, out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        torch.nn.init.normal_(self.embed.weight, 0.0, (2 / self.hidden_channels) ** 0.5)
        torch.nn.init.zeros_(self.embed.bias)
        torch.nn.init.normal_(self.weight, 0.0, (2 / self.weight.size(1)) ** 0.5)
        torch.nn.init.zeros_(self.bias)

    def pairs(self, x: Tensor) -> Tensor:
        r"""Returns the features of all pairs of joints, :math:`(B, K, C', V, V)`."""
        V, K, H = self.num_nodes, self.num_subsets, self.hidden_channels
        h = self.embed(x.mean(dim=1)).view(num_copies(x, V), V, 2, K, H).permute(2, 0, 3, 4, 1)
        target, source = h.unbind()  # [B, K, H, V] each
        return (target.unsqueeze(-1) - source.unsqueeze(-2)).tanh()

    def forward(self, x: Tensor) -> Tensor:
        """Returns the correlations of all pairs."""
        pairs = self.pairs(x)
        out = self.weight @ pairs.flatten(3) + self.bias.unsqueeze(-1)
        return torch.unflatten(out, -1, pairs.shape[-2:])


class CTRGConv(CompleteConv):
    r"""The channel-wise topology refinement graph convolution of the `"Channel-wise Topology
    Refinement Graph Convolution for Skeleton-Based Action Recognition"
    <https://arxiv.org/abs/2107.12213>`_ paper (equations 3 to 7).

    .. math::
        y_{itc} = \sum_{k=1}^{3} \sum_{j=1}^{V} \left( A_{k,ij} + \alpha Q_{k,cij} \right)
        (\mathbf{W}_k \mathbf{x}_{jt} + \mathbf{b}_k)_c

    The shared :math:`\mathbf{A}_k` is trained and starts as the physical graph (the joint itself,
    its children, its parent; the authors' code has it transposed, which their weights rely on);
    :math:`\mathbf{Q}_k` is that of :class:`TopologyRefinement`; :math:`\alpha`, one for all
    subsets, starts at zero. The graph is complete and learned: see :class:`CompleteConv` for what
    given edges do.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The layout; for a graph without a root there are two
            subsets: the joint itself, and its neighbors.
        mask_edges (bool, optional): Whether messages pass along edges only.
            (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, T, C_{in})`, or a static batch
          :math:`(V, B, T, C_{in})`; edges :math:`(2, E)` *(optional)*; edge weights :math:`(E)`
          *(optional)*
        - **output:** the same with :math:`C_{out}` channels

    Example:
        >>> conv = CTRGConv(3, 64, "ntu25")
        >>> conv(torch.randn(25, 60, 3)).shape  # joints, frames, channels
        torch.Size([25, 60, 64])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        mask_edges: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(skeleton, mask_edges, **kwargs)
        self.in_channels, self.out_channels = in_channels, out_channels
        strategy = default_strategy(self.skeleton, "directed")
        subsets = partition_neighbors(self.skeleton, strategy).transpose(1, 2).contiguous()
        self.register_buffer("subsets", subsets, persistent=False)
        K = len(subsets)
        # The authors' rule, which knows coordinates of 3 and 9 numbers.
        hidden = 8 if in_channels < 8 or in_channels == 9 else in_channels // 8
        self.refinement = TopologyRefinement(in_channels, out_channels, hidden, self.num_nodes, K)
        self.shared = Parameter(torch.empty_like(subsets))
        self.alpha = Parameter(torch.empty(1))
        self.weight = Parameter(torch.empty(K, out_channels, in_channels))
        self.bias = Parameter(torch.empty(K, out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        self.refinement.reset_parameters()
        torch.nn.init.normal_(self.weight, 0.0, (2 / self.out_channels) ** 0.5)
        torch.nn.init.zeros_(self.bias)
        torch.nn.init.zeros_(self.alpha)
        with torch.no_grad():
            self.shared.copy_(self.subsets)

    def adjacency(self, x: Tensor) -> Tensor:
        r"""Returns the graphs of each clip, targets in the rows: :math:`(B, K, C_{out}, V, V)`."""
        return self.shared.unsqueeze(1) + self.alpha * self.refinement(x)

    @of_frames
    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over all joints and subsets."""
        h, edges = self.union(x, edge_index, edge_weight)
        graphs = self.given(h, edges)
        if graphs is not None:
            adj = self.weigh(self.adjacency(h), graphs).transpose(1, 2)
            out = self.sum_edges(
                h,
                adj,
                self.weight,
                graphs,
                self.support(graphs),
                inner_bias=self.bias,
                channelwise=True,
            )
        elif self.mask_edges or self.refinement._forward_hooks:
            # A hook, SkeletonGCL's for example, wants the graphs.
            out = topology_sum(h, self.weigh(self.adjacency(h), None), self.weight, self.bias)
        else:
            mix, bias = self.alpha * self.refinement.weight, self.alpha * self.refinement.bias
            base = self.shared.unsqueeze(1) + bias[..., None, None]
            out = refined_sum(h, self.refinement.pairs(h), base, mix, self.weight, self.bias)
        return as_static(out, x.size(1)) if x.dim() == 4 else out

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.in_channels}, {self.out_channels})"
