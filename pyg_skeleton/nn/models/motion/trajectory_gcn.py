from typing import Any, ClassVar

import torch
from torch import Tensor

from pyg_skeleton.nn.models.motion.pose_network import (
    PoseNetwork,
    cosine_transform,
    last_frames,
)
from pyg_skeleton.nn.models.registry import register_model
from pyg_skeleton.nn.norm import ChannelBatchNorm
from pyg_skeleton.skeleton import GraphLike


@register_model("trajectory_gcn")
class TrajectoryGCN(PoseNetwork):
    r"""Motion prediction by graph convolutions over the frequencies of each joint's motion, after
    the `"Learning Trajectory Dependencies for Human Motion Prediction"
    <https://arxiv.org/abs/1908.05436>`_ paper.

    .. math::
        \mathbf{Z} &= \sigma(\mathbf{A}_0 (\mathbf{D} \bar{\mathbf{X}}) \mathbf{W}_0)

        \mathbf{Z} &\leftarrow \mathbf{Z} + \sigma(\mathbf{A}_{2i} \, \sigma(\mathbf{A}_{2i - 1}
        \mathbf{Z} \mathbf{W}_{2i - 1}) \mathbf{W}_{2i})

        \hat{\mathbf{X}} &= \mathbf{x}_T + \mathbf{D}^{\top} \mathbf{A} \mathbf{Z} \mathbf{W}

    where :math:`\bar{\mathbf{X}}` are the observed frames and copies of the last one
    :math:`\mathbf{x}_T`, :math:`\mathbf{D}` is the discrete cosine transform,
    :math:`\mathbf{A}_i` are learned matrices between all joints, and :math:`\sigma` is a batch
    norm, tanh and dropout. It differs from the paper: nodes are joints, not single angles;
    the matrices start near the identity, the last layer near zero; 50 frames are observed, not 10,
    and six blocks of 128 channels without dropout take the place of twelve of 256 with. Poses are
    in the units of the data, not standardized.

    Presets: :obj:`"h36m"`, :obj:`"cmu"` and :obj:`"tiny"`, which differ in their layout alone.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph; its edges are not used.
        num_future (int, optional): The largest number of frames to predict. (default: :obj:`25`)
        in_channels (int, optional): Size of a joint's pose. (default: :obj:`3`)
        num_frames (int, optional): The number of frames that it reads, the last of a clip; before a
            shorter clip, its first frame is repeated. (default: :obj:`50`)
        hidden_channels (int, optional): Size of the hidden layers. (default: :obj:`128`)
        num_blocks (int, optional): The number of residual blocks. (default: :obj:`6`)
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)` for clips of :math:`M` persons, or a batch
        - **output:** :class:`SymGNNOutput` with the prediction
          :math:`(\sum M \cdot V, T', C)`

    Example:
        >>> model = TrajectoryGCN("cmu26").eval()
        >>> data = model.skeleton.to_data(torch.randn(26, 50, 3))  # joints, frames, channels
        >>> model(data).prediction.shape
        torch.Size([26, 25, 3])
    """

    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "h36m": {"skeleton": "h36m21"},
        "cmu": {"skeleton": "cmu26"},
        "tiny": {"skeleton": "cmu26"},
    }

    def __init__(
        self,
        skeleton: GraphLike,
        num_future: int = 25,
        in_channels: int = 3,
        num_frames: int = 50,
        hidden_channels: int = 128,
        num_blocks: int = 6,
        dropout: float = 0.0,
    ) -> None:
        super().__init__(skeleton, in_channels, num_future)
        size = (num_frames + num_future) * in_channels
        sizes = (size, hidden_channels, self.skeleton.num_joints)
        self.head = TrajectoryHead(*sizes, num_frames, num_future, num_blocks, dropout)


class TrajectoryHead(torch.nn.Module):
    r"""Continues a motion by graph convolutions over the coefficients of the discrete cosine
    transform, see :class:`TrajectoryGCN`.

    Args:
        channels (int): The number of coefficients of a joint.
        hidden_channels (int): Size of the hidden layers.
        num_joints (int): The number of joints of a body.
        num_frames (int): The number of frames that it reads.
        num_future (int): The largest number of frames to predict.
        num_blocks (int): The number of residual blocks.
        dropout (float): Dropout probability.

    Shapes:
        - **input:** bodies :math:`(B, V, T, C)`
        - **output:** the change from the last pose, :math:`(B, V, T', C)`
    """

    def __init__(
        self,
        channels: int,
        hidden_channels: int,
        num_joints: int,
        num_frames: int,
        num_future: int,
        num_blocks: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.num_frames, self.num_future = num_frames, num_future
        H, V = hidden_channels, num_joints

        def layer(size: int) -> torch.nn.Sequential:
            activation = (ChannelBatchNorm(H), torch.nn.Tanh(), torch.nn.Dropout(dropout))
            return torch.nn.Sequential(JointMix(size, H, V), *activation)

        self.input = layer(channels)
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(layer(H), layer(H)) for _ in range(num_blocks)
        )
        self.output = JointMix(H, channels, V)
        torch.nn.init.normal_(self.output.channels.weight, std=1e-3)

    def forward(self, poses: Tensor, num_future: int) -> Tensor:
        """Returns the change of each predicted frame from the last observed one."""
        if not 0 < num_future <= self.num_future:
            raise ValueError(
                f"expected num_future from 1 to {self.num_future}, as many frames as the network "
                f"has learned to predict, got {num_future}"
            )
        size = self.num_frames + self.num_future
        change = self.output(self.features(poses)).unflatten(2, (size, -1))
        end = self.num_frames + num_future
        return cosine_transform(size, poses).t()[self.num_frames : end] @ change

    def features(self, poses: Tensor) -> Tensor:
        """The features of joints before the last layer, ``[B, V, H]``."""
        poses = last_frames(poses, self.num_frames)
        padded = torch.cat([poses, poses[:, :, -1:].expand(-1, -1, self.num_future, -1)], dim=2)
        h: Tensor = self.input((cosine_transform(padded.size(2), poses) @ padded).flatten(2))
        for block in self.blocks:
            h = h + block(h)
        return h


class JointMix(torch.nn.Module):
    r"""A linear map of channels, then a learned one of joints: :math:`\mathbf{A X W}`.

    Args:
        in_channels (int): Size of each input feature.
        out_channels (int): Size of each output feature.
        num_joints (int): The number of joints.

    Shapes:
        - **input:** :math:`(B, V, C_{in})`
        - **output:** :math:`(B, V, C_{out})`
    """

    per_joint: ClassVar[dict[str, int | None]] = {"joints": None}

    def __init__(self, in_channels: int, out_channels: int, num_joints: int) -> None:
        super().__init__()
        self.channels = torch.nn.Linear(in_channels, out_channels)
        torch.nn.init.zeros_(self.channels.bias)
        start = torch.eye(num_joints) + 0.02 * torch.randn(num_joints, num_joints)
        self.joints = torch.nn.Parameter(start)

    def forward(self, x: Tensor) -> Tensor:
        """Maps channels, then joints."""
        return self.joints @ self.channels(x)
