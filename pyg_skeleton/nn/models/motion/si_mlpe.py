from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.models.motion.pose_network import (
    PoseNetwork,
    cosine_transform,
    last_frames,
)
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.skeleton import GraphLike


@register_model("si_mlpe")
class SiMLPe(PoseNetwork):
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

    Example:
        >>> model = SiMLPe("cmu26", num_layers=12).eval()
        >>> data = model.skeleton.to_data(torch.randn(26, 50, 3))  # joints, frames, channels
        >>> model(data).prediction.shape
        torch.Size([26, 25, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "h36m": {"skeleton": "h36m21"},
        "cmu": {"skeleton": "cmu26", "num_layers": 12},
        "tiny": {"skeleton": "cmu26", "num_layers": 12},
    }

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


class DCTHead(torch.nn.Module):
    r"""Continues a motion by linear layers over the coefficients of the discrete cosine transform,
    see :class:`~pyg_skeleton.nn.models.SiMLPe`. The untrained head predicts the last pose.

    Args:
        num_joints (int): The number of joints of a body.
        channels (int): Size of a joint's pose.
        num_frames (int): The number of frames that it reads, the last of a clip; before a shorter
            clip, its first frame is repeated.
        num_layers (int): The number of layers over the frames.

    Shapes:
        - **input:** bodies :math:`(B, V, T, C)`
        - **output:** the change from the last pose, :math:`(B, V, T', C)`
    """

    def __init__(self, num_joints: int, channels: int, num_frames: int, num_layers: int) -> None:
        super().__init__()
        self.num_frames, width = num_frames, num_joints * channels
        self.input, self.output = torch.nn.Linear(width, width), torch.nn.Linear(width, width)
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(num_frames, num_frames) for _ in range(num_layers)
        )
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(width) for _ in range(num_layers))
        for layer in (*self.layers, self.output):
            torch.nn.init.xavier_uniform_(layer.weight, gain=1e-8)
            torch.nn.init.zeros_(layer.bias)

    def forward(self, poses: Tensor, num_future: int) -> Tensor:
        """Returns the change of each predicted frame from the last observed one."""
        if not 0 < num_future <= self.num_frames:
            raise ValueError(
                f"expected num_future from 1 to num_frames={self.num_frames}, got {num_future}"
            )
        h = cosine_transform(self.num_frames, poses).t() @ self.output(self.features(poses))
        return h[:, :num_future].unflatten(2, (poses.size(1), -1)).transpose(1, 2)

    def features(self, poses: Tensor) -> Tensor:
        """The coefficients before the last layer, ``[B, num_frames, V * C]``."""
        poses = last_frames(poses, self.num_frames)
        h: Tensor = self.input(
            cosine_transform(self.num_frames, poses) @ poses.transpose(1, 2).flatten(2)
        )
        for layer, norm in zip(self.layers, self.norms, strict=True):
            h = h + norm(layer(h.transpose(1, 2)).transpose(1, 2))
        return h
