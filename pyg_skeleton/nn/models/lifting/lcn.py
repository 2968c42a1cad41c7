from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.lcn_conv import LCNConv
from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.skeleton import Skeleton


class HopUnit(torch.nn.Module):
    r"""A convolution over hops, batch norm, LeakyReLU (0.2), dropout.

    Args:
        conv (torch.nn.Module): The convolution, with :obj:`out_channels`.
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)
        eps (float, optional): See :class:`torch.nn.BatchNorm1d`. (default: :obj:`1e-5`)
        momentum (float, optional): See :class:`torch.nn.BatchNorm1d`. (default: :obj:`0.1`)

    Shapes:
        - **input:** :math:`(B \cdot V, *, C_{in})`
        - **output:** :math:`(B \cdot V, *, C_{out})`
    """

    def __init__(
        self, conv: torch.nn.Module, dropout: float = 0.0, eps: float = 1e-5, momentum: float = 0.1
    ) -> None:
        super().__init__()
        self.conv = conv
        self.norm = ChannelBatchNorm(int(conv.out_channels), eps, momentum)  # type: ignore[arg-type]
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        return self.dropout(torch.nn.functional.leaky_relu(self.norm(self.conv(x)), 0.2))


@register_model("lcn")
class LCN(LiftingModel):
    r"""The locally connected network of the `"Optimizing Network Structure for 3D Human Pose
    Estimation" <https://openaccess.thecvf.com/content_ICCV_2019/html/
    Ci_Optimizing_Network_Structure_for_3D_Human_Pose_Estimation_ICCV_2019_paper.html>`_ paper, the
    baseline of Skeletal-GNN.

    A layer, residual blocks of two, a last layer: :class:`~pyg_skeleton.nn.LCNConv`, batch norm
    over all joints, LeakyReLU, dropout. Presets: :obj:`"paper"` (3 hops; 4,365,363 parameters, of
    the 7,203,507 that the authors allocate), :obj:`"hop1"`, :obj:`"hop2"`.

    Args:
        skeleton (Skeleton): The layout; the paper's is ``h36m17-lcn``.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width of each joint. (default: :obj:`64`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`3`)
        hops (int, optional): How far a joint sees. (default: :obj:`3`)
        max_norm (float, optional): Limits each layer's weights, 0 for no limit, see
            :class:`~pyg_skeleton.nn.LCNConv`. (default: :obj:`1.0`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.25`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`; in the target space ``pixel-depth``, the keypoints are
          added to the first two channels, as the authors do
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {"skeleton": "h36m17-lcn"},
        "hop1": {"skeleton": "h36m17-lcn", "hops": 1},
        "hop2": {"skeleton": "h36m17-lcn", "hops": 2},
    }

    def __init__(
        self,
        skeleton: Skeleton,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 64,
        num_blocks: int = 3,
        hops: int = 3,
        max_norm: float = 1.0,
        dropout: float = 0.25,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        super().__init__(skeleton, config, in_channels)

        def conv(width: int, to: int) -> LCNConv:
            return LCNConv(width, to, skeleton, hops, max_norm or None)

        def unit(width: int) -> HopUnit:
            # TensorFlow's defaults, which the authors use.
            return HopUnit(conv(width, hidden_channels), dropout, eps=1e-3, momentum=0.01)

        self.input = unit(in_channels)
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(unit(hidden_channels), unit(hidden_channels))
            for _ in range(num_blocks)
        )
        self.output = conv(hidden_channels, out_channels)

    def forward(self, data: Any) -> Tensor:
        """Runs the forward pass of the module."""
        self.check_bodies(data)
        return self.forward_poses(data.x)

    def forward_poses(self, x: Tensor) -> Tensor:
        r"""The forward pass on a plain tensor :math:`(B \cdot V, C)`, for export."""
        h = self.input(x)
        for block in self.blocks:
            h = h + block(h)
        return add_keypoints(self.output(h), x, self.target_space)


def add_keypoints(pose: Tensor, keypoints: Tensor, target_space: str) -> Tensor:
    """Adds the keypoints to what is a pose in the image."""
    if target_space != "pixel-depth":
        return pose
    return torch.cat([pose[:, :2] + keypoints[:, :2], pose[:, 2:]], dim=1)
