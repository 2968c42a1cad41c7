"""Copies of modules and arguments to experiment on, and a run that also yields gradients."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn.modules.dropout import _DropoutNd

from pyg_skeleton.testing.compare import named_tensors


def has_dropout(module: torch.nn.Module) -> bool:
    r"""Returns :obj:`True` if a module is random: a dropout layer, or a positive attribute
    :obj:`dropout`, as PyG's layers name it.

    Args:
        module (torch.nn.Module): The module.
    """
    for child in module.modules():
        p = child.p if isinstance(child, _DropoutNd) else getattr(child, "dropout", 0.0)
        if isinstance(p, (int, float)) and p > 0:
            return True
    return False


def working_copy(module: Any, dtype: torch.dtype = torch.float64) -> Any:
    r"""A copy of a module in another precision, in evaluation mode if it has dropout.

    A callable that is no module is returned as it is.

    Args:
        module (torch.nn.Module or Callable): The module.
        dtype (torch.dtype, optional): The precision. (default: :obj:`torch.float64`)
    """
    if not isinstance(module, torch.nn.Module):
        return module
    module = copy.deepcopy(module).to(dtype)
    return module.eval() if has_dropout(module) else module


def map_tensors(value: Any, fn: Callable[[Tensor], Tensor]) -> Any:
    r"""The same nested value with a function applied to each of its tensors.

    Args:
        value (Any): A tensor, or tuples, lists, mappings and
            :class:`~torch_geometric.data.Data` of tensors; the rest is kept.
        fn (Callable): Takes a tensor and returns one.
    """
    if isinstance(value, Tensor):
        return fn(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(map_tensors(item, fn) for item in value))
    if isinstance(value, (tuple, list)):
        return type(value)(map_tensors(item, fn) for item in value)
    if isinstance(value, Mapping):
        return {key: map_tensors(item, fn) for key, item in value.items()}
    if hasattr(value, "to_dict") and hasattr(value, "apply"):
        return copy.copy(value).apply(fn)
    return value


def cast(value: Any, dtype: torch.dtype = torch.float64) -> Any:
    r"""The same nested value with its floating-point tensors in another precision.

    Args:
        value (Any): The value, see :func:`map_tensors`.
        dtype (torch.dtype, optional): The precision. (default: :obj:`torch.float64`)
    """
    return map_tensors(value, lambda t: t.to(dtype) if t.is_floating_point() else t)


def run_with_gradients(
    module: Any,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any] | None = None,
    seed: int = 0,
    forward_context: AbstractContextManager[Any] | None = None,
) -> dict[str, Tensor]:
    r"""Runs a module forward and backward, and names all that comes out.

    The gradients are those of a random weighted sum of the outputs, the same one for the same
    seed and output shapes. A parameter or input that has no influence has a gradient of zeros.

    Args:
        module (torch.nn.Module or Callable): The module, which is not changed but for buffers
            that its forward pass updates.
        args (tuple): Its arguments; floating-point tensors get gradients.
        kwargs (Mapping, optional): Its keyword arguments. (default: :obj:`None`)
        seed (int, optional): Of the weights, and of what the module draws. (default: :obj:`0`)
        forward_context (AbstractContextManager, optional): Entered for the forward pass only.
            (default: :obj:`None`)
    """

    def leaf(t: Tensor) -> Tensor:
        return t.detach().clone().requires_grad_(t.is_floating_point())

    args, kwargs = map_tensors(args, leaf), map_tensors(kwargs or {}, leaf)
    leaves = {
        name: t
        for name, t in (*named_tensors(args, "args"), *named_tensors(kwargs, "kwargs"))
        if t.requires_grad
    }
    if isinstance(module, torch.nn.Module):
        leaves |= {name: p for name, p in module.named_parameters() if p.requires_grad}
    with torch.random.fork_rng(devices=[]), forward_context or nullcontext():
        torch.manual_seed(seed)
        result = dict(named_tensors(module(*args, **kwargs)))
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros((), dtype=torch.float64)
    for t in result.values():
        if t.requires_grad:
            weight = torch.randn(t.shape, generator=generator, dtype=torch.float64)
            total = total + (t.double().cpu() * weight).sum()
    if total.requires_grad:
        grads = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
        result = {name: t.detach() for name, t in result.items()}
        for (name, t), grad in zip(leaves.items(), grads, strict=True):
            result[f"gradient of {name}"] = torch.zeros_like(t) if grad is None else grad
    return result
