from typing import Any

from pyg_skeleton.nn.conv.structural_conv import StructuralConv
from pyg_skeleton.skeleton import GraphLike, as_graph


class PartConv(StructuralConv):
    r"""The part-scale graph convolution (PGC) of the `"Symbiotic Graph Neural Networks for 3D
    Skeleton-based Human Action Recognition and Motion Prediction"
    <https://arxiv.org/abs/1910.02212>`_ paper (equation 7).

    .. math::
        \mathbf{Y}_p = \left( \mathbf{D}_p^{-1} (\mathbf{A}_p + \mathbf{I}) \odot \mathbf{M}_p
        \right) \mathbf{X}_p \mathbf{W}^{\top}

    It is a :class:`StructuralConv` of order one whose nodes are the parts of a body.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        skeleton (BodyGraph or str): The body whose parts are the nodes.
        bias (bool, optional): Whether to add a bias. (default: :obj:`False`)
        **kwargs (optional): Arguments of :class:`torch_geometric.nn.conv.MessagePassing`.

    Shapes:
        - **input:** features :math:`(B \cdot P, *, C_{in})` of :math:`P` parts; edges between
          parts :math:`(2, E)` *(optional)*; edge weights :math:`(E)` *(optional)*
        - **output:** :math:`(B \cdot P, *, C_{out})`

    Example:
        >>> conv = PartConv(3, 64, "ntu25")
        >>> conv(torch.randn(10, 60, 3)).shape  # parts, frames, channels
        torch.Size([10, 60, 64])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        skeleton: GraphLike,
        bias: bool = False,
        **kwargs: Any,
    ) -> None:
        parts = as_graph(skeleton).part_graph()
        super().__init__(in_channels, out_channels, parts, bias=bias, **kwargs)

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}({self.in_channels}, {self.out_channels})"
