from typing import Any, ClassVar

from pyg_skeleton.nn.conv.vanilla_g_conv import VanillaGConv
from pyg_skeleton.nn.models.lifting.graph_res_net import GraphResNet
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.skeleton import Skeleton


@register_model("res_gcn")
class ResGCN(GraphResNet):
    r"""The baseline of the `"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
    <https://arxiv.org/abs/1904.03345>`_ paper (section 3.1), and what its tables put between that
    and SemGCN.

    :class:`GraphResNet` of :class:`~pyg_skeleton.nn.VanillaGConv` layers. Presets: :obj:`"paper"`
    (0.14 M parameters); :obj:`"non-local"` ("w/o SemGConv", 0.30 M); :obj:`"two-matrix"`, the cell
    that the ablation leaves out: SemGCN's second matrix without its edge weights;
    :obj:`"st-gcn"`, ST-GCN for one frame (Table 3, 0.27 M): edge weights without a softmax.

    Args:
        skeleton (Skeleton): The layout; the paper's is ``h36m16``.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width. (default: :obj:`128`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`4`)
        non_local (bool, optional): Whether there are non-local layers. (default: :obj:`False`)
        separate_self (bool, optional): A matrix for a joint, another for its neighbors.
            (default: :obj:`False`)
        edge_importance (bool, optional): A trainable factor per edge. (default: :obj:`False`)
        groups (str, optional): The groups of the non-local layers. (default: :obj:`"pairs"`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)
        init (str, optional): How weights are drawn, see :class:`~pyg_skeleton.nn.VanillaGConv`.
            (default: :obj:`"glorot"`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {"skeleton": "h36m16"},
        "non-local": {"skeleton": "h36m16", "non_local": True},
        "two-matrix": {"skeleton": "h36m16", "separate_self": True},
        "st-gcn": {"skeleton": "h36m16", "separate_self": True, "edge_importance": True},
    }

    def __init__(
        self,
        skeleton: Skeleton,
        in_channels: int = 2,
        out_channels: int = 3,
        hidden_channels: int = 128,
        num_blocks: int = 4,
        non_local: bool = False,
        separate_self: bool = False,
        edge_importance: bool = False,
        groups: str = "pairs",
        dropout: float = 0.0,
        init: str = "glorot",
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        self._conv: dict[str, Any] = {
            "separate_self": separate_self,
            "edge_importance": edge_importance,
            "init": init,
        }
        super().__init__(
            skeleton,
            config,
            in_channels,
            out_channels,
            hidden_channels,
            num_blocks,
            non_local,
            groups,
            dropout,
        )

    def conv(self, in_channels: int, out_channels: int, last: bool = False) -> VanillaGConv:
        """Returns a graph convolution."""
        return VanillaGConv(in_channels, out_channels, self.skeleton, **self._conv)
