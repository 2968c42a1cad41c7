from typing import Any, ClassVar

import torch

from pyg_skeleton.nn.conv.high_order_conv import HighOrderConv
from pyg_skeleton.nn.models.lifting.graph_res_net import GraphResNet
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.skeleton import GraphLike


@register_model("high_order_gcn")
class HighOrderGCN(GraphResNet):
    r"""The network of the `"High-order Graph Convolutional Networks for 3D Human Pose Estimation"
    <https://www.bmvc2020-conference.com/assets/papers/0550.pdf>`_ paper, which
    Skeletal-GNN is compared with.

    :class:`GraphResNet` of :class:`~pyg_skeleton.nn.HighOrderConv` layers, the last of which adds
    its hops up. The authors' count of 1,197,931 holds 876 biases that nothing reads.

    Args:
        skeleton (Skeleton or str): The layout; the paper's is ``h36m16``.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        hidden_channels (int, optional): The width of each hop. (default: :obj:`96`)
        order (int, optional): The highest hop. (default: :obj:`3`)
        **kwargs (optional): Arguments of :class:`GraphResNet`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`

    Example:
        >>> model = HighOrderGCN("h36m16").eval()
        >>> model(model.skeleton.to_data(torch.randn(16, 2))).shape  # joints, channels
        torch.Size([16, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {"paper": {"skeleton": "h36m16"}}

    def __init__(
        self,
        skeleton: GraphLike,
        in_channels: int = 2,
        *,
        hidden_channels: int = 96,
        order: int = 3,
        **kwargs: Any,
    ) -> None:
        self.order = order
        super().__init__(skeleton, in_channels, hidden_channels=hidden_channels, **kwargs)

    def make_conv(self, in_channels: int, out_channels: int, last: bool = False) -> torch.nn.Module:
        """Returns a graph convolution; the :obj:`last` one adds its hops up."""
        if self.conv is not None:
            return super().make_conv(in_channels, out_channels, last)
        fusion = "add" if last else "concat"
        return HighOrderConv(in_channels, out_channels, self.skeleton, self.order, fusion)
