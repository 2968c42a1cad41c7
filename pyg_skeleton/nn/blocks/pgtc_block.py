from torch import Tensor

from pyg_skeleton.nn.blocks.gtc_block import GTCBlock
from pyg_skeleton.nn.conv.part_conv import PartConv
from pyg_skeleton.nn.conv.skeleton_conv import convolve
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import BodyGraph


class PGTCBlock(GTCBlock):
    r"""The part-scale graph and temporal convolution block (P-GTC) of the `"Symbiotic Graph
    Neural Networks for 3D Skeleton-based Human Action Recognition and Motion Prediction"
    <https://arxiv.org/abs/1910.02212>`_ paper (equation 8): a :class:`JGTCBlock` whose graph
    convolution is :class:`PartConv`.

    .. math::
        \mathbf{X}'_p = \rho(\mathrm{BN}(\mathrm{PGC}(\mathbf{X}_p))), \qquad
        \mathbf{X}_{p,out} = \rho(\mathrm{dropout}(\mathrm{BN}(\mathrm{TC}(\mathbf{X}'_p))) +
        \mathrm{res}(\mathbf{X}_p))

    Args:
        in_channels (int): Size of each input feature.
        conv_channels (int): Size after the graph convolution.
        out_channels (int): Size after the temporal convolution.
        skeleton (BodyGraph): The body whose parts are the nodes.
        kernel_size (int, optional): Frames the temporal convolution sees. (default: :obj:`9`)
        stride (int, optional): Its step. (default: :obj:`1`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)
        residual (bool, optional): Whether to add the input. (default: :obj:`True`)

    Shapes:
        - **input:** :math:`(B \cdot P, T, C_{in})`
        - **output:** :math:`(B \cdot P, \lceil T / s \rceil, C_{out})`
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
    ) -> None:
        conv = PartConv(in_channels, conv_channels, skeleton)
        super().__init__(conv, out_channels, kernel_size, stride, dropout, residual)

    def forward(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        """Convolves over the graph, by default that of the layout's parts, then over time."""
        return self._after_conv(x, convolve(self.conv, x, edges))
