"""The evaluation form of a layer."""

import copy
from collections.abc import Callable, Mapping
from functools import singledispatch, wraps
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import BatchNorm1d, Dropout, Identity, Linear, Module, Parameter, Sequential
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


class BatchAffine(Constants):
    """A :class:`torch.nn.BatchNorm1d` in evaluation mode, which has the channels second."""

    scale: Tensor
    shift: Tensor

    def forward(self, x: Tensor) -> Tensor:
        """Scales and shifts the second dimension."""
        scale, shift = self.scale, self.shift
        if x.dim() > 2:
            scale, shift = scale.unsqueeze(1), shift.unsqueeze(1)
        return torch.addcmul(shift, x, scale)


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
        TypeError: If the layer passes messages and has no such form: nor has a layer of the library
            with another aggregation, or a subclass of one with a forward pass of its own.
    """
    if isinstance(layer, MessagePassing):
        raise no_form(type(layer).__name__)
    _form_children(layer, getattr(layer, "norm_after", {}))
    return followed(layer, norm)


def no_form(name: str) -> TypeError:
    """The error for a layer without an optimized form."""
    return TypeError(
        f"{name} has no optimized form; register one with pyg_skeleton.nn.optimized.form, or use "
        f"the network as it is"
    )


def difference(layer: MessagePassing) -> str:
    """Says in what a layer differs from the class for which a form is registered: the name of a
    subclass with a forward pass of its own, another aggregation, or nothing.
    """
    kind: Any = type(layer)
    if kind.forward is not next(k for k in kind.__mro__ if k in form.registry).forward:
        return str(kind.__name__)
    usual: Any = layer.fused_aggr
    return "" if layer.aggr in usual else f"{kind.__name__} with aggr={layer.aggr!r}"


def as_defined(make: Callable[[Any, Affine | None], Module]) -> Callable[..., Module]:
    """Makes a form refuse layers that compute something other than the class that it is registered
    for, see :func:`difference`.
    """

    @wraps(make)
    def checked(layer: Any, norm: Affine | None = None) -> Module:
        if name := difference(layer):
            raise no_form(name)
        return make(layer, norm)

    return checked


def affine(norm: Affine) -> ChannelAffine:
    """A norm alone."""
    return ChannelAffine(norm.dtype, scale=norm.scale, shift=norm.shift)


def followed(layer: Module, norm: Affine | None) -> Module:
    """A layer, and behind it a norm that is no part of it."""
    return layer if norm is None else Sequential(layer, affine(norm))


def _form_children(layer: Module, norm_after: Mapping[str, str]) -> None:
    """Gives the layers in a layer their forms, with norms folded in where that is possible."""
    layers = {name: child for name, child in layer._modules.items() if child is not None}
    norms = {
        name: layers[after]
        for name, after in norm_after.items()
        if name in layers and after in layers and _is_foldable(layers[after], layers[name])
    }
    folded = {norm_after[name] for name in norms}
    for name, child in layers.items():
        norm = Affine.of(norms[name]) if name in norms else None  # type: ignore[arg-type]
        setattr(layer, name, form(Identity() if name in folded else child, norm))


def _is_foldable(norm: Module, layer: Module) -> bool:
    """Whether a module is a norm with known statistics, of the last dimension of what a layer in
    front of it returns.
    """
    if type(norm) is BatchNorm1d:  # of the second dimension, which of poses is the last
        if type(layer) is not Linear or norm.num_features != layer.out_features:
            return False
    elif not isinstance(norm, ChannelBatchNorm):
        return False
    return norm.running_mean is not None


@form.register
def _(layer: Sequential, norm: Affine | None = None) -> Module:
    plain = type(layer).forward is Sequential.forward
    _form_children(layer, dict(pairwise(layer._modules)) if plain else {})
    return followed(layer, norm)


@form.register
def _(layer: Linear, norm: Affine | None = None) -> Module:
    if norm is None or type(layer) is not Linear:
        return followed(layer, norm)
    own = copy.deepcopy(layer)  # it may also be elsewhere, without the norm
    own.bias = Parameter(norm.bias(layer.bias).to(layer.weight.dtype), False)
    own.weight = Parameter((layer.weight.double() * norm.scale.unsqueeze(1)).to(own.weight.dtype))
    return own.requires_grad_(False)


@form.register
def _(layer: BatchNorm1d, norm: Affine | None = None) -> Module:
    if type(layer) is not BatchNorm1d or layer.running_mean is None:
        return followed(layer, norm)
    own = Affine.of(layer)
    return followed(BatchAffine(own.dtype, scale=own.scale, shift=own.shift), norm)


@form.register
def _(layer: ChannelBatchNorm, norm: Affine | None = None) -> Module:
    return followed(layer if layer.running_mean is None else affine(Affine.of(layer)), norm)


@form.register
def _(layer: JointBatchNorm, norm: Affine | None = None) -> Module:
    own, shape = Affine.of(layer), (layer.num_persons, layer.num_joints, 1, layer.num_channels)
    joints = JointAffine(own.dtype, scale=own.scale.view(shape), shift=own.shift.view(shape))
    return followed(joints, norm)


@form.register
def _(layer: Dropout, norm: Affine | None = None) -> Module:
    return followed(Identity(), norm)
