from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from pyg_skeleton.nn.conv.sem_g_conv import SemGConv
from pyg_skeleton.nn.models import official
from pyg_skeleton.nn.models.lifting.graph_res_net import GraphResNet
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.skeleton import GraphLike, SkeletonLike


@register_model("sem_gcn")
class SemGCN(GraphResNet):
    r"""Semantic graph convolutional networks, from the `"Semantic Graph Convolutional Networks for
    3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper (section 3.3, Fig. 2).

    :class:`GraphResNet` of :class:`~pyg_skeleton.nn.SemGConv` layers. Presets: :obj:`"paper"` (the
    0.43 M parameters of Table 1), :obj:`"no-non-local"` (0.27 M), :obj:`"channelwise"` (the layers
    of configuration 2) and :obj:`"channelwise-no-non-local"`.

    Args:
        skeleton (Skeleton or str): The layout; the paper's is ``h36m16``.
        in_channels (int, optional): Size of a joint's input: 2, and image features.
            (default: :obj:`2`)
        non_local (bool, optional): Whether there are non-local layers. (default: :obj:`True`)
        channelwise (bool, optional): Edge weights per channel. (default: :obj:`False`)
        separate_self (bool, optional): A matrix for a joint, another for its neighbors.
            (default: :obj:`True`)
        init (str, optional): How weights are drawn, see :class:`~pyg_skeleton.nn.VanillaGConv`.
            (default: :obj:`"official"`)
        conv (callable, optional): See :class:`GraphResNet`.
            (default: :class:`~pyg_skeleton.nn.SemGConv`)
        **kwargs (optional): Arguments of :class:`GraphResNet`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`

    Example:
        >>> model = SemGCN("h36m16").eval()
        >>> model(model.skeleton.to_data(torch.randn(16, 2))).shape  # joints, channels
        torch.Size([16, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {"skeleton": "h36m16"},
        "no-non-local": {"skeleton": "h36m16", "non_local": False},
        "channelwise": {"skeleton": "h36m16", "channelwise": True},
        "channelwise-no-non-local": {
            "skeleton": "h36m16",
            "channelwise": True,
            "non_local": False,
        },
    }

    def __init__(
        self,
        skeleton: GraphLike,
        in_channels: int = 2,
        *,
        non_local: bool = True,
        channelwise: bool = False,
        separate_self: bool = True,
        init: str = "official",
        conv: ConvFactory | None = None,
        **kwargs: Any,
    ) -> None:
        conv = conv or partial(
            SemGConv, channelwise=channelwise, separate_self=separate_self, init=init
        )
        super().__init__(skeleton, in_channels, non_local=non_local, conv=conv, **kwargs)

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Any], skeleton: SkeletonLike = "h36m16", **kwargs: Any
    ) -> "SemGCN":
        """Builds the network from weights of the authors (github.com/garyzhao/SemGCN).

        Width, blocks, edge weights per channel and non-local layers follow from the weights.

        Args:
            state_dict (dict): The weights under the authors' names, or a checkpoint of their
                scripts.
            skeleton (Skeleton or str, optional): The layout, in the order of joints that the
                weights were trained with. (default: :obj:`"h36m16"`)
            **kwargs (optional): Further arguments, for example :obj:`dropout`.

        Raises:
            ValueError: If a weight is missing or unknown, or the layout has another number of
                edges.
        """
        return official.build(cls, official.sem_gcn, state_dict, skeleton, kwargs)
