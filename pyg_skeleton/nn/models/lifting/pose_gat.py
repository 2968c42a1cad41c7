from typing import Any, ClassVar

import torch
from torch import Tensor
from torch_geometric.nn import GATConv

from pyg_skeleton.nn.models.lifting.graph_res_net import GraphResNet
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.skeleton import Skeleton


@register_model("pose_gat")
class PoseGAT(GraphResNet):
    r"""Graph attention in the network of SemGCN, which the `"Semantic Graph Convolutional Networks
    for 3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper is compared with
    (Table 3).

    :class:`GraphResNet` of PyG's :class:`~torch_geometric.nn.conv.GATConv`. The paper gives no
    hyper-parameters but a count of 0.16 M, which no number of heads yields; one head has 137,481.

    Args:
        skeleton (Skeleton): The layout; the paper's is ``h36m16``.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width. (default: :obj:`128`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`4`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {"paper": {"skeleton": "h36m16"}}

    def __init__(
        self,
        skeleton: Skeleton,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 128,
        num_blocks: int = 4,
        dropout: float = 0.0,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        super().__init__(
            skeleton,
            config,
            in_channels,
            out_channels,
            hidden_channels,
            num_blocks,
            non_local=False,
            groups="none",
            dropout=dropout,
        )

    def conv(self, in_channels: int, out_channels: int, last: bool = False) -> torch.nn.Module:
        """Returns a graph convolution."""
        return _BodyGAT(in_channels, out_channels, self.skeleton)


class _BodyGAT(torch.nn.Module):
    """PyG's layer on as many copies of a body as there are."""

    def __init__(self, in_channels: int, out_channels: int, skeleton: Skeleton) -> None:
        super().__init__()
        self.out_channels = out_channels
        edges = [skeleton.edge_index(self_loops=True)]
        self.template = EdgeTemplate(edges, skeleton.num_joints)
        self.conv = GATConv(in_channels, out_channels, add_self_loops=False)

    def forward(self, x: Tensor) -> Tensor:
        edges, _ = self.template.union(0, x)
        out: Tensor = self.conv(x, edges)
        return out
