"""Mixed precision."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor

from pyg_skeleton.testing.compare import named_tensors
from pyg_skeleton.testing.run import has_dropout, run_with_gradients


def assert_autocast(
    module: torch.nn.Module,
    *args: Any,
    dtype: torch.dtype = torch.bfloat16,
    tolerance: float = 0.05,
    **kwargs: Any,
) -> None:
    r"""Asserts that a module runs under :class:`torch.autocast`, forward and backward, and yields
    about the same: each output, and all gradients of arguments and parameters as one vector,

    .. math::
        \max |a - e| \leq \mathrm{tolerance} \cdot \max(|e|), \qquad
        \lVert a - e \rVert \leq 4 \cdot \mathrm{tolerance} \cdot \lVert e \rVert.

    Single gradients are not compared: an activation near zero lets some through in one precision
    and none in the other, and a bias before a normalization has a gradient of rounding errors.

    Args:
        module (torch.nn.Module): The module, in single precision.
        *args (Any): Its arguments.
        dtype (torch.dtype, optional): The lower precision. (default: :obj:`torch.bfloat16`)
        tolerance (float, optional): The share that an output may deviate; gradients may by four
            times as much. (default: :obj:`0.05`)
        **kwargs (Any): Its keyword arguments.

    Raises:
        AssertionError: Names what is not finite or differs, and by how much.
    """
    module = copy.deepcopy(module)
    if has_dropout(module):
        module.eval()
    device = next((t.device.type for _, t in named_tensors(args)), "cpu")
    expected = run_with_gradients(copy.deepcopy(module), args, kwargs)
    autocast = torch.autocast(device, dtype=dtype)
    actual = run_with_gradients(module, args, kwargs, forward_context=autocast)
    if actual.keys() != expected.keys():
        raise AssertionError(f"autocast: tensors {sorted(actual)} against {sorted(expected)}")
    gradients = []
    for name, e in expected.items():
        a, e = actual[name].double(), e.double()
        if a.shape != e.shape:
            raise AssertionError(f"autocast: {name} is {tuple(a.shape)}, not {tuple(e.shape)}")
        if not bool(a.isfinite().all()):
            raise AssertionError(f"autocast: {name} is not finite")
        if name.startswith("gradient of "):
            gradients.append(torch.stack([a.flatten(), e.flatten()]))
        elif e.numel():
            _check(name, (a - e).abs().max(), e.abs().max(), tolerance)
    if gradients:
        a, e = torch.cat(gradients, dim=1)
        _check("the vector of all gradients", (a - e).norm(), e.norm(), 4 * tolerance)


def _check(name: str, deviation: Tensor, scale: Tensor, tolerance: float) -> None:
    if deviation > tolerance * scale:
        raise AssertionError(
            f"autocast: {name} deviates by {deviation:.3e}, {scale:.3e} is its size, "
            f"allowed are {tolerance * scale:.3e}"
        )
