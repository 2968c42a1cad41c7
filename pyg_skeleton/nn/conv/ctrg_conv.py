from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch_geometric.typing import Adj

from pyg_skeleton.nn.conv.skeleton_conv import (
    SkeletonConv,
    as_edge_index,
    as_static,
    as_union,
    num_copies,
)
from pyg_skeleton.nn.sums.edge_template import complete_edges, repeat_edges
from pyg_skeleton.nn.sums.refined_sum import refined_sum
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.partition import partition_neighbors


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

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`
        - **output:** :math:`(B, 3, C_{out}, V, V)`, targets in the rows
    """

    def __init__(
        self, in_channels: int, out_channels: int, hidden_channels: int, num_nodes: int
    ) -> None:
        super().__init__()
        self.num_nodes, self.hidden_channels = num_nodes, hidden_channels
        self.graph_size, self.averaged_dim = 3 * num_nodes**2, 2  # of the mean over channels
        self.embed = torch.nn.Linear(in_channels, 2 * 3 * hidden_channels)
        self.weight = Parameter(torch.empty(3, out_channels, hidden_channels))
        self.bias = Parameter(torch.empty(3, out_channels))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        torch.nn.init.normal_(self.embed.weight, 0.0, (2 / self.hidden_channels) ** 0.5)
        torch.nn.init.zeros_(self.embed.bias)
        torch.nn.init.normal_(self.weight, 0.0, (2 / self.weight.size(1)) ** 0.5)
        torch.nn.init.zeros_(self.bias)

    def pairs(self, x: Tensor) -> Tensor:
        r"""Returns the features of all pairs of joints, :math:`(B, 3, C', V, V)`."""
        V, H = self.num_nodes, self.hidden_channels
        h = self.embed(x.mean(dim=1)).view(num_copies(x, V), V, 2, 3, H).permute(2, 0, 3, 4, 1)
        target, source = h.unbind()  # [B, 3, H, V] each
        return (target.unsqueeze(-1) - source.unsqueeze(-2)).tanh()

    def forward(self, x: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        pairs = self.pairs(x)
        out = self.weight @ pairs.flatten(3) + self.bias.unsqueeze(-1)
        return torch.unflatten(out, -1, pairs.shape[-2:])


class CTRGConv(SkeletonConv):
    r"""The channel-wise topology refinement graph convolution of the `"Channel-wise Topology
    Refinement Graph Convolution for Skeleton-Based Action Recognition"
    <https://arxiv.org/abs/2107.12213>`_ paper (equations 3 to 7).

    .. math::
        y_{itc} = \sum_{k=1}^{3} \sum_{j=1}^{V} \left( A_{k,ij} + \alpha Q_{k,cij} \right)
        (\mathbf{W}_k \mathbf{x}_{jt} + \mathbf{b}_k)_c

    The shared :math:`\mathbf{A}_k` is trained and starts as the physical graph (the joint itself,
    its children, its parent; the authors' code has it transposed, which their weights rely on);
    :math:`\mathbf{Q}_k` is that of :class:`TopologyRefinement`; :math:`\alpha`, one for all
    subsets, starts at zero.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (Skeleton): The layout.
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`, optionally edges; or a static batch
          :math:`(V, B, T, C_{in})`
        - **output:** the same with :math:`C_{out}` channels
    """

    def __init__(
        self, in_channels: int, out_channels: int, skeleton: Skeleton, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.num_nodes = skeleton.num_joints
        subsets = partition_neighbors(skeleton, "directed").transpose(1, 2).contiguous()
        self.register_buffer("subsets", subsets, persistent=False)
        # The authors' rule, which knows coordinates of 3 and 9 numbers.
        hidden = 8 if in_channels < 8 or in_channels == 9 else in_channels // 8
        self.refinement = TopologyRefinement(in_channels, out_channels, hidden, self.num_nodes)
        self.shared = Parameter(torch.empty_like(subsets))
        self.alpha = Parameter(torch.empty(1))
        self.weight = Parameter(torch.empty(3, out_channels, in_channels))
        self.bias = Parameter(torch.empty(3, out_channels))
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
        r"""Returns the graphs of each clip, targets in the rows: :math:`(B, 3, C_{out}, V, V)`."""
        return self.shared.unsqueeze(1) + self.alpha * self.refinement(x)

    def forward(self, x: Tensor, edge_index: Adj | None = None) -> Tensor:
        """Runs the forward pass of the module."""
        if x.dim() == 4:
            return as_static(self(as_union(x)), x.size(1))
        V = self.num_nodes
        if edge_index is None and self.fused:
            if self.refinement._forward_hooks:  # somebody, SkeletonGCL say, wants the graphs
                return self._sum(x, self.adjacency(x))
            mix, bias = self.alpha * self.refinement.weight, self.alpha * self.refinement.bias
            base = self.shared.unsqueeze(1) + bias[..., None, None]
            return refined_sum(x, self.refinement.pairs(x), base, mix, self.weight, self.bias)
        adj = self.adjacency(x)
        if edge_index is None:
            edges = repeat_edges(complete_edges(V, x.device), num_copies(x, V), V, V)
        else:
            edges = as_edge_index(edge_index)
        out = x.new_zeros(())
        for k in range(3):
            h = x @ self.weight[k].t() + self.bias[k]
            graph = adj[edges[1] // V, k, :, edges[1] % V, edges[0] % V]
            # propagate_type: (x: Tensor, edge_weight: Tensor)
            size = (x.size(0), x.size(0))
            out = out + self.propagate(edges, x=h, edge_weight=graph.unsqueeze(1), size=size)
        return out

    def _sum(self, x: Tensor, adj: Tensor) -> Tensor:
        B, V, D = adj.size(0), self.num_nodes, self.out_channels
        source = x.reshape(B, V * x.size(1), -1).transpose(1, 2)
        out = x.new_zeros(())
        for k in range(3):
            h = self.weight[k] @ source + self.bias[k].unsqueeze(-1)  # [B, D, V * T]
            out = out + torch.bmm(adj[:, k].reshape(B * D, V, V), h.view(B * D, V, -1))
        return out.view(B, D, V, -1).permute(0, 2, 3, 1).reshape(B * V, -1, D)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.in_channels}, {self.out_channels})"
