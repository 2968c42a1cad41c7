from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.skeleton_conv import SkeletonConv
from pyg_skeleton.nn.sums.copies import num_copies, repeat_edges
from pyg_skeleton.skeleton import GraphLike, as_graph


class JointToPartPool(SkeletonConv):
    r"""The joint2part pooling of the `"Symbiotic Graph Neural Networks for 3D Skeleton-based
    Human Action Recognition and Motion Prediction" <https://arxiv.org/abs/1910.02212>`_ paper
    (section 5.1.2): the mean over the joints of each part, as bipartite message passing.

    .. math::
        \mathbf{x}_p = \frac{1}{|\mathcal{P}_p|} \sum_{i \in \mathcal{P}_p} \mathbf{x}_i

    Args:
        skeleton (BodyGraph or str): The body with :math:`V` joints and :math:`P` parts.
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C)`; edges from joints to parts :math:`(2, E)`
          *(optional)*
        - **output:** :math:`(B \cdot P, *, C)`

    Example:
        >>> pool = JointToPartPool("ntu25")
        >>> pool(torch.randn(25, 60, 64)).shape  # joints, frames, channels
        torch.Size([10, 60, 64])
    """

    edge_index: Tensor
    member: Tensor
    size: Tensor

    def __init__(self, skeleton: GraphLike, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.skeleton = as_graph(skeleton)
        part = self.skeleton.part_index
        self.num_joints, self.num_parts = self.skeleton.num_joints, len(self.skeleton.parts)
        order = torch.argsort(part, stable=True)  # by (target, source)
        self.register_buffer("edge_index", torch.stack([order, part[order]]), persistent=False)
        # Whole numbers, so that a network converted to double precision is exact.
        member = torch.nn.functional.one_hot(part, self.num_parts).t()
        self.register_buffer("member", member.float(), persistent=False)
        self.register_buffer("size", self.member.sum(dim=1, keepdim=True), persistent=False)

    def forward(self, x: Tensor, edge_index: Tensor | None = None) -> Tensor:
        """Averages the joints of each part."""
        V, P = self.num_joints, self.num_parts
        B = num_copies(x, V)
        if edge_index is None and self.fused:
            mean = (self.member / self.size).to(x.dtype)
            out = torch.bmm(mean.expand(B, -1, -1), x.reshape(B, V, -1))
            return out.view((B * P, *x.shape[1:]))
        if edge_index is None:
            edge_index = repeat_edges(self.edge_index, B, V, P)
        count = torch.bincount(edge_index[1], minlength=B * P)
        edge_weight = count[edge_index[1]].to(x.dtype).reciprocal()
        # propagate_type: (x: Tensor, edge_weight: Tensor)
        return self.propagate(edge_index, x=(x, None), edge_weight=edge_weight, size=(B * V, B * P))

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.num_joints} joints to {self.num_parts} parts)"
