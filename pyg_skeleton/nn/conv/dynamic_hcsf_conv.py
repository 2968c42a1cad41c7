from typing import Any

from torch import Tensor

from pyg_skeleton.nn.conv.hcsf_conv import HCSFConv
from pyg_skeleton.nn.sums.copies import as_static
from pyg_skeleton.nn.sums.graphs import GivenEdges
from pyg_skeleton.skeleton import GraphLike


class DynamicHCSFConv(HCSFConv):
    r"""The dynamic hop-aware channel-squeezing fusion layer (D-HCSF) of the `"Learning Skeletal
    Graph Neural Networks for Hard 3D Pose Estimation" <https://arxiv.org/abs/2108.07181>`_ paper
    (equations 7 and 8).

    .. math::
        \mathbf{h}_{k,i} = \sum_j a^{(k)}_{ij} \, \mathbf{W}^{(k) \top}_{ij} \mathbf{x}_j, \qquad
        \mathbf{A}_k = \mathbf{M}_k + \alpha \, \tanh \left( \theta_k(\mathbf{X}) \,
        \phi_k(\mathbf{X})^{\top} \right)

    that is, :class:`HCSFConv` over the graphs of :class:`HopGraph`.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The graph.
        init (str, optional): :math:`\mathbf{M}_k` at the start: :obj:`"ori"`, :obj:`"dense"`,
            :obj:`"rand"`, or :obj:`"none"` for no :math:`\mathbf{M}_k`. (default: :obj:`"ori"`)
        offset (bool, optional): Whether graphs depend on the features. (default: :obj:`True`)
        alpha (float, optional): The first :math:`\alpha`. (default: :obj:`0.0`)
        learn_alpha (bool, optional): Whether it is trained. (default: :obj:`True`)
        support (str, optional): Which pairs a graph may weigh: :obj:`"masked"`, those of its hops;
            :obj:`"free"`, all, as in the paper's Fig. 2, which takes a matrix for each pair: given
            edges then change nothing. Inits :obj:`"ori"` and :obj:`"dense"` differ only there.
            (default: :obj:`"masked"`)
        kernel_size (int, optional): The frames :math:`F` that :math:`\theta_k, \phi_k` see; 3 is
            the paper's for clips. (default: :obj:`1`)
        stride (int, optional): Their step in frames. (default: :obj:`1`)
        dilation (int, optional): Their distance between frames. (default: :obj:`1`)
        **kwargs (optional): Arguments of :class:`HCSFConv`.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`, one graph per clip, or
          :math:`(B \cdot V, C_{in})`, one per pose; a static batch :math:`(V, B, T, C_{in})`;
          edges and their weights, as in :class:`HCSFConv`
        - **output:** the same with :math:`C` channels

    Raises:
        ValueError: As :class:`HCSFConv` and :class:`HopGraph`.

    Example:
        >>> conv = DynamicHCSFConv(64, 64, "h36m17")
        >>> conv(torch.randn(17, 27, 64)).shape  # joints, frames, channels
        torch.Size([17, 27, 64])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        init: str = "ori",
        offset: bool = True,
        alpha: float = 0.0,
        learn_alpha: bool = True,
        support: str = "masked",
        kernel_size: int = 1,
        stride: int = 1,
        dilation: int = 1,
        **kwargs: Any,
    ) -> None:
        graph = {
            "hidden_channels": max(1, out_channels // 4),
            "init": init,
            "offset": offset,
            "alpha": alpha,
            "learn_alpha": learn_alpha,
            "support": support,
            "kernel_size": kernel_size,
            "stride": stride,
            "dilation": dilation,
        }
        super().__init__(in_channels, out_channels, skeleton, graph=graph, **kwargs)

    def forward(
        self, x: Tensor, edge_index: GivenEdges = None, edge_weight: Tensor | None = None
    ) -> Tensor:
        """Sums over each group of hops, and fuses the sums."""
        h, edges = self.union(x, edge_index, edge_weight)  # clips have a graph each
        out = super().forward(h, edges)
        return as_static(out, x.size(1)) if x.dim() == 4 else out
