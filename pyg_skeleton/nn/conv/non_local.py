from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.edge_template import repeat_edges
from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv, num_copies
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.skeleton import Skeleton
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
    groups, at every joint. The product with :math:`\mathbf{w}_f` is a sum of two, one per joint and
    one per group, so that no tensor of pairs is needed. The paper divides by the number of joints,
    its authors' code by the number of groups, as here. The norm starts at zero: an
    untrained layer is the identity.

    Args:
        channels (int): Size of each input and output feature.
        skeleton (Skeleton): The layout.
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
    """

    members: Tensor
    edges: Tensor

    def __init__(
        self,
        channels: int,
        skeleton: Skeleton,
        hidden_channels: int | None = None,
        groups: str | Sequence[Sequence[str]] = "pairs",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        H = channels // 2 if hidden_channels is None else hidden_channels
        self.channels, self.hidden_channels = channels, H
        ids = node_groups(skeleton, groups)
        self.num_nodes, self.num_groups = skeleton.num_joints, len(ids)
        # A short group repeats a member, which no maximum notices.
        size = max(len(group) for group in ids)
        members = torch.tensor([[*g, *g[:1] * (size - len(g))] for g in ids])
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
        for linear in (self.theta, self.phi, self.value, self.affinity, self.out):
            torch.nn.init.kaiming_normal_(linear.weight)
            if linear.bias is not None:
                torch.nn.init.zeros_(linear.bias)
        self.norm.reset_parameters()
        torch.nn.init.zeros_(self.norm.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        V, G, H = self.num_nodes, self.num_groups, self.hidden_channels
        B = num_copies(x, V)
        own, other = torch.split(self.affinity.weight, H, dim=1)  # [1, H] each
        # The joint's side needs no embedding of its own: two linear maps are one.
        bias = own @ self.theta.bias
        query = torch.nn.functional.linear(x, own @ self.theta.weight, bias)  # [B * V, *, 1]
        embedded = torch.nn.functional.linear(
            x,
            torch.cat([self.phi.weight, self.value.weight]),
            torch.cat([self.phi.bias, self.value.bias]),
        )
        phi, value = torch.split(self._pool(embedded, B), H, dim=-1)  # [B * G, *, H] each
        key = torch.nn.functional.linear(phi, other)  # [B * G, *, 1]
        if self.fused:
            R = query.numel() // (B * V)
            q = query.reshape(B, V, R).transpose(1, 2).unsqueeze(-1)  # [B, R, V, 1]
            k = key.reshape(B, G, R).transpose(1, 2).unsqueeze(-2)  # [B, R, 1, G]
            v = value.reshape(B, G, R, H).transpose(1, 2)
            h = torch.matmul((q + k).relu(), v).transpose(1, 2).reshape((*x.shape[:-1], H))
        else:
            # propagate_type: (query: Tensor, key: Tensor, value: Tensor)
            h = self.propagate(
                repeat_edges(self.edges, B, G, V),
                query=(None, query),
                key=(key, None),
                value=(value, None),
                size=(B * G, B * V),
            )
        return x + self.norm(self.out(h / G))

    def _pool(self, h: Tensor, copies: int) -> Tensor:
        h = h.reshape((copies, self.num_nodes, *h.shape[1:]))
        h = h.index_select(1, self.members.flatten())
        return torch.unflatten(h, 1, self.members.shape).amax(dim=2).flatten(0, 1)

    def message(  # type: ignore[override]
        self, query_i: Tensor, key_j: Tensor, value_j: Tensor
    ) -> Tensor:
        """A group's value, weighted by its affinity to the joint."""
        return (query_i + key_j).relu() * value_j

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.channels}, groups={self.num_groups})"
