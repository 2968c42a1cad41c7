from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from pyg_skeleton.nn.conv.hop_conv import HopConv, Hops
from pyg_skeleton.nn.sums.graphs import GivenEdges
from pyg_skeleton.skeleton import GraphLike
from pyg_skeleton.skeleton.hops import HopMode


class HCSFConv(HopConv):
    r"""The hop-aware hierarchical channel-squeezing fusion layer of the `"Learning Skeletal Graph
    Neural Networks for Hard 3D Pose Estimation" <https://arxiv.org/abs/2108.07181>`_ paper
    (equations 3 to 6).

    .. math::
        \mathbf{h}_i = \mathcal{F}_a \left[ \mathbf{h}_{S,i}, \mathcal{F}_k \left(
        \mathbf{h}_{S+1,i}, \ldots, \mathbf{h}_{L,i} \right) \right] \mathbf{W}_a, \qquad
        \mathbf{h}_{k,i} = \sum_{j \in \mathcal{N}_{k,i}} \mathbf{W}^{(k) \top}_{ij} \mathbf{x}_j
        \in \mathbb{R}^{C_k}

    Joints up to :math:`S` hops away keep all :math:`C` channels; those :math:`k > S` hops away are
    squeezed to :math:`C_k = \max(1, \lfloor d^{k-S} C \rfloor)`. The paper prints
    :math:`d^{k-L} C_{in}`, which would widen them and fits neither its text nor its Table 6, and
    gives no rule where less than a channel is left.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size :math:`C` of each output feature.
        skeleton (BodyGraph or str): The graph; the paper's is ``h36m17-lcn``.
        short_range (int, optional): The farthest hop :math:`S` that is not squeezed.
            (default: :obj:`1`)
        long_range (int, optional): The farthest hop :math:`L`. (default: :obj:`2`)
        squeeze (float, optional): The ratio :math:`d`. (default: :obj:`0.125`)
        fusion (str, optional): :math:`\mathcal{F}_a`: :obj:`"concat"`, :obj:`"add"` or
            :obj:`"mul"`. For the latter two, narrower features are first widened by a linear map,
            on which the paper is silent. (default: :obj:`"concat"`)
        long_fusion (str, optional): :math:`\mathcal{F}_k`, likewise. (default: :obj:`"concat"`)
        hop_mode (str, optional): Whether hop :math:`k > S` means exactly :math:`k` steps
            (:obj:`"ring"`) or at most :math:`k` steps (:obj:`"ball"`). (default: :obj:`"ring"`)
        hop_aware (bool, optional): If set to :obj:`False`, all far joints share one sum of
            :math:`d C` channels, the paper's "hierarchy w/o hop-aware". (default: :obj:`True`)
        sharing (str, optional): :obj:`"pair"`: a matrix per ordered pair of joints, as in LCN;
            :obj:`"hop"`: one per hop, as in GCN. (default: :obj:`"pair"`)
        bias (bool, optional): Whether to add a bias. (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot V, *, C_{in})`, a union of copies, or
          :math:`(V, *, C_{in})`, a static batch; edges :math:`(2, E)`
          or a list with those of each hop *(optional)*; edge weights :math:`(E)` *(optional)*
        - **output:** :math:`(B \cdot V, *, C)`

    Raises:
        ValueError: If not :math:`0 \leq S \leq L` or :math:`0 < d \leq 1`, or a word is unknown.

    Example:
        >>> conv = HCSFConv(2, 64, "h36m17")
        >>> conv(torch.randn(17, 8, 2)).shape  # joints, poses, channels
        torch.Size([17, 8, 64])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        short_range: int = 1,
        long_range: int = 2,
        squeeze: float = 0.125,
        fusion: str = "concat",
        long_fusion: str = "concat",
        hop_mode: HopMode = "ring",
        hop_aware: bool = True,
        sharing: str = "pair",
        bias: bool = False,
        graph: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        S, L, C = short_range, long_range, out_channels
        if not 0 <= S <= L:
            raise ValueError(f"expected 0 <= short_range <= long_range, got {S} and {L}")
        if not 0 < squeeze <= 1:
            raise ValueError(f"expected squeeze in (0, 1], got {squeeze}")
        for name, word in (("fusion", fusion), ("long_fusion", long_fusion)):
            if word not in ("concat", "add", "mul"):
                raise ValueError(f"expected {name} 'concat', 'add' or 'mul', got {word!r}")
        if hop_mode not in ("ring", "ball"):
            raise ValueError(f"expected hop_mode 'ring' or 'ball', got {hop_mode!r}")
        widths = [C, *(max(1, int(squeeze ** (k - S) * C)) for k in range(S + 1, L + 1))]
        ball = hop_mode == "ball"
        groups = [Hops(0, S), *(Hops(0 if ball else k, k) for k in range(S + 1, L + 1))]
        if not hop_aware and L > S:
            widths = widths[:2]
            groups[1:] = [Hops(0 if ball else S + 1, L)]
        super().__init__(in_channels, widths, groups, skeleton, sharing, graph, **kwargs)
        self.out_channels = C
        self.short_range, self.long_range, self.squeeze = S, L, squeeze
        self.fusion, self.long_fusion = fusion, long_fusion

        def widen(width: int, to: int) -> torch.nn.Module:
            return torch.nn.Identity() if width == to else torch.nn.Linear(width, to, bias=False)

        far = widths[1:]
        width = sum(far)
        self.widen_hops: torch.nn.ModuleList | None = None
        if far and long_fusion != "concat":
            width = max(far)
            self.widen_hops = torch.nn.ModuleList(widen(w, width) for w in far)
        self.widen_far = widen(width, C) if far and fusion != "concat" else torch.nn.Identity()
        self.transform = Parameter(torch.empty(C, C + width if fusion == "concat" else C))
        self.bias = Parameter(torch.empty(C)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Resets all learnable parameters of the module."""
        super().reset_parameters()
        torch.nn.init.xavier_uniform_(self.transform)
        if self.bias is not None:
            torch.nn.init.zeros_(self.bias)
        for module in self.modules():
            if isinstance(module, torch.nn.Linear):
                module.reset_parameters()

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over each group of hops, and fuses the sums."""
        return self.fuse_sums(self.hop_sums(x, edge_index, edge_weight))

    def fuse_sums(self, sums: list[Tensor]) -> Tensor:
        """Fuses the sums over all groups."""
        near, *far = sums
        if far:
            if self.widen_hops is not None:
                far = [m(h) for m, h in zip(self.widen_hops, far, strict=True)]
            distant = self.widen_far(fuse(self.long_fusion, far))
            near = fuse(self.fusion, [near, distant])
        return torch.nn.functional.linear(near, self.transform, self.bias)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({self.in_channels}, {self.out_channels}, "
            f"S={self.short_range}, L={self.long_range}, d={self.squeeze})"
        )


def fuse(how: str, features: list[Tensor]) -> Tensor:
    """Fuses features of each group of hops: ``concat``, ``add`` or ``mul``."""
    if how == "concat":
        return torch.cat(features, dim=-1)
    out = features[0]
    for h in features[1:]:
        out = out + h if how == "add" else out * h
    return out
