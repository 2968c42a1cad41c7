from typing import Any, ClassVar

from pyg_skeleton.nn.conv.high_order_conv import HighOrderConv
from pyg_skeleton.nn.models.lifting.graph_res_net import GraphResNet
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.skeleton import Skeleton


@register_model("high_order_gcn")
class HighOrderGCN(GraphResNet):
    r"""The network of the `"High-order Graph Convolutional Networks for 3D Human Pose Estimation"
    <https://www.bmvc2020-conference.com/assets/papers/0550.pdf>`_ paper, one of those that
    Skeletal-GNN is compared with.

    :class:`GraphResNet` of :class:`~pyg_skeleton.nn.HighOrderConv` layers, the last of which adds
    its hops up. The authors' count of 1,197,931 holds 876 biases that nothing reads.

    Args:
        skeleton (Skeleton): The layout; the paper's is ``h36m16``.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        out_channels (int, optional): Size of a joint's output. (default: :obj:`3`)
        hidden_channels (int, optional): The width of each hop. (default: :obj:`96`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`4`)
        order (int, optional): The highest hop. (default: :obj:`3`)
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
        hidden_channels: int = 96,
        num_blocks: int = 4,
        order: int = 3,
        dropout: float = 0.0,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        self._order = order
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

    def conv(self, in_channels: int, out_channels: int, last: bool = False) -> HighOrderConv:
        """Returns a graph convolution."""
        fusion = "add" if last else "concat"
        return HighOrderConv(in_channels, out_channels, self.skeleton, self._order, fusion)
