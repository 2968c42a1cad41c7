from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.sums.copies import num_copies, repeat_edges
from pyg_skeleton.nn.sums.group_sum import group_sum, max_of
from pyg_skeleton.skeleton import GraphLike, as_graph
from pyg_skeleton.skeleton.grouping import node_groups


class NonLocal(SkeletonConv):
    r"""The non-local layer of the `"Semantic Graph Convolutional Networks for 3D Human Pose
    Regression" <https://arxiv.org/abs/1904.03345>`_ paper (equations 4 and 10).

    .. math::
        \mathbf{x}'_i = \mathbf{x}_i + \mathrm{BN} \left( \frac{\mathbf{W}_x}{G} \sum_{g=1}^{G}
        f_{ig} \, \max_{j \in g} \mathbf{W}_g \mathbf{x}_j \right), \qquad
        f_{ig} = \mathrm{ReLU} \left( \mathbf{w}_f^{\top} \left[ \mathbf{W}_{\theta} \mathbf{x}_i
        \, \Vert \, \max_{j \in g} \mathbf{W}_{\phi} \mathbf{x}_j \right] \right)

    Every joint looks at :math:`G` groups of joints, each a maximum over its members; without
    groups, at every joint. Edges have no part in it. The product with :math:`\mathbf{w}_f` is a sum
    of two, one per joint and one per group, so that no tensor of pairs is needed. The paper divides
    by the number of joints, its authors' code by the number of groups, as here. The norm starts at
    zero: an untrained layer is the identity.

    Args:
        channels (int): Size of each input and output feature.
        skeleton (BodyGraph or str): The layout, or any graph.
        hidden_channels (int, optional): Size of the embeddings.
            (default: half of :obj:`channels`)
        groups (str or sequence, optional): :obj:`"pairs"`, the paper's groups for any layout (see
            :func:`~pyg_skeleton.skeleton.node_groups`); :obj:`"none"`; or lists of joint names that
            cover every joint once. (default: :obj:`"pairs"`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** :math:`(B \cdot V, *, C)`
        - **output:** :math:`(B \cdot V, *, C)`

    Raises:
        ValueError: If a joint is in no group or in two.

    Example:
        >>> layer = NonLocal(64, "h36m16")
        >>> layer(torch.randn(16, 8, 64)).shape  # joints, poses, channels
        torch.Size([16, 8, 64])
    """

    members: Tensor
    edges: Tensor

    def __init__(
        self,
        channels: int,
        skeleton: GraphLike,
        hidden_channels: int | None = None,
        groups: str | Sequence[Sequence[str]] = "pairs",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        H = channels // 2 if hidden_channels is None else hidden_channels
        self.channels, self.in_channels, self.hidden_channels = channels, channels, H
        self.skeleton = as_graph(skeleton)
        ids = node_groups(self.skeleton, groups)
        self.num_nodes, self.num_groups = self.skeleton.num_joints, len(ids)
        # A short group repeats a member, which does not change its maximum.
        size = max(len(group) for group in ids)
        members = torch.tensor([[*g, *g[:1] * (size - len(g))] for g in ids]).t().contiguous()
        self.register_buffer("members", members, persistent=False)
        target = torch.arange(self.num_nodes).repeat_interleave(self.num_groups)
        source = torch.arange(self.num_groups).repeat(self.num_nodes)
        self.register_buffer("edges", torch.stack([source, target]), persistent=False)
        self.theta = torch.nn.Linear(channels, H)
        self.phi = torch.nn.Linear(channels, H)
        self.value = torch.nn.Linear(channels, H)
        self.affinity = torch.nn.Linear(2 * H, 1, bias=False)
        self.out = torch.nn.Linear(H, channels)
        self.norm = ChannelBatchNorm(channels)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        for layer in (self.theta, self.phi, self.value, self.affinity, self.out):
            torch.nn.init.kaiming_normal_(layer.weight)
            if layer.bias is not None:
                torch.nn.init.zeros_(layer.bias)
        self.norm.reset_parameters()
        torch.nn.init.zeros_(self.norm.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Adds what each joint gets from all groups."""
        self.check_input(x)
        V, G, H = self.num_nodes, self.num_groups, self.hidden_channels
        B = num_copies(x, V)
        if self.fused and x.dim() > 2:
            # Each frame is treated like a copy of the body.
            frames = x.reshape(B, V, -1, x.size(-1)).transpose(1, 2)
            out = self(frames.flatten(0, 2)).view(frames.shape)
            return out.transpose(1, 2).reshape(x.shape)
        own, other = torch.split(self.affinity.weight, H, dim=1)  # [1, H] each
        # Smaller products: the joint's side is one linear map instead of two, and W_x maps groups,
        # which are fewer than joints.
        query = linear(x, own @ self.theta.weight, own @ self.theta.bias)  # [B * V, *, 1]
        key = linear(self._pool(self.phi(x), B), other)  # [B, G, *, 1]
        value = linear(self._pool(self.value(x), B), self.out.weight)  # [B, G, *, C]
        if self.fused:
            h = group_sum(query.view(B, V, 1), key, value, self.out.bias).view(x.shape)
        else:
            # propagate_type: (query: Tensor, key: Tensor, value: Tensor)
            h = self.propagate(
                repeat_edges(self.edges, B, G, V),
                query=(None, query),
                key=(key.flatten(0, 1), None),
                value=(value.flatten(0, 1), None),
                size=(B * G, B * V),
            )
            h = self.out.bias + h / G
        return x + self.norm(h)

    def _pool(self, h: Tensor, copies: int) -> Tensor:
        return max_of(h.view(copies, self.num_nodes, *h.shape[1:]), self.members)

    def message(  # type: ignore[override]
        self, query_i: Tensor, key_j: Tensor, value_j: Tensor
    ) -> Tensor:
        """A group's value, weighted by its affinity to the joint."""
        return (query_i + key_j).relu() * value_j

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.channels}, groups={self.num_groups})"
