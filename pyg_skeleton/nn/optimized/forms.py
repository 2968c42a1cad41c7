"""The evaluation form of a layer."""

from functools import singledispatch
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import Dropout, Identity, Linear, Module, Parameter, Sequential
from torch.nn.modules.batchnorm import _BatchNorm
from torch_geometric.nn import MessagePassing

from pyg_skeleton.nn.norm import ChannelBatchNorm, JointBatchNorm


class Affine(NamedTuple):
    """A batch norm in evaluation mode: a factor and a summand of each channel, in double
    precision.
    """

    scale: Tensor
    """The factors, ``[C]``."""
    shift: Tensor
    """The summands, ``[C]``."""
    dtype: torch.dtype = torch.float
    """The type of the network."""

    @classmethod
    def of(cls, norm: _BatchNorm | None, channels: int = 0) -> "Affine":
        """The map of a norm; without one, the identity of a number of channels."""
        if norm is None:
            return cls(torch.ones(channels).double(), torch.zeros(channels).double())
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = (norm.running_var.double() + norm.eps).rsqrt()
        shift = -norm.running_mean.double() * scale
        if norm.affine:
            scale, shift = scale * norm.weight, shift * norm.weight + norm.bias
        return cls(scale, shift, norm.running_mean.dtype)

    def part(self, start: int, stop: int) -> "Affine":
        """The map of some of the channels."""
        return Affine(self.scale[start:stop], self.shift[start:stop], self.dtype)

    def bias(self, bias: Tensor | None) -> Tensor:
        """The bias ``[*, C]`` of a layer in front of the map, with the map folded in."""
        return self.shift if bias is None else bias.double() * self.scale + self.shift


class Constants(Module):
    """A layer of constants.

    Args:
        dtype (torch.dtype): The type of those that are no whole numbers.
        **constants (torch.Tensor): Their values by name.
    """

    def __init__(self, dtype: torch.dtype, **constants: Tensor) -> None:
        super().__init__()
        for name, value in constants.items():
            value = value.detach().contiguous()
            if value.is_floating_point():
                self.register_parameter(name, Parameter(value.to(dtype), requires_grad=False))
            else:
                self.register_buffer(name, value, persistent=False)

    @property
    def values(self) -> tuple[Tensor, ...]:
        """All constants that are no whole numbers, in order. Where single frames are computed,
        attributes of a module take as long as products.
        """
        return tuple(self._parameters.values())  # type: ignore[arg-type]


class ChannelAffine(Constants):
    """A norm that follows no layer in which it could be folded."""

    scale: Tensor
    shift: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Scales and shifts the last dimension."""
        return torch.addcmul(self.shift, x, self.scale)


class JointAffine(Constants):
    """A :class:`JointBatchNorm` in evaluation mode."""

    scale: Tensor
    shift: Tensor

    def forward(self, x: Tensor, person: Tensor | None = None) -> Tensor:
        """Scales and shifts the channels of each joint."""
        scale, shift = self.scale, self.shift  # [M, V, 1, C]
        if len(scale) > 1:
            person = (
                torch.zeros_like(x[:: scale.size(1), 0, 0]).long() if person is None else person
            )
            scale, shift = scale.index_select(0, person), shift.index_select(0, person)
        h = torch.unflatten(x.contiguous(), 0, (-1, scale.size(1)))
        return torch.addcmul(shift, h, scale).view(x.shape)


@singledispatch
def form(layer: Module, norm: Affine | None = None) -> Module:
    """Returns the form of a layer for evaluation, with a norm that follows it folded in.

    Layers without a form of their own stay, and the layers in them take theirs; a class says in
    :obj:`norm_after` which of its layers are followed by which norm. A new layer registers its
    form:

    .. code-block:: python

        @form.register
        def _(layer: MyConv, norm: Affine | None = None) -> torch.nn.Module:
            return MyConvWithConstants(layer, norm)

    Args:
        layer (torch.nn.Module): The layer, which is changed.
        norm (Affine, optional): The norm. (default: :obj:`None`)

    Raises:
        TypeError: If the layer passes messages and has no such form.
    """
    if isinstance(layer, MessagePassing):
        raise TypeError(
            f"{type(layer).__name__} has no optimized form; register one with "
            f"pyg_skeleton.nn.optimized.form, or use the network as it is"
        )
    after = {name: getattr(layer, norm) for name, norm in getattr(layer, "norm_after", {}).items()}
    for name, child in list(layer.named_children()):
        if any(child is norm for norm in after.values()):
            setattr(layer, name, Identity())
        else:
            setattr(layer, name, form(child, Affine.of(after[name]) if name in after else None))
    return layer if norm is None else Sequential(layer, affine(norm))


def affine(norm: Affine) -> ChannelAffine:
    """A norm alone."""
    return ChannelAffine(norm.dtype, scale=norm.scale, shift=norm.shift)


@form.register
def _(layer: Sequential, norm: Affine | None = None) -> Module:
    names = [name for name, _ in layer.named_children()]
    for name, following in zip(names, [*names[1:], ""], strict=True):
        child, after = layer.get_submodule(name), getattr(layer, following, None)
        if isinstance(after, _BatchNorm):
            setattr(layer, name, form(child, Affine.of(after)))
            setattr(layer, following, Identity())
        else:
            setattr(layer, name, form(child))
    return layer if norm is None else Sequential(layer, affine(norm))


@form.register
def _(layer: Linear, norm: Affine | None = None) -> Module:
    if norm is not None:
        weight = layer.weight.double() * norm.scale.unsqueeze(1)
        layer.bias = Parameter(norm.bias(layer.bias).to(layer.weight.dtype), False)
        layer.weight = Parameter(weight.to(layer.weight.dtype), False)
    return layer


@form.register
def _(layer: ChannelBatchNorm, norm: Affine | None = None) -> Module:
    return affine(Affine.of(layer))


@form.register
def _(layer: JointBatchNorm, norm: Affine | None = None) -> Module:
    own, shape = Affine.of(layer), (layer.num_persons, layer.num_joints, 1, layer.num_channels)
    return JointAffine(own.dtype, scale=own.scale.view(shape), shift=own.shift.view(shape))


@form.register
def _(layer: Dropout, norm: Affine | None = None) -> Module:
    return Identity()
