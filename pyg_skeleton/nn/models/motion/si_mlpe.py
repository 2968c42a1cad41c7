from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from pyg_skeleton.nn.models.motion.dct_head import DCTHead
from pyg_skeleton.nn.models.motion.model import MotionModel, SymGNNOutput
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import GraphLike, SkeletonLike


@register_model("si_mlpe")
class SiMLPe(MotionModel):
    r"""Motion prediction by linear layers alone, from the `"Back to MLP: A Simple Baseline for
    Human Motion Prediction" <https://arxiv.org/abs/2207.01567>`_ paper. It has no graph: it is the
    baseline that a graph has to beat.

    .. math::
        \mathbf{z} &= \mathbf{D} \mathbf{X} \mathbf{W}_{in}

        \mathbf{z} &\leftarrow \mathbf{z} + \mathrm{LN}(\mathbf{W}_i \mathbf{z})

        \hat{\mathbf{X}} &= \mathbf{D}^{-1} (\mathbf{z} \mathbf{W}_{out}) + \mathbf{x}_{T}

    with the discrete cosine transform :math:`\mathbf{D}` over the frames, layers
    :math:`\mathbf{W}_i` over the frames and :math:`\mathbf{W}_{in}, \mathbf{W}_{out}` over the
    channels of all joints. An untrained network predicts the last pose. Poses are in the units of
    the data, not standardized.

    Presets: :obj:`"h36m"` (48 layers, as in the paper), :obj:`"cmu"` and :obj:`"tiny"` (12 layers,
    44,796 parameters). For more than ten frames, the paper applies the network again to its own
    output; this one predicts all frames at once.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        num_future (int, optional): The number of frames to predict, at most :obj:`num_frames`.
            (default: :obj:`25`)
        in_channels (int, optional): Size of a joint's pose. (default: :obj:`3`)
        num_frames (int, optional): The number :math:`T` of frames that it reads, the last of a
            clip; before a shorter clip, its first frame is repeated. (default: :obj:`50`)
        num_layers (int, optional): The number of layers over the frames. (default: :obj:`48`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)` for clips of :math:`M` persons, or a batch
        - **output:** :class:`SymGNNOutput` with the prediction
          :math:`(\sum M \cdot V, T', C)`
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "h36m": {"skeleton": "h36m21"},
        "cmu": {"skeleton": "cmu26", "num_layers": 12},
        "tiny": {"skeleton": "cmu26", "num_layers": 12},
    }
    class_layers: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        skeleton: GraphLike,
        num_future: int = 25,
        in_channels: int = 3,
        num_frames: int = 50,
        num_layers: int = 48,
    ) -> None:
        super().__init__(skeleton, in_channels, num_future)
        self.head = DCTHead(self.skeleton.num_joints, in_channels, num_frames, num_layers)

    def named_parts(self) -> dict[str, list[str]]:
        """Returns the parts that :meth:`freeze` knows: ``head`` is the last layer."""
        own = [f"head.{name}" for name in ("input", "layers", "norms")]
        return {"backbone": own, "head": ["head.output"]}

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
            clip (torch.Tensor, optional): Unused, as each body is continued for itself.
            num_clips (int, optional): Unused.
            num_future (int, optional): The number of frames to predict.
                (default: the network's)
            edges (Edges, optional): Unused, as the network has no graph.
        """
        frames = self.num_future if num_future is None else num_future
        std = self.std.unsqueeze(1)
        poses = x.view(-1, self.skeleton.num_joints, *x.shape[1:])
        motion = self.head(poses * std, frames) / std
        return SymGNNOutput(None, (poses[:, :, -1:] + motion).flatten(0, 1), None)

    def embed(
        self,
        clips: Any,
        layout: SkeletonLike | None = None,
        batch_size: int = 64,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> np.ndarray:
        r"""Returns the features of clips before the last layer, their mean over frames and persons
        :math:`(N, V C)`; see :meth:`predict` for the arguments.
        """
        V = self.skeleton.num_joints

        def features(data: Any) -> Tensor:
            self.check_bodies(data)
            poses = data.x.view(-1, V, *data.x.shape[1:])
            bodies = self.head.features(poses * self.std.unsqueeze(1))
            clip = data.batch[::V]
            total = bodies.new_zeros(data.num_graphs, bodies.size(2))
            total.index_add_(0, clip, bodies.mean(dim=1))
            return total / torch.bincount(clip, minlength=data.num_graphs).unsqueeze(1)

        data = self.read_clips(clips, layout, None, unit, frame_rate)
        output = list(self.run_clips(features, data, batch_size))
        return torch.cat(output).float().cpu().numpy()
