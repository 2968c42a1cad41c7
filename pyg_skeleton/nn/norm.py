"""Normalization over channels-last features."""

import torch
from torch import Tensor


class ChannelBatchNorm(torch.nn.BatchNorm1d):
    r"""Batch normalization of the last dimension over all others.

    Args:
        num_features (int): Size :math:`C` of the last dimension.

    Shapes:
        - **input:** :math:`(*, C)`
        - **output:** :math:`(*, C)`
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalizes the last dimension."""
        return super().forward(input.reshape(-1, input.size(-1))).view(input.shape)


class JointBatchNorm(torch.nn.BatchNorm1d):
    r"""Batch normalization of each joint's channels over bodies and frames, as at the input of
    ST-GCN and its successors.

    Args:
        num_joints (int): The number of joints :math:`V`.
        num_channels (int): The number of channels :math:`C`.
        num_persons (int, optional): With more than one, the first person of a clip has statistics
            and weights of its own, and so has the second. (default: :obj:`1`)

    Shapes:
        - **input:** :math:`(B \cdot V, T, C)`, and which person each body is, :math:`(B)`
        - **output:** :math:`(B \cdot V, T, C)`
    """

    def __init__(self, num_joints: int, num_channels: int, num_persons: int = 1) -> None:
        super().__init__(num_persons * num_joints * num_channels)
        self.num_joints, self.num_channels = num_joints, num_channels
        self.num_persons = num_persons

    def forward(self, input: Tensor, person: Tensor | None = None) -> Tensor:
        """Normalizes the channels of each joint."""
        T, C = input.shape[1:]
        h = input.reshape(-1, self.num_joints, T, C).transpose(2, 3).flatten(1, 2)  # [B, V * C, T]
        h = super().forward(h) if self.num_persons == 1 else self._by_person(h, person)
        return h.view(-1, self.num_joints, C, T).transpose(2, 3).reshape(input.shape)

    def _by_person(self, h: Tensor, person: Tensor | None) -> Tensor:
        if person is None:
            person = torch.zeros(h.size(0), dtype=torch.long, device=h.device)
        shape = (self.num_persons, h.size(1))
        assert self.running_mean is not None
        assert self.running_var is not None
        mean, var = self.running_mean.view(shape), self.running_var.view(shape)
        weight, bias = self.weight.view(shape), self.bias.view(shape)
        if not self.training:
            scale = weight * (var + self.eps).rsqrt()
            shift = (bias - mean * scale).index_select(0, person)
            return h * scale.index_select(0, person).unsqueeze(-1) + shift.unsqueeze(-1)
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        out, places = [], []
        for m in range(self.num_persons):
            place = (person == m).nonzero().flatten()
            if place.numel() > 0:
                bodies = h.index_select(0, place)
                own = (mean[m], var[m], weight[m], bias[m])
                momentum = 0.0 if self.momentum is None else self.momentum
                out.append(torch.nn.functional.batch_norm(bodies, *own, True, momentum, self.eps))
                places.append(place)
        return torch.cat(out).index_select(0, torch.cat(places).argsort())
