"""A head that predicts all frames at once."""

import torch
from torch import Tensor

from pyg_skeleton.nn.models.motion.si_mlpe import cosine_transform


class TrajectoryHead(torch.nn.Module):
    r"""Continues a motion by graph convolutions over the coefficients of the discrete cosine
    transform of each joint, from the `"Learning Trajectory Dependencies for Human Motion
    Prediction" <https://arxiv.org/abs/1908.05436>`_ paper, here given the features of a backbone
    and the class. Its nodes are joints, those of the paper single angles.

    .. math::
        \mathbf{Z} &= \sigma(\mathbf{A}_0 [\mathbf{D} \bar{\mathbf{X}}, \mathbf{H},
        \hat{\mathbf{y}}] \mathbf{W}_0)

        \mathbf{Z} &\leftarrow \mathbf{Z} + \sigma(\mathbf{A}_{2i} \, \sigma(\mathbf{A}_{2i - 1}
        \mathbf{Z} \mathbf{W}_{2i - 1}) \mathbf{W}_{2i})

        \hat{\mathbf{X}} &= \mathbf{x}_T + \mathbf{D}^{\top} \mathbf{A} \mathbf{Z} \mathbf{W}

    where :math:`\bar{\mathbf{X}}` are the observed frames and copies of the last one
    :math:`\mathbf{x}_T`, :math:`\mathbf{D}` is the transform, :math:`\mathbf{A}_i` are learned
    matrices between all joints, and :math:`\sigma` is a batch norm, tanh and dropout. The last
    layer starts near zero. Poses are in the units of the data, not standardized, because it learns
    faster from them.

    Args:
        in_channels (int): Size of the backbone's features.
        hidden_channels (int): Size of the hidden layers.
        pose_channels (int): Size of a joint's pose.
        num_classes (int): The number of classes in :math:`\hat{\mathbf{y}}`; 0 for none.
        num_joints (int): The number of joints.
        num_observed (int): The number of frames that it reads, the last of a clip; before a
            shorter clip, its first frame is repeated.
        num_future (int): The largest number of frames to predict.
        num_blocks (int): The number of residual blocks of two layers.
        dropout (float, optional): Dropout probability. (default: :obj:`0.0`)

    Shapes:
        - **input:** features :math:`(B \cdot V, C)`, the observed frames
          :math:`(B \cdot V, T, D)`, class probabilities of each node
          :math:`(B \cdot V, \text{classes})`
        - **output:** the change from the last pose, :math:`(B \cdot V, T', D)`
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        pose_channels: int,
        num_classes: int,
        num_joints: int,
        num_observed: int,
        num_future: int,
        num_blocks: int,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.num_joints, self.num_observed, self.num_future = num_joints, num_observed, num_future
        frames = num_observed + num_future
        size, H = frames * pose_channels, hidden_channels
        self.input = _Layer(size + in_channels + num_classes, H, num_joints, dropout)
        self.blocks = torch.nn.ModuleList(
            torch.nn.Sequential(*(_Layer(H, H, num_joints, dropout) for _ in range(2)))
            for _ in range(num_blocks)
        )
        self.output = _JointMix(H, size, num_joints)
        torch.nn.init.normal_(self.output.channels.weight, std=1e-3)
        torch.nn.init.zeros_(self.output.channels.bias)

    def forward(self, h: Tensor, x: Tensor, probability: Tensor | None, num_future: int) -> Tensor:
        """Returns the change of each predicted frame from the last observed one."""
        if not 0 < num_future <= self.num_future:
            raise ValueError(
                f"expected num_future from 1 to {self.num_future}, the number of frames that the "
                f"network has learned to predict, got {num_future}"
            )
        x = x[:, -self.num_observed :]
        missing = self.num_observed - x.size(1)
        before = x[:, :1].expand(-1, missing, -1)
        padded = torch.cat([before, x, x[:, -1:].expand(-1, self.num_future, -1)], dim=1)
        dct = cosine_transform(padded.size(1), x)
        parts = [(dct @ padded).flatten(1), h]
        if probability is not None:
            parts.append(probability)
        features = torch.cat(parts, dim=1)
        z = self.input(features.view(-1, self.num_joints, features.size(1)))
        for block in self.blocks:
            z = z + block(z)
        change = self.output(z).view(len(x), -1, x.size(2))
        end = self.num_observed + num_future
        return dct.t()[self.num_observed : end] @ change


class _JointMix(torch.nn.Module):
    """A linear map of channels, then one of joints, of bodies ``[B, V, C]``."""

    def __init__(self, in_channels: int, out_channels: int, num_joints: int) -> None:
        super().__init__()
        self.channels = torch.nn.Linear(in_channels, out_channels)
        start = torch.eye(num_joints) + 0.02 * torch.randn(num_joints, num_joints)
        self.joints = torch.nn.Parameter(start)

    def forward(self, z: Tensor) -> Tensor:
        return self.joints @ self.channels(z)


class _Layer(torch.nn.Module):
    def __init__(
        self, in_channels: int, out_channels: int, num_joints: int, dropout: float
    ) -> None:
        super().__init__()
        self.mix = _JointMix(in_channels, out_channels, num_joints)
        self.norm = torch.nn.BatchNorm1d(out_channels)
        self.dropout = torch.nn.Dropout(dropout)

    def forward(self, z: Tensor) -> Tensor:
        z = self.mix(z)
        return self.dropout(self.norm(z.flatten(0, 1)).view_as(z).tanh())
