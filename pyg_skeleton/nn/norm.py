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
