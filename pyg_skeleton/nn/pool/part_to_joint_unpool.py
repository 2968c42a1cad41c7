from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv, num_copies
from pyg_skeleton.nn.sums.edge_template import repeat_edges
from pyg_skeleton.skeleton import BodyGraph


class PartToJointUnpool(SkeletonConv):
    r"""The part2joint matching of the `"Symbiotic Graph Neural Networks for 3D Skeleton-based
    Human Action Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper
    (section 5.1.2): each joint gets a copy of its part, as bipartite message passing.

    .. math::
        \mathbf{x}_i = \mathbf{x}_{p(i)}

    Args:
        skeleton (BodyGraph): The body with :math:`V` joints and :math:`P` parts.
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** :math:`(B \cdot P, *, C)`
        - **output:** :math:`(B \cdot V, *, C)`
    """

    edge_index: Tensor

    def __init__(self, skeleton: BodyGraph, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_joints, self.num_parts = skeleton.num_joints, len(skeleton.parts)
        edge_index = torch.stack([skeleton.part_index, torch.arange(self.num_joints)])
        self.register_buffer("edge_index", edge_index, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        V, P = self.num_joints, self.num_parts
        B = num_copies(x, P)
        if self.fused:
            out = x.reshape((B, P, *x.shape[1:])).index_select(1, self.edge_index[0])
            return out.flatten(0, 1)
        # propagate_type: (x: Tensor, edge_weight: Tensor)
        return self.propagate(
            repeat_edges(self.edge_index, B, P, V),
            x=(x, None),
            edge_weight=x.new_ones(B * V),
            size=(B * P, B * V),
        )

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.num_parts} parts to {self.num_joints} joints)"
