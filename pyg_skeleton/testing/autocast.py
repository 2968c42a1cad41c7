"""Mixed precision."""

from __future__ import annotations

import copy
from typing import Any

import torch

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
    about the same: for each output and each gradient of a parameter

    .. math::
        \max |a - e| \leq \mathrm{tolerance} \cdot \max(|e|).

    Args:
        module (torch.nn.Module): The module, in single precision.
        *args (Any): Its arguments.
        dtype (torch.dtype, optional): The lower precision. (default: :obj:`torch.bfloat16`)
        tolerance (float, optional): Share of the largest entry of a tensor. A gradient may
            deviate by four times as much. (default: :obj:`0.05`)
        **kwargs (Any): Its keyword arguments.

    Raises:
        AssertionError: Names the tensor that is not finite or differs, and its largest deviation.
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
    for name, e in expected.items():
        a = actual[name].double()
        if a.shape != e.shape:
            raise AssertionError(f"autocast: {name} is {tuple(a.shape)}, not {tuple(e.shape)}")
        if not bool(a.isfinite().all()):
            raise AssertionError(f"autocast: {name} is not finite")
        deviation = float((a - e.double()).abs().max()) if a.numel() else 0.0
        scale = float(e.abs().max()) if e.numel() else 0.0
        allowed = tolerance * scale * (4.0 if name.startswith("gradient of ") else 1.0)
        if deviation > allowed:
            raise AssertionError(
                f"autocast: {name} deviates by up to {deviation:.3e} from values of up to "
                f"{scale:.3e}, allowed are {allowed:.3e}"
            )
