from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor
from torch_geometric.utils import scatter

from pyg_skeleton.nn.conv.agim import AGIM, ActionalGraph
from pyg_skeleton.nn.models.bodies import bodies_of
from pyg_skeleton.nn.models.motion.model import MotionModel, SymGNNOutput
from pyg_skeleton.nn.models.motion.sym_gnn_backbone import (
    FOUR_BLOCKS,
    NINE_BLOCKS,
    TINY_BLOCKS,
    BlockSpec,
    MultiScaleGCN,
)
from pyg_skeleton.nn.models.motion.sym_gnn_heads import PredictionHead, RecognitionHead
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import BodyGraph, GraphLike, SkeletonLike, as_tree, difference
from pyg_skeleton.skeleton.hops import HopMode


@register_model("sym_gnn")
class SymGNN(MotionModel):
    r"""Symbiotic graph neural networks: recognition and motion prediction in one, from the
    `"Symbiotic Graph Neural Networks for 3D Skeleton-based Human Action Recognition and Motion
    Prediction" <https://arxiv.org/abs/1910.02212>`_ paper (sections 4 and 5).

    :class:`~pyg_skeleton.nn.AGIM` infers one actional graph per body from the observed poses; all
    layers share it. Branches of :class:`MultiScaleGCN`, one per difference order, read the poses;
    two heads read the concatenated branches. With :obj:`bone=True` a second network of the same
    kind runs on the dual graph (nodes are bones, features are bone vectors), its class scores are
    added before the softmax, and the motion predictor reads the fused classes, too.

    Presets: :obj:`"ntu"`, :obj:`"kinetics"` (Table 17), :obj:`"h36m"`, :obj:`"cmu"` (Table 18),
    :obj:`"tiny"` (two cores). NTU's reads two difference orders because the paper's headline does
    (its Table 13).

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        num_classes (int): The number of action classes.
        num_future (int): The number of frames to predict.
        blocks (tuple, optional): Rows of :class:`BlockSpec`. (default: Table 18)
        in_channels (int, optional): Size of a joint's pose. (default: :obj:`3`)
        differences (tuple[int], optional): The difference orders :math:`\beta`, one branch each.
            (default: :obj:`(0, 1, 2)`)
        order (int, optional): The highest structural order :math:`\Gamma`. (default: :obj:`3`)
        lambda_act (float, optional): The share :math:`\lambda_{act}` of the actional graph.
            (default: :obj:`1.0`)
        num_iterations (int, optional): The passes :math:`K` of AGIM. (default: :obj:`2`)
        agim_channels (int, optional): Width of AGIM. (default: :obj:`128`)
        agim_frames (int, optional): Frames that AGIM reads, sampled evenly from the clip;
            Table 16 has 49. (default: :obj:`49`)
        hidden_channels (int, optional): Width of both heads. (default: :obj:`256`)
        dropout (float, optional): Dropout probability of AGIM, blocks and classifier. The paper
            gives none. (default: :obj:`0.5`)
        structural (bool, optional): Structural graphs; off is "Only J-A" with
            :obj:`parts=False`. (default: :obj:`True`)
        actional (bool, optional): Actional graphs; off is "Only J-S" with :obj:`parts=False`.
            (default: :obj:`True`)
        joints (bool, optional): The joint scale; off is "Only P". (default: :obj:`True`)
        parts (bool, optional): The part scale. (default: :obj:`True`)
        bone (bool, optional): The bone-based dual network. (default: :obj:`True`)
        bone_weight (float, optional): Its weight in the fused class scores.
            (default: :obj:`1.0`)
        joint_scores (bool, optional): Whether the class scores include those of the joints; off is
            "Only Bone" of Table 15. (default: :obj:`True`)
        recognition (bool, optional): The recognition head. (default: :obj:`True`)
        prediction (bool, optional): The prediction head. (default: :obj:`True`)
        detach_classes (bool, optional): Whether the prediction loss stops at the class
            probabilities. (default: :obj:`False`)
        carry (str, optional): What the predictor's GRU carries over, :obj:`"hidden"` or, literally,
            :obj:`"convolved"`; see :class:`PredictionHead`. (default: :obj:`"hidden"`)
        mode (str, optional): See :class:`~pyg_skeleton.nn.StructuralConv`.
            (default: :obj:`"power"`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)` for clips of :math:`M` persons, or a batch
        - **output:** :class:`SymGNNOutput`: logits :math:`(B, \text{classes})`, prediction
          :math:`(\sum M \cdot V, T', C)`, the actional graph

    Example:
        >>> model = create_model("sym_gnn", "tiny", "ntu25", num_classes=12).eval()
        >>> data = model.skeleton.to_data(torch.randn(25, 20, 3))
        >>> model(data).logits.shape, model(data).prediction.shape
        (torch.Size([1, 12]), torch.Size([25, 25, 3]))
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "ntu": {
            "skeleton": "ntu25",
            "num_classes": 60,
            "num_future": 10,
            "blocks": NINE_BLOCKS,
            "differences": (0, 1),
            "order": 4,
            "lambda_act": 0.5,
        },
        "kinetics": {
            "skeleton": "openpose18",
            "num_classes": 400,
            "num_future": 10,
            "blocks": NINE_BLOCKS,
            "differences": (0, 1),
            "order": 4,
            "lambda_act": 0.5,
        },
        "h36m": {"skeleton": "h36m21", "num_classes": 15, "num_future": 25, "blocks": FOUR_BLOCKS},
        "cmu": {"skeleton": "cmu26", "num_classes": 8, "num_future": 25, "blocks": FOUR_BLOCKS},
        "tiny": {
            "skeleton": "cmu26",
            "num_classes": 8,
            "num_future": 25,
            "blocks": TINY_BLOCKS,
            "order": 2,
            "agim_channels": 32,
            "agim_frames": 20,
            "hidden_channels": 64,
            "num_iterations": 1,
            "dropout": 0.0,
        },
    }

    class_layers: ClassVar[tuple[str, ...]] = (
        "joint_net.head.classifier",
        "bone_net.head.classifier",
    )

    def __init__(
        self,
        skeleton: GraphLike,
        num_classes: int,
        num_future: int,
        blocks: tuple[BlockSpec, ...] = FOUR_BLOCKS,
        in_channels: int = 3,
        differences: tuple[int, ...] = (0, 1, 2),
        order: int = 3,
        lambda_act: float = 1.0,
        num_iterations: int = 2,
        agim_channels: int = 128,
        agim_frames: int = 49,
        hidden_channels: int = 256,
        dropout: float = 0.5,
        structural: bool = True,
        actional: bool = True,
        joints: bool = True,
        parts: bool = True,
        bone: bool = True,
        bone_weight: float = 1.0,
        joint_scores: bool = True,
        recognition: bool = True,
        prediction: bool = True,
        detach_classes: bool = False,
        carry: str = "hidden",
        mode: HopMode = "power",
    ) -> None:
        super().__init__(skeleton, in_channels, num_future)
        skeleton = self.skeleton
        if not (recognition or prediction):
            raise ValueError("expected recognition or prediction or both, got neither")
        if not differences or min(differences) < 0:
            raise ValueError(f"expected difference orders >= 0, got {differences}")
        blocks = tuple(BlockSpec(*block) for block in blocks)
        self.num_classes = num_classes
        self.bone_weight, self.detach_classes = bone_weight, detach_classes

        if recognition and not (joint_scores or bone):
            raise ValueError("expected class scores from joints or bones or both, got neither")

        def stream(graph: BodyGraph, recognition: bool) -> "_Stream":
            return _Stream(
                graph,
                blocks,
                in_channels,
                tuple(differences),
                agim={
                    "frames": agim_frames,
                    "hidden_channels": agim_channels,
                    "num_iterations": num_iterations,
                },
                head={"hidden_channels": hidden_channels, "num_classes": num_classes},
                recognition=recognition,
                joints=joints,
                parts=parts,
                dropout=dropout,
                structural=structural and joints,
                actional=actional and joints,
                order=order,
                lambda_act=lambda_act,
                mode=mode,
            )

        self.joint_net = stream(skeleton, recognition and joint_scores)
        self.bone_net: _Stream | None = None
        if bone and recognition:
            self.bone_net = stream(as_tree(skeleton, "SymGNN with bone=True").dual(), True)
        self.decoder = (
            PredictionHead(
                self.joint_net.out_channels,
                hidden_channels,
                in_channels,
                num_classes if recognition else 0,
                skeleton,
                structural=structural and joints,
                actional=actional and joints,
                carry=carry,
                order=order,
                lambda_act=lambda_act,
                mode=mode,
            )
            if prediction
            else None
        )

    def forward_clips(
        self,
        x: Tensor,
        clip: Tensor | None = None,
        num_clips: int = 1,
        num_future: int | None = None,
        edges: Edges | None = None,
    ) -> SymGNNOutput:
        r"""The forward pass on plain tensors, for export.

        Args:
            x (torch.Tensor): The observed frames, :math:`(B \cdot V, T, C)`.
            clip (torch.Tensor, optional): The clip of each body, :math:`(B)`.
                (default: all of one clip)
            num_clips (int, optional): The number of clips. (default: :obj:`1`)
            num_future (int, optional): The number of frames to predict.
                (default: the network's)
            edges (Edges, optional): The edges of the joints. (default: those of the layout)
        """
        V = self.skeleton.num_joints
        if x.dim() != 3 or x.size(1) < 3:
            raise ValueError(f"expected x [nodes, T >= 3, channels], got {tuple(x.shape)}")
        if clip is None:
            clip = torch.zeros(x.size(0) // V, dtype=torch.long, device=x.device)
        h, logits, actional = self.joint_net(x, clip, num_clips, edges)
        if self.bone_net is not None:
            poses = x.view((-1, V, *x.shape[1:])) * self.std.unsqueeze(1) + self.mean.unsqueeze(1)
            body = as_tree(self.skeleton, "the bone network")
            bones = body.bone_vectors(poses, dim=1)  # in the units of the data
            _, bone_logits, _ = self.bone_net(bones.flatten(0, 1), clip, num_clips)
            bone_logits = self.bone_weight * bone_logits
            logits = bone_logits if logits is None else logits + bone_logits
        prediction = None
        if self.decoder is not None:
            probability = None
            if logits is not None:
                probability = logits.softmax(dim=-1)
                probability = probability.detach() if self.detach_classes else probability
                probability = probability[clip].unsqueeze(1).expand(-1, V, -1).flatten(0, 1)
            frames = self.num_future if num_future is None else num_future
            prediction = self.decoder(h, x, actional, probability, frames, edges)
        return SymGNNOutput(logits, prediction, actional)

    def actional_graph(self, x: Tensor) -> ActionalGraph | None:
        r"""Returns the actional graph of observed frames :math:`(B \cdot V, T, C)`, :obj:`None`
        without AGIM.
        """
        return self.joint_net.actional_graph(x)

    def named_parts(self) -> dict[str, list[str]]:
        """Returns the parts that :meth:`freeze` knows: ``backbone`` (AGIM and the blocks),
        ``graphs`` (AGIM alone), ``head``, and of it ``recognition`` and ``prediction``.
        """
        own = dict(self.named_modules())
        nets = ("joint_net", "bone_net")
        graphs = [f"{net}.agim" for net in nets]
        recognition, prediction = [f"{net}.head" for net in nets], ["decoder"]
        parts = {
            "backbone": [*graphs, *(f"{net}.branches" for net in nets)],
            "graphs": graphs,
            "head": [*recognition, *prediction],
            "recognition": recognition,
            "prediction": prediction,
        }
        there = {part: [name for name in names if name in own] for part, names in parts.items()}
        return {part: names for part, names in there.items() if names}

    def prediction_parameters(self) -> list[torch.nn.Parameter]:
        """The parameters of the prediction head."""
        return [] if self.decoder is None else list(self.decoder.parameters())

    def backbone_parameters(self) -> list[torch.nn.Parameter]:
        r"""The shared parameters :math:`\theta_{bk}` of equation 15: AGIM and the blocks."""
        nets = [self.joint_net] + ([] if self.bone_net is None else [self.bone_net])
        return [p for net in nets for m in (net.agim, net.branches) if m for p in m.parameters()]

    def embed(
        self,
        clips: Any,
        layout: SkeletonLike | None = None,
        batch_size: int = 64,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> np.ndarray:
        r"""Returns the features of clips that both heads read, their mean over joints, frames and
        persons :math:`(N, C')`; see :meth:`predict` for the arguments.
        """

        def features(data: Any) -> Tensor:
            self.check_bodies(data)
            clip, _, num_clips = bodies_of(data, self.skeleton.num_joints)
            h, _, _ = self.joint_net(data.x, clip, num_clips, self.edges_of(data))
            bodies = h.view(len(clip), -1, h.size(-1)).mean(dim=1)
            return scatter(bodies, clip, dim=0, dim_size=num_clips, reduce="mean")

        data = self.read_clips(clips, layout, None, unit, frame_rate)
        output = list(self.run_clips(features, data, batch_size))
        return torch.cat(output).float().cpu().numpy()


class _Stream(torch.nn.Module):
    """AGIM, the branches and the recognition head on one graph: of joints, or of bones."""

    def __init__(
        self,
        graph: BodyGraph,
        blocks: tuple[BlockSpec, ...],
        in_channels: int,
        differences: tuple[int, ...],
        agim: dict[str, Any],
        head: dict[str, int],
        recognition: bool,
        dropout: float,
        actional: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        self.differences = differences
        self.agim_frames = agim.pop("frames")
        self.agim = (
            AGIM(in_channels * self.agim_frames, graph.num_joints, dropout=dropout, **agim)
            if actional
            else None
        )
        self.branches = torch.nn.ModuleList(
            MultiScaleGCN(in_channels, graph, blocks, dropout=dropout, actional=actional, **kwargs)
            for _ in differences
        )
        self.out_channels = blocks[-1].out_channels * len(differences)
        self.head = (
            RecognitionHead(self.out_channels, num_nodes=graph.num_joints, dropout=dropout, **head)
            if recognition
            else None
        )

    def forward(
        self, x: Tensor, clip: Tensor, num_clips: int, edges: Edges | None = None
    ) -> tuple[Tensor, Tensor | None, ActionalGraph | None]:
        actional = self.actional_graph(x)
        features = [
            branch(difference(x, order, dim=1), actional, edges)
            for branch, order in zip(self.branches, self.differences, strict=True)
        ]
        h = torch.cat(features, dim=-1)
        logits = None if self.head is None else self.head(h, clip, num_clips)
        return h, logits, actional

    def actional_graph(self, x: Tensor) -> ActionalGraph | None:
        if self.agim is None:
            return None
        frames = torch.linspace(0, x.size(1) - 1, self.agim_frames).round().long()
        return self.agim(x[:, frames.to(x.device)].flatten(-2))
