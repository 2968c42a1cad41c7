from functools import partial
from typing import Any, ClassVar

from pyg_skeleton.nn.conv.vanilla_g_conv import VanillaGConv
from pyg_skeleton.nn.models.lifting.graph_res_net import GraphResNet
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.skeleton import GraphLike


@register_model("res_gcn")
class ResGCN(GraphResNet):
    r"""The baseline of the `"Semantic Graph Convolutional Networks for 3D Human Pose Regression"
    <https://arxiv.org/abs/1904.03345>`_ paper (section 3.1), and the steps of its tables from there
    to SemGCN.

    :class:`GraphResNet` of :class:`~pyg_skeleton.nn.VanillaGConv` layers. Presets: :obj:`"paper"`
    (0.14 M parameters); :obj:`"non-local"` ("w/o SemGConv", 0.30 M); :obj:`"two-matrix"`, the cell
    that the ablation leaves out: SemGCN's second matrix without its edge weights;
    :obj:`"st-gcn"`, ST-GCN for one frame (Table 3, 0.27 M): edge weights without a softmax.

    Args:
        skeleton (Skeleton or str): The layout; the paper's is ``h36m16``.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        separate_self (bool, optional): A matrix for a joint, another for its neighbors.
            (default: :obj:`False`)
        edge_importance (bool, optional): A trainable factor per edge. (default: :obj:`False`)
        init (str, optional): How weights are drawn, see :class:`~pyg_skeleton.nn.VanillaGConv`.
            (default: :obj:`"glorot"`)
        conv (callable, optional): See :class:`GraphResNet`.
            (default: :class:`~pyg_skeleton.nn.VanillaGConv`)
        **kwargs (optional): Arguments of :class:`GraphResNet`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`

    Example:
        >>> model = ResGCN("h36m16").eval()
        >>> model(model.skeleton.to_data(torch.randn(16, 2))).shape  # joints, channels
        torch.Size([16, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {"skeleton": "h36m16"},
        "non-local": {"skeleton": "h36m16", "non_local": True},
        "two-matrix": {"skeleton": "h36m16", "separate_self": True},
        "st-gcn": {"skeleton": "h36m16", "separate_self": True, "edge_importance": True},
    }

    def __init__(
        self,
        skeleton: GraphLike,
        in_channels: int = 2,
        *,
        separate_self: bool = False,
        edge_importance: bool = False,
        init: str = "glorot",
        conv: ConvFactory | None = None,
        **kwargs: Any,
    ) -> None:
        conv = conv or partial(
            VanillaGConv, separate_self=separate_self, edge_importance=edge_importance, init=init
        )
        super().__init__(skeleton, in_channels, conv=conv, **kwargs)
