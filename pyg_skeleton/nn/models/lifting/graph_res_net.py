"""The residual network of SemGCN and of the graph networks that it is compared with."""

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.units import GraphUnit, ResidualBlock
from pyg_skeleton.nn.conv.non_local import NonLocal
from pyg_skeleton.nn.conv.skeleton_conv import convolve
from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import GraphLike


class GraphResNet(LiftingModel):
    r"""The residual network of the `"Semantic Graph Convolutional Networks for 3D Human Pose
    Regression" <https://arxiv.org/abs/1904.03345>`_ paper (section 3.3, Fig. 2), for any graph
    convolution.

    A unit widens the keypoints; residual blocks :math:`\mathbf{X} + u_2(u_1(\mathbf{X}))` of two
    units follow; a last convolution yields the pose. A :class:`~pyg_skeleton.nn.NonLocal` layer
    follows the first unit and each block: the paper's figure has none after the unit, its
    parameter count and its authors' code have.

    The graph convolution is the argument :obj:`conv`, or what a subclass returns from
    :meth:`make_conv`:

    .. code-block:: python

        GraphResNet("h36m16", conv=SemGConv, non_local=True)

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width. (default: :obj:`128`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`4`)
        non_local (bool, optional): Whether there are non-local layers. (default: :obj:`False`)
        groups (str, optional): Their groups, see :class:`~pyg_skeleton.nn.NonLocal`.
            (default: :obj:`"pairs"`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)
        conv (callable, optional): Creates a graph convolution from :obj:`in_channels`,
            :obj:`out_channels` and the skeleton, for example a class. The result has
            :obj:`out_channels`. (default: the network's own)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`
    """

    def __init__(
        self,
        skeleton: GraphLike,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 128,
        num_blocks: int = 4,
        *,
        non_local: bool = False,
        groups: str = "pairs",
        dropout: float = 0.0,
        conv: ConvFactory | None = None,
    ) -> None:
        super().__init__(skeleton, in_channels)
        self.conv, self.out_channels = conv, out_channels
        self.input = GraphUnit(self.make_conv(in_channels, hidden_channels), dropout)
        width = int(self.input.conv.out_channels)  # type: ignore[arg-type]
        self.blocks = torch.nn.ModuleList(
            ResidualBlock(
                GraphUnit(self.make_conv(width, hidden_channels), dropout),
                GraphUnit(self.make_conv(width, hidden_channels), dropout),
            )
            for _ in range(num_blocks)
        )
        self.non_local = torch.nn.ModuleList(
            NonLocal(width, self.skeleton, groups=groups) if non_local else torch.nn.Identity()
            for _ in range(num_blocks + 1)
        )
        self.output = self.make_conv(width, out_channels, last=True)

    def make_conv(self, in_channels: int, out_channels: int, last: bool = False) -> torch.nn.Module:
        """Returns a graph convolution; the :obj:`last` one yields the pose."""
        if self.conv is None:
            raise ValueError(f"expected conv, a graph convolution for {type(self).__name__}")
        return self.conv(in_channels, out_channels, self.skeleton)

    def forward_poses(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        r"""The forward pass on a plain tensor :math:`(B \cdot V, C)`, for export."""
        x = self.non_local[0](convolve(self.input, x, edges))
        for block, non_local in zip(self.blocks, list(self.non_local)[1:], strict=True):
            x = non_local(convolve(block, x, edges))
        return convolve(self.output, x, edges)

    def graph_convs(self) -> list[torch.nn.Module]:
        """Returns the graph convolutions of the residual blocks, in order."""
        return [unit.conv for block in self.blocks for unit in block]  # type: ignore[attr-defined]
