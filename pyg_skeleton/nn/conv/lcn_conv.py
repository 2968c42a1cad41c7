from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.hop_conv import HopConv, Hops
from pyg_skeleton.nn.sums.graphs import GivenEdges
from pyg_skeleton.skeleton import GraphLike


class LCNConv(HopConv):
    r"""The locally connected layer of the `"Optimizing Network Structure for 3D Human Pose
    Estimation" <https://openaccess.thecvf.com/content_ICCV_2019/html/
    Ci_Optimizing_Network_Structure_for_3D_Human_Pose_Estimation_ICCV_2019_paper.html>`_ paper, in
    the form of the `"Learning Skeletal Graph Neural Networks for Hard 3D Pose Estimation"
    <https://arxiv.org/abs/2108.07181>`_ paper (equation 2).

    .. math::
        \mathbf{h}_i = \sum_{j: \, d(i, j) \leq k} \mathbf{W}_{ij}^{\top} \mathbf{x}_j +
        \mathbf{b}_i

    with a matrix of its own for each ordered pair of joints that are at most :math:`k` hops apart.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The graph; the paper's is ``h36m17-lcn``.
        hops (int, optional): The reach :math:`k`. (default: :obj:`3`)
        max_norm (float, optional): Scales all matrices down together, so that their joint Frobenius
            norm is at most this, in each forward pass. The authors' code does so with 1, over a
            matrix that also holds the pairs that are never used. (default: :obj:`None`)
        bias (bool, optional): Whether each joint adds a bias. (default: :obj:`True`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})`, a union of copies, or
          :math:`(V, *, C_{in})`, a static batch; edges :math:`(2, E)`
          or a list with those of each hop *(optional)*; edge weights :math:`(E)` *(optional)*
        - **output:** :math:`(B \cdot V, *, C_{out})`

    Raises:
        ValueError: If :obj:`hops` is negative, or there is no matrix for a pair of joints that
            given edges bring within reach.

    Example:
        >>> conv = LCNConv(2, 64, "h36m17")
        >>> conv(torch.randn(17, 8, 2)).shape  # joints, poses, channels
        torch.Size([17, 8, 64])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        hops: int = 3,
        max_norm: float | None = None,
        bias: bool = True,
        **kwargs: Any,
    ) -> None:
        if hops < 0:
            raise ValueError(f"expected hops >= 0, got {hops}")
        super().__init__(in_channels, [out_channels], [Hops(0, hops)], skeleton, "pair", **kwargs)
        self.out_channels, self.hops, self.max_norm = out_channels, hops, max_norm
        shape = (self.skeleton.num_joints, out_channels)
        self.bias = Parameter(torch.empty(shape)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        if self.bias is not None:
            torch.nn.init.zeros_(self.bias)

    def limited_weight(self) -> Tensor:
        r"""Returns all matrices within :attr:`max_norm`, :math:`(E, C_{in}, C_{out})`."""
        weight: Tensor = self.weights[0]
        if self.max_norm is None:
            return weight
        return weight * (self.max_norm / weight.norm()).clamp(max=1.0)

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over the joints within reach."""
        out = self.hop_sums(x, edge_index, edge_weight, [self.limited_weight()])[0]
        if self.bias is None:
            return out
        shape = (1, self.bias.size(0)) + (1,) * (out.dim() - 2) + (-1,)
        return (torch.unflatten(out, 0, (-1, self.bias.size(0))) + self.bias.view(shape)).flatten(
            0, 1
        )

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, hops={self.hops})"
        )
