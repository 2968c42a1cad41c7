"""The residual network that SemGCN and the graph networks it is compared with share."""

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.non_local import NonLocal
from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.skeleton import Skeleton


class GraphUnit(torch.nn.Module):
    r"""A graph convolution, batch norm, ReLU, and dropout.

    Args:
        conv (torch.nn.Module): The convolution, with :obj:`out_channels`.
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)

    Shapes:
        - **input:** :math:`(B \cdot V, C_{in})`
        - **output:** :math:`(B \cdot V, C_{out})`
    """

    def __init__(self, conv: torch.nn.Module, dropout: float = 0.0) -> None:
        super().__init__()
        self.conv = conv
        self.norm = ChannelBatchNorm(int(conv.out_channels))  # type: ignore[arg-type]
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        return self.dropout(self.norm(self.conv(x)).relu())


class GraphResNet(LiftingModel):
    r"""The residual network of the `"Semantic Graph Convolutional Networks for 3D Human Pose
    Regression" <https://arxiv.org/abs/1904.03345>`_ paper (section 3.3, Fig. 2), for any graph
    convolution.

    A unit widens the keypoints; residual blocks :math:`\mathbf{X} + u_2(u_1(\mathbf{X}))` of two
    units follow; a last convolution yields the pose. A :class:`~pyg_skeleton.nn.NonLocal` layer
    stands behind the first unit and behind each block: the paper's figure has none behind the
    unit, its parameter count and its authors' code have.

    Args:
        skeleton (Skeleton): The layout.
        config (dict): The arguments of the subclass.
        in_channels (int): Size of a joint's input.
        out_channels (int): Size of a joint's output.
        hidden_channels (int): The width.
        num_blocks (int): The number of residual blocks.
        non_local (bool): Whether there are non-local layers.
        groups (str): Their groups, see :class:`~pyg_skeleton.nn.NonLocal`.
        dropout (float): Dropout probability.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        config: dict[str, Any],
        in_channels: int,
        out_channels: int,
        hidden_channels: int,
        num_blocks: int,
        non_local: bool,
        groups: str,
        dropout: float,
    ) -> None:
        super().__init__(skeleton, config, in_channels)
        self.out_channels = out_channels
        self.input = GraphUnit(self.conv(in_channels, hidden_channels), dropout)
        width = int(self.input.conv.out_channels)  # type: ignore[arg-type]
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(
                GraphUnit(self.conv(width, hidden_channels), dropout),
                GraphUnit(self.conv(width, hidden_channels), dropout),
            )
            for _ in range(num_blocks)
        )
        self.non_local = torch.nn.ModuleList(
            NonLocal(width, skeleton, groups=groups) if non_local else torch.nn.Identity()
            for _ in range(num_blocks + 1)
        )
        self.output = self.conv(width, out_channels, last=True)

    @abstractmethod
    def conv(self, in_channels: int, out_channels: int, last: bool = False) -> torch.nn.Module:
        """Returns a graph convolution, with :obj:`out_channels`; :obj:`last` for the pose."""

    def forward(self, data: Any) -> Tensor:
        """Runs the forward pass of the module."""
        self.check_bodies(data)
        return self.forward_poses(data.x)

    def forward_poses(self, x: Tensor) -> Tensor:
        r"""The forward pass on a plain tensor :math:`(B \cdot V, C)`, for export."""
        x = self.non_local[0](self.input(x))
        for block, non_local in zip(self.blocks, list(self.non_local)[1:], strict=True):
            x = non_local(x + block(x))
        return self.output(x)

    def graph_convs(self) -> list[torch.nn.Module]:
        """Returns the graph convolutions of the residual blocks, in order."""
        return [unit.conv for block in self.blocks for unit in block]  # type: ignore[attr-defined]
