"""Normalization over channels-last features."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from pyg_skeleton.nn.processes import num_processes


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

    #: Whether other processes may have persons that this one does not have.
    synchronized = False

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
            if place.numel() > 0 or self.synchronized:
                bodies = h.index_select(0, place)
                out.append(self._normalize(bodies, mean[m], var[m], weight[m], bias[m]))
                places.append(place)
        return torch.cat(out).index_select(0, torch.cat(places).argsort())

    def _normalize(
        self, h: Tensor, mean: Tensor, var: Tensor, weight: Tensor, bias: Tensor
    ) -> Tensor:
        """Normalizes by the statistics of the batch."""
        momentum = 0.0 if self.momentum is None else self.momentum
        return F.batch_norm(h, mean, var, weight, bias, True, momentum, self.eps)


def synchronize_norms(model: torch.nn.Module, synchronized: bool = True) -> None:
    """Makes the batch normalization layers of a network use the statistics of the batches of all
    processes that train it, or those of their own batch again.

    Unlike :class:`torch.nn.SyncBatchNorm`, they keep their order of dimensions, and run on CPUs.

    Args:
        model (torch.nn.Module): The network.
        synchronized (bool, optional): Whether to use the statistics of all processes.
            (default: :obj:`True`)
    """
    for module in model.modules():
        if isinstance(module, _BatchNorm) and isinstance(module, _Synchronized) != synchronized:
            kind = type(module)
            own = {"synchronized": True, "_normalize": _Synchronized._normalize}
            other = type(kind.__name__, (kind, _Synchronized), own)
            module.__class__ = other if synchronized else kind.__bases__[0]


class _Synchronized(_BatchNorm):
    """Batch normalization by the statistics of all processes; a base behind that of the layer,
    whose order of dimensions stays.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalizes the second dimension."""
        if not self.training:
            return super().forward(input)
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        own = (self.running_mean, self.running_var, self.weight, self.bias)
        return self._normalize(input, *own)

    @torch.compiler.disable
    def _normalize(
        self,
        h: Tensor,
        running_mean: Tensor | None,
        running_var: Tensor | None,
        weight: Tensor | None,
        bias: Tensor | None,
    ) -> Tensor:
        """Normalizes by the statistics of the batch."""
        shape = [1, -1] + [1] * (h.dim() - 2)
        x = h if h.dtype == torch.double else h.float()
        out, mean, var, count = _Normalize.apply(x, self.eps)  # type: ignore[no-untyped-call]
        if running_mean is not None and running_var is not None:
            step = self.momentum
            if step is None:
                step = 1 / int(self.num_batches_tracked or 1)
            var = var * (count / (count - 1).clamp(min=1))
            for running, value in ((running_mean, mean), (running_var, var)):
                running.lerp_(torch.where(count > 0, value, running), step)
        if weight is not None and bias is not None:
            out = out * weight.view(shape) + bias.view(shape)
        return out.to(h.dtype)


class _Normalize(torch.autograd.Function):
    """Normalization of the second dimension, with one message forward and one backward. Returns
    mean, variance and count, too.
    """

    @staticmethod
    def forward(ctx: Any, h: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        dims = [d for d in range(h.dim()) if d != 1]
        shape = [1, -1] + [1] * (h.dim() - 2)
        count = h.new_full((1,), h.numel() // h.size(1))
        mean = h.sum(dims) / count.clamp(min=1)
        squares = (h - mean.view(shape)).square_().sum(dims)
        own = torch.cat([count, mean, squares])
        parts = [torch.empty_like(own) for _ in range(num_processes())]
        torch.distributed.all_gather(parts, own)
        every = torch.stack(parts)
        counts, means, squares = (
            every[:, :1],
            every[:, 1 : 1 + h.size(1)],
            every[:, 1 + h.size(1) :],
        )
        total = counts.sum()
        some = total.clamp(min=1)
        mean = (counts * means).sum(0) / some
        var = (squares + counts * (means - mean).square()).sum(0) / some
        scale = (var + eps).rsqrt()
        out = (h - mean.view(shape)) * scale.view(shape)
        ctx.save_for_backward(out, scale, some)
        ctx.mark_non_differentiable(mean, var, total)
        return out, mean, var, total

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        out, scale, total = ctx.saved_tensors
        dims = [d for d in range(out.dim()) if d != 1]
        shape = [1, -1] + [1] * (out.dim() - 2)
        grad = grads[0]
        sums = torch.stack([grad.sum(dims), (grad * out).sum(dims)])
        torch.distributed.all_reduce(sums)
        first, second = (sums / total).view(2, *shape[1:]).unsqueeze(1)
        return (grad - first - out * second) * scale.view(shape), None
