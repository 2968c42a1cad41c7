from typing import ClassVar

from torch import Tensor, nn

from pyg_skeleton.nn.conv.skeleton_conv import convolve
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.nn.temporal import TemporalConv
from pyg_skeleton.nn.temporal.temporal_conv import middle_frames


def projection(in_channels: int, out_channels: int, stride: int = 1) -> nn.Module:
    """Returns the map of a residual: the identity, or a linear map of single frames with norm."""
    if in_channels == out_channels and stride == 1:
        return nn.Identity()
    return nn.Sequential(
        TemporalConv(in_channels, out_channels, kernel_size=1, stride=stride),
        ChannelBatchNorm(out_channels),
    )


def frames_of(temporal: nn.Module, name: str) -> int:
    """Returns :obj:`reach` or :obj:`lost` of the convolution in a module, 0 if there is none."""
    return next((int(getattr(m, name)) for m in temporal.modules() if hasattr(m, name)), 0)


class STBlock(nn.Module):
    r"""A block of 2s-AGCN, CTR-GCN and InfoGCN: a graph convolution, then one over time.

    .. math::
        \mathbf{H} = \rho(\mathrm{BN}(\mathrm{G}(\mathbf{X})) + \mathrm{down}(\mathbf{X})), \qquad
        \mathbf{X}_{out} = \rho(\mathrm{T}(\mathbf{H}) + \mathrm{res}(\mathbf{X}))

    Args:
        conv (torch.nn.Module): The graph convolution, with :obj:`in_channels` and
            :obj:`out_channels`.
        temporal (torch.nn.Module): The convolution over time, with its norm.
        stride (int, optional): The step in time of :obj:`temporal`. (default: :obj:`1`)
        residual (bool, optional): Whether the input is added. (default: :obj:`True`)
        attention (torch.nn.Module, optional): A module between the graph convolution and the one
            over time, such as :class:`STCAttention`. (default: :obj:`None`)

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`
        - **output:** :math:`(B \cdot V, \lceil T / s \rceil, C_{out})`, fewer frames if
          :obj:`temporal` has no padding
    """

    #: The norm that follows a layer.
    norm_after: ClassVar[dict[str, str]] = {"conv": "norm"}

    def __init__(
        self,
        conv: nn.Module,
        temporal: nn.Module,
        stride: int = 1,
        residual: bool = True,
        attention: nn.Module | None = None,
    ) -> None:
        super().__init__()
        C, D = int(conv.in_channels), int(conv.out_channels)  # type: ignore[arg-type]
        self.conv, self.temporal = conv, temporal
        self.norm = ChannelBatchNorm(D)
        nn.init.constant_(self.norm.weight, 1e-6)  # a block starts as its residual
        self.down = projection(C, D)
        self.attention = nn.Identity() if attention is None else attention
        self.residual = projection(C, D, stride) if residual else None
        self.stride = stride
        self.reach, self.lost = (frames_of(temporal, name) for name in ("reach", "lost"))

    def forward(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        """Convolves over the graph, by default that of the layout, then over time."""
        # In place, because a norm keeps its input for the backward pass, not its output.
        h = self.norm(convolve(self.conv, x, edges)).add_(self.down(x)).relu_()
        h = self.temporal(self.attention(h))
        if self.residual is None:
            return h.relu()
        return (h + self.residual(middle_frames(x, self.lost))).relu_()

    def reset_fan_out(self) -> None:
        """Draws the convolutions over time and the residuals as the authors of 2s-AGCN and CTR-GCN
        do: Kaiming normal, by the outputs.
        """
        for part in (self.temporal, self.down, self.residual):
            for layer in () if part is None else part.modules():
                if isinstance(layer, (nn.Conv1d, nn.Linear)):
                    nn.init.kaiming_normal_(layer.weight, mode="fan_out")
                    if layer.bias is not None:
                        nn.init.zeros_(layer.bias)
