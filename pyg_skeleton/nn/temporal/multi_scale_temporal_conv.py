import torch
from torch import Tensor

from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.nn.temporal.max_of_three import max_of_three
from pyg_skeleton.nn.temporal.temporal_conv import TemporalConv, every_frame, middle_frames


class MultiScaleTemporalConv(torch.nn.Module):
    r"""The multi-scale temporal convolution of CTR-GCN and InfoGCN, a lighter form of that of the
    `"Disentangling and Unifying Graph Convolutions for Skeleton-Based Action Recognition"
    <https://arxiv.org/abs/2003.14111>`_ paper.

    A quarter of the channels each: convolutions over time with dilations 1 and 2, and a maximum
    over three frames, all after a linear map with norm and ReLU; and a linear map. The first and
    the last layers of all branches are computed together.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature, a multiple of the number of branches.
        kernel_size (int, optional): The frames that a convolution sees. (default: :obj:`5`)
        stride (int, optional): The step in frames. (default: :obj:`1`)
        dilations (tuple[int], optional): A convolution for each. (default: :obj:`(1, 2)`)
        activation (bool, optional): Whether a ReLU follows (InfoGCN). (default: :obj:`False`)
        valid (bool, optional): Whether to leave out the padding, so that output frames depend on
            input frames only. (default: :obj:`False`)

    Shapes:
        - **input:** :math:`(|\mathcal{V}|, T, C_{in})`
        - **output:** :math:`(|\mathcal{V}|, \lceil T / s \rceil, C_{out})`, fewer frames if
          :obj:`valid`

    Raises:
        ValueError: If the channels cannot be divided among the branches.

    Example:
        >>> conv = MultiScaleTemporalConv(64, 128, stride=2)
        >>> conv(torch.randn(25, 60, 64)).shape  # joints, frames, channels
        torch.Size([25, 30, 128])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 5,
        stride: int = 1,
        dilations: tuple[int, ...] = (1, 2),
        activation: bool = False,
        valid: bool = False,
    ) -> None:
        super().__init__()
        branches = len(dilations) + 2
        if out_channels % branches:
            raise ValueError(
                f"expected out_channels divisible by {branches} branches, got {out_channels}"
            )
        width = out_channels // branches
        self.width, self.stride, self.activation = width, stride, activation
        self.squeeze = torch.nn.Linear(in_channels, width * (branches - 1))
        self.squeeze_norm = ChannelBatchNorm(width * (branches - 1))
        self.convs = torch.nn.ModuleList(
            TemporalConv(width, width, kernel_size, stride, dilation, valid=valid)
            for dilation in dilations
        )
        #: The frames on either side that an output depends on.
        self.reach = max(1, *(int(conv.reach) for conv in self.convs))  # type: ignore[arg-type]
        #: The frames that the output lacks at either end.
        self.lost = self.reach if valid else 0
        self.point = torch.nn.Linear(in_channels, width)
        self.norm = ChannelBatchNorm(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Applies all branches and concatenates their outputs."""
        h = self.squeeze_norm(self.squeeze(x)).relu_()
        *parts, last = torch.split(h, self.width, dim=-1)
        convs = zip(self.convs, parts, strict=True)
        if not self.lost:
            parts = [conv(part) for conv, part in convs]
            parts.append(max_of_three(last, self.stride))
        else:
            parts = [
                conv(middle_frames(part, self.reach - int(conv.reach)))  # type: ignore[arg-type]
                for conv, part in convs
            ]
            last = max_of_three(middle_frames(last, self.reach - 1).contiguous())
            parts.append(every_frame(middle_frames(last, 1), self.stride))
            x = middle_frames(x, self.reach)
        parts.append(self.point(every_frame(x, self.stride)))
        out = self.norm(torch.cat(parts, dim=-1))
        return out.relu() if self.activation else out
