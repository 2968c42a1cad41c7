from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.sums.copies import num_copies, repeat_edges
from pyg_skeleton.skeleton import GraphLike, as_graph


class PartToJointUnpool(SkeletonConv):
    r"""The part2joint matching of the `"Symbiotic Graph Neural Networks for 3D Skeleton-based
    Human Action Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper
    (section 5.1.2): each joint gets a copy of its part, as bipartite message passing.

    .. math::
        \mathbf{x}_i = \mathbf{x}_{p(i)}

    Args:
        skeleton (BodyGraph or str): The body with :math:`V` joints and :math:`P` parts.
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot P, *, C)`; edges from parts to joints
          :math:`(2, E)` *(optional)*
        - **output:** :math:`(B \cdot V, *, C)`

    Example:
        >>> unpool = PartToJointUnpool("ntu25")
        >>> unpool(torch.randn(10, 60, 64)).shape  # parts, frames, channels
        torch.Size([25, 60, 64])
    """

    edge_index: Tensor

    def __init__(self, skeleton: GraphLike, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.skeleton = as_graph(skeleton)
        self.num_joints, self.num_parts = self.skeleton.num_joints, len(self.skeleton.parts)
        edge_index = torch.stack([self.skeleton.part_index, torch.arange(self.num_joints)])
        self.register_buffer("edge_index", edge_index, persistent=False)

    def forward(self, x: Tensor, edge_index: Tensor | None = None) -> Tensor:
        """Copies the features of each part to its joints."""
        V, P = self.num_joints, self.num_parts
        B = num_copies(x, P)
        if edge_index is None and self.fused:
            out = x.reshape((B, P, *x.shape[1:])).index_select(1, self.edge_index[0])
            return out.flatten(0, 1)
        if edge_index is None:
            edge_index = repeat_edges(self.edge_index, B, P, V)
        ones = x.new_ones(edge_index.size(1))
        # propagate_type: (x: Tensor, edge_weight: Tensor)
        return self.propagate(edge_index, x=(x, None), edge_weight=ones, size=(B * P, B * V))

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.num_parts} parts to {self.num_joints} joints)"
