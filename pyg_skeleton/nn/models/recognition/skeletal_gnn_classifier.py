from typing import Any, ClassVar

import torch
from torch import Tensor
from torch_geometric.utils import scatter

from pyg_skeleton.nn.models.lifting.skeletal_gnn import make_hop_conv
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import SkeletonModel
from pyg_skeleton.nn.norm import ChannelBatchNorm, JointBatchNorm
from pyg_skeleton.nn.temporal import TemporalConv
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.hops import HopMode


class HCSFBlock(torch.nn.Module):
    r"""A block of :class:`SkeletalGNNClassifier`: hops, then time, around them a residual.

    .. math::
        \mathbf{X}_{out} = \rho(\mathrm{BN}(\mathrm{TCN}(\rho(\mathrm{BN}(\mathrm{HCSF}(
        \mathbf{X}))))) ) + \mathrm{res}(\mathbf{X})

    Args:
        conv (torch.nn.Module): The convolution over hops.
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        kernel_size (int): Frames that the temporal convolution sees.
        stride (int): Its step.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C_{in})`
        - **output:** :math:`(B \cdot V, \lceil T / s \rceil, C_{out})`
    """

    def __init__(
        self,
        conv: torch.nn.Module,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int,
    ) -> None:
        super().__init__()
        self.conv = conv
        self.conv_norm = ChannelBatchNorm(out_channels)
        self.temporal = TemporalConv(out_channels, out_channels, kernel_size, stride)
        self.temporal_norm = ChannelBatchNorm(out_channels)
        self.residual: torch.nn.Module = torch.nn.Identity()
        if in_channels != out_channels or stride > 1:
            self.residual = torch.nn.Sequential(
                TemporalConv(in_channels, out_channels, kernel_size=1, stride=stride),
                ChannelBatchNorm(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        h = self.conv_norm(self.conv(x)).relu()
        h = self.temporal_norm(self.temporal(h)).relu()
        return h + self.residual(x)


@register_model("skeletal_gnn_classifier")
class SkeletalGNNClassifier(SkeletonModel):
    r"""Skeletal graph neural networks that recognize actions, from the `"Learning Skeletal Graph
    Neural Networks for Hard 3D Pose Estimation" <https://arxiv.org/abs/2108.07181>`_ paper
    (section 4.3; supplementary, section 2).

    Nine :class:`HCSFBlock`, the mean over joints, frames and persons, a linear classifier. The
    paper's stream is one of four, see :class:`~pyg_skeleton.transforms.Stream`; their class
    probabilities are averaged. It says neither that weights are shared by the pairs of a hop (with
    one per pair there would be 72 million) nor where time is halved; both are those of the networks
    that it follows, as is the normalization of the input.

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`.

    Args:
        skeleton (Skeleton): The layout.
        num_classes (int): The number of action classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block.
            (default: :obj:`(64, 64, 64, 128, 128, 128, 256, 256, 256)`)
        strides (tuple[int], optional): The step in time of each block.
            (default: :obj:`(1, 1, 1, 2, 1, 1, 2, 1, 1)`)
        kernel_size (int, optional): Frames that a temporal convolution sees. (default: :obj:`9`)
        dropout (float, optional): Dropout probability before the classifier. (default: :obj:`0.0`)
        short_range, long_range, squeeze, fusion, long_fusion, hop_mode, hop_aware, sharing
            (optional): See :class:`~pyg_skeleton.nn.HCSFConv`.
        dynamic (bool, optional): Learned graphs. (default: :obj:`True`)
        graph_init, offset, alpha, learn_alpha, support, graph_kernel, graph_stride, graph_dilation
            (optional): See :class:`~pyg_skeleton.nn.DynamicHCSFConv`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** logits :math:`(B, \text{classes})`
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "ntu60": {"skeleton": "ntu25", "num_classes": 60},
        "ntu120": {"skeleton": "ntu25", "num_classes": 120},
    }

    def __init__(
        self,
        skeleton: Skeleton,
        num_classes: int,
        in_channels: int = 3,
        channels: tuple[int, ...] = (64, 64, 64, 128, 128, 128, 256, 256, 256),
        strides: tuple[int, ...] = (1, 1, 1, 2, 1, 1, 2, 1, 1),
        kernel_size: int = 9,
        dropout: float = 0.0,
        short_range: int = 5,
        long_range: int = 7,
        squeeze: float = 0.125,
        fusion: str = "concat",
        long_fusion: str = "concat",
        hop_mode: HopMode = "ring",
        hop_aware: bool = True,
        sharing: str = "hop",
        dynamic: bool = True,
        graph_init: str = "ori",
        offset: bool = True,
        alpha: float = 0.0,
        learn_alpha: bool = True,
        support: str = "masked",
        graph_kernel: int = 3,
        graph_stride: int = 1,
        graph_dilation: int = 1,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        super().__init__(skeleton, config, in_channels)
        if len(channels) != len(strides) or not channels:
            raise ValueError(f"expected a stride per block, got {channels} and {strides}")
        self.num_classes = num_classes
        self.norm = JointBatchNorm(skeleton.num_joints, in_channels)
        blocks, width = [], in_channels
        for out, stride in zip(channels, strides, strict=True):
            conv = make_hop_conv(width, out, skeleton, config)
            blocks.append(HCSFBlock(conv, width, out, kernel_size, stride))
            width = out
        self.blocks = torch.nn.Sequential(*blocks)
        self.dropout = torch.nn.Dropout(dropout)
        self.classifier = torch.nn.Linear(width, num_classes)

    def forward(self, data: Any) -> Tensor:
        """Runs the forward pass of the module."""
        self.check_bodies(data)
        clip = getattr(data, "batch", None)
        if clip is None:
            return self.forward_clips(data.x)
        return self.forward_clips(data.x, clip[:: self.skeleton.num_joints], data.num_graphs)

    def forward_clips(self, x: Tensor, clip: Tensor | None = None, num_clips: int = 1) -> Tensor:
        r"""The forward pass on plain tensors, for export.

        Args:
            x (torch.Tensor): The joints, :math:`(B \cdot V, T, C)`.
            clip (torch.Tensor, optional): The clip of each body, :math:`(B)`.
                (default: all of one clip)
            num_clips (int, optional): The number of clips. (default: :obj:`1`)
        """
        V = self.skeleton.num_joints
        h = self.blocks(self.norm(x)).mean(dim=1)
        h = h.view(-1, V, h.size(-1)).mean(dim=1)
        if clip is None:
            clip = torch.zeros(h.size(0), dtype=torch.long, device=x.device)
        h = scatter(h, clip, dim=0, dim_size=num_clips, reduce="mean")
        return self.classifier(self.dropout(h))
