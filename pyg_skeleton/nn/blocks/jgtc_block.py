from typing import Any

from torch import Tensor

from pyg_skeleton.nn.blocks.gtc_block import GTCBlock
from pyg_skeleton.nn.conv.agim import ActionalGraph
from pyg_skeleton.nn.conv.joint_conv import JointConv
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import BodyGraph


class JGTCBlock(GTCBlock):
    r"""The joint-scale graph and temporal convolution block (J-GTC) of the `"Symbiotic Graph
    Neural Networks for 3D Skeleton-based Human Action Recognition and Motion Prediction"
    <https://arxiv.org/abs/1910.02212>`_ paper (equation 6, Fig. 4).

    .. math::
        \mathbf{X}' = \rho(\mathrm{BN}(\mathrm{JGC}(\mathbf{X}))), \qquad
        \mathbf{X}_{out} = \rho(\mathrm{dropout}(\mathrm{BN}(\mathrm{TC}(\mathbf{X}'))) +
        \mathrm{res}(\mathbf{X}))

    The residual is the identity where shapes allow it, else a strided :math:`1 \times 1`
    convolution with batch norm (the paper does not say; AS-GCN has the same).

    Args:
        in_channels (int): Size of each input feature.
        conv_channels (int): Size after the graph convolution.
        out_channels (int): Size after the temporal convolution.
        skeleton (BodyGraph): The joints' graph.
        kernel_size (int, optional): Frames the temporal convolution sees. (default: :obj:`9`)
        stride (int, optional): Its step. (default: :obj:`1`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)
        residual (bool, optional): Whether to add the input. (default: :obj:`True`)
        **kwargs (optional): Arguments of :class:`JointConv`: :obj:`order`, :obj:`lambda_act`,
            :obj:`structural`, :obj:`actional`, :obj:`mode`.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})` and the actional graph
        - **output:** :math:`(B \cdot V, \lceil T / s \rceil, C_{out})`
    """

    def __init__(
        self,
        in_channels: int,
        conv_channels: int,
        out_channels: int,
        skeleton: BodyGraph,
        kernel_size: int = 9,
        stride: int = 1,
        dropout: float = 0.0,
        residual: bool = True,
        **kwargs: Any,
    ) -> None:
        conv = JointConv(in_channels, conv_channels, skeleton, **kwargs)
        super().__init__(conv, out_channels, kernel_size, stride, dropout, residual)

    def forward(
        self, x: Tensor, actional: ActionalGraph | None = None, edges: Edges | None = None
    ) -> Tensor:
        """Convolves over the graphs, then over time; :obj:`edges` are those of the structural
        graph.
        """
        return self._after_conv(x, self.conv(x, actional, edges))
