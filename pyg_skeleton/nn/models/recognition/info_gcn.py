from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from pyg_skeleton.nn.conv.self_attention_graph_conv import SelfAttentionGraphConv
from pyg_skeleton.nn.models import official
from pyg_skeleton.nn.models.bodies import Bodies
from pyg_skeleton.nn.models.recognition.model import GraphLayer
from pyg_skeleton.nn.models.recognition.st_network import (
    NINE_CHANNELS,
    NINE_STRIDES,
    STNetwork,
)
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.nn.norm import JointBatchNorm
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.nn.temporal import MultiScaleTemporalConv
from pyg_skeleton.skeleton import BodyGraph, GraphLike, SkeletonLike, as_tree
from pyg_skeleton.transforms.stream import ancestors


class InfoGCNOutput(NamedTuple):
    """The output of :class:`InfoGCN`."""

    logits: Tensor
    """The scores of the classes, ``[N, classes]``."""
    latent: Tensor
    """The code of each clip, a sample in training, ``[N, 256]``."""


@register_model("info_gcn")
class InfoGCN(STNetwork):
    r"""InfoGCN, from the `"InfoGCN: Representation Learning for Human Skeleton-Based Action
    Recognition" <https://openaccess.thecvf.com/content/CVPR2022/html/
    Chi_InfoGCN_Representation_Learning_for_Human_Skeleton-Based_Action_Recognition_CVPR_2022_paper
    .html>`_ paper.

    Its input is the vector from each joint's :obj:`bone_order`-th ancestor to the joint (the joint
    itself, where there is no such ancestor). A clip becomes a Gaussian; the classifier
    sees a sample of it in training and its mean otherwise.
    :class:`~pyg_skeleton.nn.loss.InfoGCNLoss` pulls the codes of a class toward a prior of its
    own.

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`, :obj:`"nw-ucla"`.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        num_classes (int): The number of classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block. (default: the paper's)
        strides (tuple[int], optional): The step in time of each block. (default: the paper's)
        hidden_channels (int, optional): The width before the first block. (default: :obj:`64`)
        latent_channels (int, optional): The size of a clip's code. (default: :obj:`256`)
        heads (int, optional): The number of graphs of each frame. (default: :obj:`3`)
        bone_order (int, optional): Which ancestor is subtracted, 0 for none. The authors' code
            takes 8 for joints, beyond any ancestor. (default: :obj:`0`)
        reversed_bones (bool, optional): Subtract the sum of the joints whose ancestor a joint is
            instead, as the authors' code does on NW-UCLA. (default: :obj:`False`)
        bone_root (str, optional): The joint from which all bones point away, the skeleton's root by
            default. The authors' code has :obj:`"spine"` on NTU, where its bone between that joint
            and the base of the neck points the other way. (default: :obj:`None`)
        noise (float, optional): The factor of the log-deviation of the code.
            (default: :obj:`0.5`)
        conv (callable, optional): See :class:`STNetwork`.
            (default: :class:`~pyg_skeleton.nn.SelfAttentionGraphConv`)
        **kwargs (optional): Arguments of :class:`STNetwork`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** :class:`InfoGCNOutput`: logits :math:`(N, \text{classes})`, codes

    Example:
        >>> model = InfoGCN("ntu25", 60, channels=(16, 32), strides=(1, 2))
        >>> data = model.skeleton.to_data(torch.randn(25, 64, 3))  # joints, frames, channels
        >>> model.eval()(data).logits.shape
        torch.Size([1, 60])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "ntu60": {"skeleton": "ntu25", "num_classes": 60, "classifier_std": None},
        "ntu120": {"skeleton": "ntu25", "num_classes": 120, "classifier_std": None},
        "nw-ucla": {
            "skeleton": "kinect20",
            "num_classes": 10,
            "num_persons": 1,
            "classifier_std": None,
        },
    }

    renamed: ClassVar[dict[str, str]] = {"embed": "embedding"}
    per_joint: ClassVar[dict[str, int | None]] = {"position": 0}
    head_layers: ClassVar[tuple[str, ...]] = (
        "hidden",
        "latent_mean",
        "latent_log_std",
        "classifier",
    )
    bones: Tensor

    def __init__(
        self,
        skeleton: GraphLike,
        num_classes: int,
        in_channels: int = 3,
        *,
        channels: tuple[int, ...] = NINE_CHANNELS,
        strides: tuple[int, ...] = NINE_STRIDES,
        hidden_channels: int = 64,
        latent_channels: int = 256,
        heads: int = 3,
        bone_order: int = 0,
        reversed_bones: bool = False,
        bone_root: str | None = None,
        noise: float = 0.5,
        conv: ConvFactory | None = None,
        **kwargs: Any,
    ) -> None:
        self.hidden_channels, self.latent_channels = hidden_channels, latent_channels
        self.heads, self.noise = heads, noise
        super().__init__(
            skeleton,
            num_classes,
            in_channels,
            channels=channels,
            strides=strides,
            conv=conv or partial(SelfAttentionGraphConv, heads=heads),
            **kwargs,
        )
        bones = bone_matrix(self.skeleton, bone_order, reversed_bones, bone_root)
        self.register_buffer("bones", bones, persistent=False)
        self.hidden = torch.nn.Linear(channels[-1], latent_channels)
        self.latent_mean = torch.nn.Linear(latent_channels, latent_channels)
        self.latent_log_std = torch.nn.Linear(latent_channels, latent_channels)
        for layer in (self.hidden, self.latent_mean, self.latent_log_std):
            torch.nn.init.xavier_uniform_(layer.weight, gain=2**0.5)

    def make_classifier(self, in_channels: int) -> torch.nn.Linear:
        """Returns the last layer, which reads a clip's code."""
        return super().make_classifier(self.latent_channels)

    def make_input(self) -> int:
        """Creates the embedding of joints and places, and the norm."""
        V, H = self.skeleton.num_joints, self.hidden_channels
        self.embedding = torch.nn.Linear(self.in_channels, H)
        self.position = torch.nn.Parameter(torch.randn(V, H))
        self.norm = JointBatchNorm(V, H, self.num_persons)
        return H

    def make_temporal(self, channels: int, stride: int) -> torch.nn.Module:
        """Returns the convolution over time of a block, with its norm."""
        return MultiScaleTemporalConv(
            channels, channels, stride=stride, activation=True, valid=self.continual
        )

    def make_block(
        self, in_channels: int, out_channels: int, stride: int, first: bool
    ) -> torch.nn.Module:
        """Returns a block, always with a residual."""
        return super().make_block(in_channels, out_channels, stride, first=False)

    def features(self, x: Tensor, bodies: Bodies, edges: Edges | None = None) -> Tensor:
        """Returns the features of each joint."""
        V = self.skeleton.num_joints
        h = x.view(-1, V, *x.shape[1:])
        h = (self.bones @ h.flatten(2)).view(h.shape)
        h = self.embedding(h) + self.position.unsqueeze(1)
        return super().features(h.flatten(0, 1), bodies, edges)

    def classify(self, h: Tensor) -> InfoGCNOutput:
        """Returns logits and codes."""
        h = self.hidden(h).relu()
        latent = self.latent_mean(h)
        if self.training:
            std = (self.noise * self.latent_log_std(h)).exp().clamp(max=100)
            latent = latent + std * torch.randn_like(std)
        return InfoGCNOutput(self.classifier(latent), latent)

    def graph_layers(self) -> list[GraphLayer]:
        """Returns the attention of each block, frame by frame, without the shared graph."""
        convs = self.convs(SelfAttentionGraphConv)  # averaged over frames
        return [GraphLayer(conv.attention, conv.shared.numel(), 1) for conv in convs]

    def graph_parameters(self) -> list[torch.nn.Parameter]:
        """Returns the shared graph of each block."""
        return [conv.shared for conv in self.convs(SelfAttentionGraphConv)]

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Any], skeleton: SkeletonLike = "ntu25", **kwargs: Any
    ) -> "InfoGCN":
        """Builds the network from weights of the authors (github.com/stnoah1/infogcn).

        Args:
            state_dict (dict): The weights under the authors' names. They do not tell
                :obj:`bone_order`; the direction of the bones is that of the authors' code for NTU
                (:obj:`bone_root`) and NW-UCLA (:obj:`reversed_bones`).
            skeleton (Skeleton or str, optional): The layout that they were trained with.
                (default: :obj:`"ntu25"`)
            **kwargs (optional): Further arguments, for example :obj:`bone_order`.

        Raises:
            ValueError: If weights are missing, unknown, or of another layout.
        """
        return official.build(cls, official.info_gcn, state_dict, skeleton, kwargs)


def bone_matrix(
    skeleton: BodyGraph, order: int, reversed_bones: bool = False, root: str | None = None
) -> Tensor:
    r"""Returns :math:`\mathbf{I} - \mathbf{P}^k`, where :math:`\mathbf{P}` takes a joint's parent
    (or its children): :math:`(V, V)`. Parents lead to :obj:`root`, by default the skeleton's.
    """
    if order < 0:
        raise ValueError(f"expected bone_order >= 0, got {order}")
    V = skeleton.num_joints
    if order == 0:
        return torch.eye(V)
    parent = torch.zeros(V, V)
    for child, above in enumerate(ancestors(as_tree(skeleton, f"bone_order={order}"), 1, root)):
        if above >= 0:
            parent[child, above] = 1
    if reversed_bones:
        parent = parent.t()
    return torch.eye(V) - torch.linalg.matrix_power(parent, order)
