from typing import Any, ClassVar

import torch
from torch import Tensor
from torch_geometric.nn import GATConv

from pyg_skeleton.nn.models.lifting.graph_res_net import GraphResNet
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.nn.optimized.forms import Affine, Constants, form
from pyg_skeleton.nn.sums.edge_template import EdgeTemplate
from pyg_skeleton.skeleton import BodyGraph, GraphLike


@register_model("pose_gat")
class PoseGAT(GraphResNet):
    r"""Graph attention in the network of SemGCN, which the `"Semantic Graph Convolutional Networks
    for 3D Human Pose Regression" <https://arxiv.org/abs/1904.03345>`_ paper is compared with
    (Table 3).

    :class:`GraphResNet` of PyG's :class:`~torch_geometric.nn.conv.GATConv`. The paper gives no
    hyper-parameters but a count of 0.16 M, which no number of heads yields; one head has 137,481.

    Args:
        skeleton (Skeleton or str): The layout; the paper's is ``h36m16``.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`2`)
        **kwargs (optional): Arguments of :class:`GraphResNet`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(B \cdot V, C)`, keypoints in :math:`[-1, 1]` of the image's width
        - **output:** :math:`(B \cdot V, 3)`

    Example:
        >>> model = PoseGAT("h36m16").eval()
        >>> model(model.skeleton.to_data(torch.randn(16, 2))).shape  # joints, channels
        torch.Size([16, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {"paper": {"skeleton": "h36m16"}}

    def __init__(
        self,
        skeleton: GraphLike,
        in_channels: int = 2,
        *,
        conv: ConvFactory | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(skeleton, in_channels, conv=conv or _BodyGAT, **kwargs)


class _BodyGAT(torch.nn.Module):
    """PyG's layer on any number of copies of a body."""

    def __init__(self, in_channels: int, out_channels: int, skeleton: BodyGraph) -> None:
        super().__init__()
        self.out_channels = out_channels
        edges = [skeleton.edge_index(self_loops=True)]
        self.template = EdgeTemplate(edges, skeleton.num_joints)
        self.conv = GATConv(in_channels, out_channels, add_self_loops=False)

    def forward(self, x: Tensor, edge_index: Tensor | None = None) -> Tensor:
        if edge_index is None:
            edges, _ = self.template.union(0, x)
        else:  # with one self-loop each
            loops = torch.arange(x.size(0), device=x.device).expand(2, -1)
            edges = torch.cat([edge_index[:, edge_index[0] != edge_index[1]], loops], dim=1)
        out: Tensor = self.conv(x, edges)
        return out


class _DenseGAT(Constants):
    """The layer with all scores of joints in one linear map, over matrices."""

    weight: Tensor
    bias: Tensor
    far: Tensor

    def __init__(self, layer: _BodyGAT, norm: Affine) -> None:
        conv, template = layer.conv, layer.template
        weight = conv.lin.weight.double()
        scores = torch.cat([conv.att_src.flatten(0, 1), conv.att_dst.flatten(0, 1)]).double()
        near = template.dense(weight.new_ones(template.num_edges)).squeeze(0)
        super().__init__(
            conv.lin.weight.dtype,
            weight=torch.cat([weight * norm.scale.unsqueeze(1), scores @ weight]),
            bias=norm.bias(conv.bias),
            far=near == 0,
        )
        self.slope, self.out_channels = conv.negative_slope, layer.out_channels

    def forward(self, x: Tensor) -> Tensor:
        h = torch.unflatten(torch.nn.functional.linear(x, self.weight), 0, (-1, self.far.size(0)))
        h, source, target = torch.split(h, [self.out_channels, 1, 1], dim=-1)
        scores = torch.nn.functional.leaky_relu(target + source.mT, self.slope)
        graph = scores.masked_fill(self.far, -torch.inf).softmax(-1)
        return torch.baddbmm(self.bias, graph, h).flatten(0, 1)


@form.register
def _(layer: _BodyGAT, norm: Affine | None = None) -> torch.nn.Module:
    return _DenseGAT(layer, norm or Affine.of(None, layer.out_channels))
