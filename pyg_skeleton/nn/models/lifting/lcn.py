from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.units import HopUnit, ResidualBlock
from pyg_skeleton.nn.conv.lcn_conv import LCNConv
from pyg_skeleton.nn.conv.skeleton_conv import convolve
from pyg_skeleton.nn.models.lifting.model import LiftingModel
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import GraphLike


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
        skeleton (Skeleton or str): The layout; the paper's is ``h36m17-lcn``.
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

    Example:
        >>> model = LCN("h36m17").eval()
        >>> model(model.skeleton.to_data(torch.randn(17, 2))).shape  # joints, channels
        torch.Size([17, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {"skeleton": "h36m17-lcn"},
        "hop1": {"skeleton": "h36m17-lcn", "hops": 1},
        "hop2": {"skeleton": "h36m17-lcn", "hops": 2},
    }

    def __init__(
        self,
        skeleton: GraphLike,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 64,
        num_blocks: int = 3,
        hops: int = 3,
        max_norm: float = 1.0,
        dropout: float = 0.25,
    ) -> None:
        super().__init__(skeleton, in_channels)
        self.hops, self.max_norm = hops, max_norm or None

        def unit(width: int) -> HopUnit:
            # The defaults of TensorFlow, which the authors use.
            return HopUnit(self.make_conv(width, hidden_channels), dropout, 1e-3, 0.01)

        self.input = unit(in_channels)
        self.blocks = torch.nn.ModuleList(
            ResidualBlock(unit(hidden_channels), unit(hidden_channels)) for _ in range(num_blocks)
        )
        self.output = self.make_conv(hidden_channels, out_channels)

    def make_conv(self, in_channels: int, out_channels: int) -> torch.nn.Module:
        """Returns a convolution over hops."""
        return LCNConv(in_channels, out_channels, self.skeleton, self.hops, self.max_norm)

    def forward_poses(self, x: Tensor, edges: Edges | None = None) -> Tensor:
        r"""The forward pass on a plain tensor :math:`(B \cdot V, C)`, for export."""
        h = convolve(self.input, x, edges)
        for block in self.blocks:
            h = convolve(block, h, edges)
        return add_keypoints(convolve(self.output, h, edges), x, self.target_space)


def add_keypoints(pose: Tensor, keypoints: Tensor, target_space: str) -> Tensor:
    """Adds the keypoints to a pose in pixels; others stay as they are."""
    if target_space != "pixel-depth":
        return pose
    return torch.cat([pose[:, :2] + keypoints[:, :2], pose[:, 2:]], dim=1)
