from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv, num_copies
from pyg_skeleton.nn.sums.edge_template import repeat_edges
from pyg_skeleton.skeleton import BodyGraph


class JointToPartPool(SkeletonConv):
    r"""The joint2part pooling of the `"Symbiotic Graph Neural Networks for 3D Skeleton-based
    Human Action Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper
    (section 5.1.2): the mean over the joints of each part, as bipartite message passing.

    .. math::
        \mathbf{x}_p = \frac{1}{|\mathcal{P}_p|} \sum_{i \in \mathcal{P}_p} \mathbf{x}_i

    Args:
        skeleton (BodyGraph): The body with :math:`V` joints and :math:`P` parts.
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** :math:`(B \cdot V, *, C)`
        - **output:** :math:`(B \cdot P, *, C)`
    """

    edge_index: Tensor
    edge_weight: Tensor

    def __init__(self, skeleton: BodyGraph, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        part = skeleton.part_index
        self.num_joints, self.num_parts = skeleton.num_joints, len(skeleton.parts)
        order = torch.argsort(part, stable=True)  # by (target, source)
        count = torch.bincount(part, minlength=self.num_parts)
        edge_index = torch.stack([order, part[order]])
        self.register_buffer("edge_index", edge_index, persistent=False)
        self.register_buffer("edge_weight", 1.0 / count[edge_index[1]], persistent=False)
        mean = torch.zeros(self.num_parts, self.num_joints)
        mean[edge_index[1], edge_index[0]] = self.edge_weight
        self.register_buffer("mean", mean, persistent=False)

    mean: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        V, P = self.num_joints, self.num_parts
        B = num_copies(x, V)
        if self.fused:
            out = torch.bmm(self.mean.to(x.dtype).expand(B, -1, -1), x.reshape(B, V, -1))
            return out.view((B * P, *x.shape[1:]))
        # propagate_type: (x: Tensor, edge_weight: Tensor)
        return self.propagate(
            repeat_edges(self.edge_index, B, V, P),
            x=(x, None),
            edge_weight=self.edge_weight.to(x.dtype).repeat(B),
            size=(B * V, B * P),
        )

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.num_joints} joints to {self.num_parts} parts)"
