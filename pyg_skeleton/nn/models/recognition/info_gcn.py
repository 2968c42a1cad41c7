import re
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from pyg_skeleton.nn.blocks.st_block import STBlock
from pyg_skeleton.nn.conv.self_attention_graph_conv import SelfAttentionGraphConv
from pyg_skeleton.nn.models.recognition.agcn import numbered_blocks, rename_blocks
from pyg_skeleton.nn.models.recognition.ctr_gcn import gather_branches
from pyg_skeleton.nn.models.recognition.model import Bodies, RecognitionModel, load_renamed
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.norm import JointBatchNorm
from pyg_skeleton.nn.temporal import MultiScaleTemporalConv
from pyg_skeleton.skeleton import Skeleton


class InfoGCNOutput(NamedTuple):
    """What :class:`InfoGCN` returns."""

    logits: Tensor
    latent: Tensor
    """The code of each clip, a sample in training, ``[N, 256]``."""


@register_model("info_gcn")
class InfoGCN(RecognitionModel):
    r"""InfoGCN, from the `"InfoGCN: Representation Learning for Human Skeleton-Based Action
    Recognition" <https://openaccess.thecvf.com/content/CVPR2022/html/
    Chi_InfoGCN_Representation_Learning_for_Human_Skeleton-Based_Action_Recognition_CVPR_2022_paper
    .html>`_ paper.

    Its input is the vector from each joint's :obj:`bone_order`-th ancestor to the joint (the joint
    itself, where there is no such ancestor). A clip becomes a Gaussian, of which the classifier
    sees a sample in training and the mean otherwise; :class:`~pyg_skeleton.nn.loss.InfoGCNLoss`
    draws the codes of a class to a prior of its own.

    Presets: :obj:`"ntu60"`, :obj:`"ntu120"`, :obj:`"nw-ucla"`.

    Args:
        skeleton (Skeleton): The layout.
        num_classes (int): The number of classes.
        in_channels (int, optional): Size of a joint's input. (default: :obj:`3`)
        channels (tuple[int], optional): The width of each block. (default: those of the paper)
        strides (tuple[int], optional): The step in time of each block.
            (default: those of the paper)
        hidden_channels (int, optional): The width before the first block. (default: :obj:`64`)
        latent_channels (int, optional): The size of a clip's code. (default: :obj:`256`)
        heads (int, optional): The number of graphs of each frame. (default: :obj:`3`)
        bone_order (int, optional): Which ancestor is subtracted, 0 for none. The authors' code
            takes 8 for joints, beyond any ancestor. (default: :obj:`0`)
        reversed_bones (bool, optional): Subtract the joints of which a joint is the ancestor, all
            together, instead: what the authors' code does on NW-UCLA. (default: :obj:`False`)
        noise (float, optional): The factor of the log-deviation of the code.
            (default: :obj:`0.5`)
        num_persons (int, optional): How many persons a clip may have. (default: :obj:`2`)
        pad_persons (bool, optional): See :class:`RecognitionModel`. (default: :obj:`False`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)`, or a batch
        - **output:** :class:`InfoGCNOutput`: logits :math:`(N, \text{classes})`, codes
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "ntu60": {"skeleton": "ntu25", "num_classes": 60},
        "ntu120": {"skeleton": "ntu25", "num_classes": 120},
        "nw-ucla": {"skeleton": "kinect20", "num_classes": 10, "num_persons": 1},
    }

    bones: Tensor

    def __init__(
        self,
        skeleton: Skeleton,
        num_classes: int,
        in_channels: int = 3,
        channels: tuple[int, ...] = (64, 64, 64, 128, 128, 128, 256, 256, 256),
        strides: tuple[int, ...] = (1, 1, 1, 2, 1, 1, 2, 1, 1),
        hidden_channels: int = 64,
        latent_channels: int = 256,
        heads: int = 3,
        bone_order: int = 0,
        reversed_bones: bool = False,
        noise: float = 0.5,
        num_persons: int = 2,
        pad_persons: bool = False,
    ) -> None:
        config = {k: v for k, v in locals().items() if k not in ("self", "skeleton", "__class__")}
        super().__init__(
            skeleton, config, num_classes, in_channels, num_persons, pad_persons, latent_channels
        )
        V, H = skeleton.num_joints, hidden_channels
        self.noise = noise
        bones = bone_matrix(skeleton, bone_order, reversed_bones)
        self.register_buffer("bones", bones, persistent=False)
        self.embed = torch.nn.Linear(in_channels, H)
        self.position = torch.nn.Parameter(torch.randn(V, H))
        self.norm = JointBatchNorm(V, H, num_persons)
        self.blocks = torch.nn.Sequential()
        width = H
        for out, stride in zip(channels, strides, strict=True):
            conv = SelfAttentionGraphConv(width, out, skeleton, heads)
            temporal = MultiScaleTemporalConv(out, out, stride=stride, activation=True)
            self.blocks.append(STBlock(conv, temporal, stride))
            width = out
        self.hidden = torch.nn.Linear(width, latent_channels)
        self.latent_mean = torch.nn.Linear(latent_channels, latent_channels)
        self.latent_log_std = torch.nn.Linear(latent_channels, latent_channels)
        for layer in (self.hidden, self.latent_mean, self.latent_log_std):
            torch.nn.init.xavier_uniform_(layer.weight, gain=2**0.5)

    def features(self, x: Tensor, bodies: Bodies) -> Tensor:
        """Returns the features of each joint."""
        V = self.skeleton.num_joints
        h = x.view(-1, V, *x.shape[1:])
        h = (self.bones @ h.flatten(2)).view(h.shape)
        h = self.embed(h) + self.position.unsqueeze(1)
        return self.blocks(self.norm(h.flatten(0, 1), bodies.person))

    def classify(self, h: Tensor) -> InfoGCNOutput:
        """Returns logits and codes."""
        h = self.hidden(h).relu()
        latent = self.latent_mean(h)
        if self.training:
            std = (self.noise * self.latent_log_std(h)).exp().clamp(max=100)
            latent = latent + std * torch.randn_like(std)
        return InfoGCNOutput(self.classifier(latent), latent)

    def graph_layers(self) -> list[torch.nn.Module]:
        """Returns the attention of each block, frame by frame, without the shared graph."""
        return [block.conv.attention for block in self.blocks]  # type: ignore[misc, union-attr]

    @classmethod
    def from_official(
        cls, state_dict: Mapping[str, Tensor], skeleton: Skeleton | str = "ntu25", **kwargs: Any
    ) -> "InfoGCN":
        """Builds the network from weights of its authors' one (github.com/stnoah1/infogcn).

        Args:
            state_dict (dict): The weights under the authors' names. They do not tell
                :obj:`bone_order` and :obj:`reversed_bones`.
            skeleton (Skeleton or str, optional): The layout that they were trained with.
                (default: :obj:`"ntu25"`)
            **kwargs (optional): Further arguments, :obj:`bone_order` say.

        Raises:
            ValueError: If weights are missing, unknown, or of another layout.
        """
        skeleton = Skeleton.get(skeleton) if isinstance(skeleton, str) else skeleton
        shape = numbered_blocks(state_dict, "agcn.bn.weight", "data_bn.weight", skeleton)
        weights = rename_blocks(state_dict)
        gathered: dict[str, Tensor] = {"position": weights.pop("pos_embedding").squeeze(0)}
        for i in range(len(shape["channels"])):
            block = f"blocks.{i}"
            heads = weights[f"{block}.agcn.shared_topology"].size(0)
            for part in ("weight", "bias"):
                pick = [weights.pop(f"{block}.agcn.conv_d.{k}.{part}") for k in range(heads)]
                pick = [p.flatten(1) for p in pick] if part == "weight" else pick
                gathered[f"{block}.conv.{part}"] = torch.stack(pick)
            gathered |= gather_branches(weights, f"{block}.tcn", f"{block}.temporal")
        for name, value in weights.items():
            for pattern, replacement in _NAMES:
                name = re.sub(pattern, replacement, name)
            gathered[name] = value.squeeze(-1) if value.dim() == 4 else value
        H, channels = gathered["embed.weight"].shape
        persons = gathered["norm.weight"].numel() // (skeleton.num_joints * H)
        model = cls(
            skeleton,
            in_channels=channels,
            hidden_channels=H,
            latent_channels=gathered["hidden.weight"].size(0),
            heads=gathered["blocks.0.conv.shared"].size(0),
            num_persons=persons,
            **shape,
            **kwargs,
        )
        # The official strides follow the widths after the first block as ours do.
        load_renamed(model, gathered)
        return model.eval()


_NAMES = (
    (r"^data_bn", "norm"),
    (r"^to_joint_embedding", "embed"),
    (r"^fc\.", "hidden."),
    (r"^fc_mu", "latent_mean"),
    (r"^fc_logvar", "latent_log_std"),
    (r"^decoder", "classifier"),
    (r"\.agcn\.shared_topology", ".conv.shared"),
    (r"\.agcn\.attn\.to_qk", ".conv.attention.embed"),
    (r"\.agcn\.attn\.ln", ".conv.attention.norm"),
    (r"\.agcn\.bn", ".norm"),
    (r"\.agcn\.down", ".down"),
    (r"\.residual\.conv", ".residual.0"),
    (r"\.residual\.bn", ".residual.1"),
)


def bone_matrix(skeleton: Skeleton, order: int, reversed_bones: bool = False) -> Tensor:
    r"""Returns :math:`\mathbf{I} - \mathbf{P}^k`, where :math:`\mathbf{P}` takes a joint's parent
    (or its children): :math:`(V, V)`.
    """
    if order < 0:
        raise ValueError(f"expected bone_order >= 0, got {order}")
    V = skeleton.num_joints
    parent = torch.zeros(V, V)
    for child, above in skeleton.bones:
        parent[child, above] = 1
    if reversed_bones:
        parent = parent.t()
    if order == 0:
        return torch.eye(V)
    return torch.eye(V) - torch.linalg.matrix_power(parent, order)
