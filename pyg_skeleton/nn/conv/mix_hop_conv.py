from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.hop_conv import HopConv, Hops
from pyg_skeleton.nn.sums.graphs import GivenEdges
from pyg_skeleton.skeleton import GraphLike


class MixHopConv(HopConv):
    r"""The multi-hop layers that the `"Learning Skeletal Graph Neural Networks for Hard 3D Pose
    Estimation" <https://arxiv.org/abs/2108.07181>`_ paper compares with (supplementary, Table 6).

    .. math::
        \mathbf{h}_i = \Bigl\Vert_{k \in K} \sum_{j: \, d(i, j) \leq k} a_{ij} \,
        \mathbf{W}^{(k) \top} \mathbf{x}_j

    Each reach :math:`k` yields a share of the channels (:obj:`fusion="concat"`, MixHop), or all of
    them, which are averaged (:obj:`fusion="mean"`, MS-Hop). With a single reach it is the table's
    :math:`k`-hop.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The graph.
        hops (tuple[int], optional): The reaches. (default: :obj:`(1, 5, 7)`)
        fusion (str, optional): :obj:`"concat"` or :obj:`"mean"`. (default: :obj:`"concat"`)
        sharing (str, optional): :obj:`"hop"`: one matrix per reach; :obj:`"pair"`: one per pair of
            joints. (default: :obj:`"hop"`)
        bias (bool, optional): Whether to add a bias. (default: :obj:`False`)
        graph (dict, optional): Learned graphs: arguments of :class:`HopGraph`, and :obj:`support`.
            (default: :obj:`None`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})`; edges :math:`(2, E)`
          or a list with those of each hop *(optional)*; edge weights :math:`(E)` *(optional)*
        - **output:** :math:`(B \cdot V, *, C_{out})`

    Raises:
        ValueError: If :obj:`fusion` is unknown or there are more reaches than channels.

    Example:
        >>> conv = MixHopConv(2, 66, "h36m17")
        >>> conv(torch.randn(17, 8, 2)).shape  # joints, poses, channels
        torch.Size([17, 8, 66])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        hops: tuple[int, ...] = (1, 5, 7),
        fusion: str = "concat",
        sharing: str = "hop",
        bias: bool = False,
        graph: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if fusion not in ("concat", "mean"):
            raise ValueError(f"expected fusion 'concat' or 'mean', got {fusion!r}")
        if not 1 <= len(hops) <= out_channels:
            raise ValueError(f"expected 1 to {out_channels} hops, got {hops}")
        K, C = len(hops), out_channels
        # The remainder goes to the nearest hops.
        widths = [C // K + (k < C % K) for k in range(K)] if fusion == "concat" else [C] * K
        groups = [Hops(0, k) for k in hops]
        super().__init__(in_channels, widths, groups, skeleton, sharing, graph, **kwargs)
        self.out_channels, self.hops, self.fusion = C, tuple(hops), fusion
        self.bias = Parameter(torch.empty(C)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        if self.bias is not None:
            torch.nn.init.zeros_(self.bias)

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over the joints within each reach, and fuses the sums."""
        return self.fuse_sums(self.hop_sums(x, edge_index, edge_weight))

    def fuse_sums(self, sums: list[Tensor]) -> Tensor:
        """Fuses the sums over all groups."""
        out = torch.cat(sums, -1) if self.fusion == "concat" else torch.stack(sums).mean(0)
        return out if self.bias is None else out + self.bias

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, hops={self.hops})"
        )
