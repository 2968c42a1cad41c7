"""Normalisation over channels-last features."""

import torch
from torch import Tensor


class ChannelBatchNorm(torch.nn.BatchNorm1d):
    r"""Batch normalisation of the last dimension over all others.

    Args:
        num_features (int): Size :math:`C` of the last dimension.

    Shapes:
        - **input:** :math:`(*, C)`
        - **output:** :math:`(*, C)`
    """

    def forward(self, input: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        return super().forward(input.reshape(-1, input.size(-1))).view(input.shape)


class JointBatchNorm(torch.nn.BatchNorm1d):
    r"""Batch normalisation of each joint's channels over bodies and frames, as at the input of
    ST-GCN and its successors.

    Args:
        num_joints (int): The number of joints :math:`V`.
        num_channels (int): The number of channels :math:`C`.

    Shapes:
        - **input:** :math:`(B \cdot V, T, C)`
        - **output:** :math:`(B \cdot V, T, C)`
    """

    def __init__(self, num_joints: int, num_channels: int) -> None:
        super().__init__(num_joints * num_channels)
        self.num_joints = num_joints

    def forward(self, input: Tensor) -> Tensor:
        """Runs the forward pass of the module."""
        T, C = input.shape[1:]
        h = input.reshape(-1, self.num_joints, T, C).transpose(2, 3).flatten(1, 2)
        h = super().forward(h).view(-1, self.num_joints, C, T)
        return h.transpose(2, 3).reshape(input.shape)
