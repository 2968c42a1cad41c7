from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.hcsf_block import HCSFBlock, make_hop_conv
from pyg_skeleton.nn.models.recognition.st_network import (
    NINE_CHANNELS,
    NINE_STRIDES,
    STNetwork,
)
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.models.skeleton_model import ConvFactory
from pyg_skeleton.nn.norm import JointBatchNorm
from pyg_skeleton.skeleton import GraphLike
from pyg_skeleton.skeleton.hops import HopMode


@register_model("skeletal_gnn_classifier")
class SkeletalGNNClassifier(STNetwork):
    r"""Skeletal graph neural networks that recognize actions, from the `"Learning Skeletal Graph
    Neural Networks for Hard 3D Pose Estimation" <https://arxiv.org/abs/2108.07181>`_ paper
    (section 4.3; supplementary, section 2).

    Nine :class:`HCSFBlock`, the mean over joints, frames and persons, a linear classifier. The
    paper's stream is one of four, see :class:`~pyg_skeleton.transforms.Stream`; their class
    probabilities are averaged. It does not say that the pairs of a hop share their weights (one per
    pair would make 72 million), nor where time is halved; both are as in the networks that it
    follows, as is the normalization of the input.

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        num_classes (int): The number of action classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block.
            (default: :obj:`(64, 64, 64, 128, 128, 128, 256, 256, 256)`)
        strides (tuple[int], optional): The step in time of each block.
            (default: :obj:`(1, 1, 1, 2, 1, 1, 2, 1, 1)`)
        kernel_size (int, optional): The number of frames that a convolution over time sees.
            (default: :obj:`9`)
        dropout (float, optional): Dropout probability before the classifier. (default: :obj:`0.0`)
        short_range, long_range, squeeze, fusion, long_fusion, hop_mode, hop_aware, sharing
            (optional): See :class:`~pyg_skeleton.nn.HCSFConv`.
        reaches (tuple[int], optional): The balls of hops of :class:`~pyg_skeleton.nn.MixHopConv`
            layers in place of HCSF (supplementary, Table 6), with :obj:`fusion` :obj:`"concat"`
            (MixHop) or :obj:`"mean"` (MS-Hop). (default: :obj:`None`)
        dynamic (bool, optional): Learned graphs. (default: :obj:`True`)
        graph_init, offset, alpha, learn_alpha, support, graph_kernel, graph_stride, graph_dilation
            (optional): See :class:`~pyg_skeleton.nn.DynamicHCSFConv`.
        classifier_std (float, optional): See :class:`RecognitionModel`. (default: as PyTorch draws
            linear layers)
        **kwargs (optional): Arguments of :class:`STNetwork`.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** logits :math:`(B, \text{classes})`

    Example:
        >>> model = SkeletalGNNClassifier("ntu25", 60)
        >>> data = model.skeleton.to_data(torch.randn(25, 64, 3))  # joints, frames, channels
        >>> model(data).shape
        torch.Size([1, 60])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "ntu60": {"skeleton": "ntu25", "num_classes": 60},
        "ntu120": {"skeleton": "ntu25", "num_classes": 120},
    }

    def __init__(
        self,
        skeleton: GraphLike,
        num_classes: int,
        in_channels: int = 3,
        *,
        channels: tuple[int, ...] = NINE_CHANNELS,
        strides: tuple[int, ...] = NINE_STRIDES,
        kernel_size: int = 9,
        dropout: float = 0.0,
        short_range: int = 5,
        long_range: int = 7,
        squeeze: float = 0.125,
        fusion: str = "concat",
        long_fusion: str = "concat",
        hop_mode: HopMode = "ring",
        hop_aware: bool = True,
        sharing: str = "hop",
        reaches: tuple[int, ...] | None = None,
        dynamic: bool = True,
        graph_init: str = "ori",
        offset: bool = True,
        alpha: float = 0.0,
        learn_alpha: bool = True,
        support: str = "masked",
        graph_kernel: int = 3,
        graph_stride: int = 1,
        graph_dilation: int = 1,
        conv: ConvFactory | None = None,
        classifier_std: float | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("continual"):
            raise ValueError("expected continual=False, dynamic graphs of clips need their frames")
        self.kernel_size = kernel_size
        conv = conv or partial(make_hop_conv, config=self.config)
        super().__init__(
            skeleton,
            num_classes,
            in_channels,
            channels=channels,
            strides=strides,
            conv=conv,
            classifier_std=classifier_std,
            **kwargs,
        )
        self.dropout = torch.nn.Dropout(dropout)

    def make_input(self) -> int:
        """Creates the norm, the same for all persons."""
        self.norm = JointBatchNorm(self.skeleton.num_joints, self.in_channels)
        return self.in_channels

    def make_classifier(self, in_channels: int) -> torch.nn.Linear:
        """Returns the last layer."""
        if self.classifier_std is not None:
            return super().make_classifier(in_channels)
        return torch.nn.Linear(in_channels, self.num_classes)

    def make_block(
        self, in_channels: int, out_channels: int, stride: int, first: bool
    ) -> torch.nn.Module:
        """Returns a block."""
        return HCSFBlock(self.make_conv(in_channels, out_channels), self.kernel_size, stride)

    def classify(self, h: Tensor) -> Tensor:
        """Returns the logits."""
        return self.classifier(self.dropout(h))
