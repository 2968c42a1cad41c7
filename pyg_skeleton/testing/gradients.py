"""Every parameter takes part."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import torch

from pyg_skeleton.testing.run import run_with_gradients, working_copy


def assert_all_parameters_get_gradients(
    module: torch.nn.Module,
    *args: Any,
    allow_zero: Collection[str] = (),
    seed: int = 0,
    **kwargs: Any,
) -> None:
    r"""Asserts that the gradient of every parameter is finite and not zero everywhere.

    Args:
        module (torch.nn.Module): The module, which is not changed.
        *args (Any): Its arguments.
        allow_zero (Collection, optional): Names of parameters whose gradient may vanish.
            (default: :obj:`()`)
        seed (int, optional): Of the random weighted sum of outputs that is differentiated.
            (default: :obj:`0`)
        **kwargs (Any): Its keyword arguments.

    Raises:
        AssertionError: Names all parameters at fault.
    """
    parameters = dict(module.named_parameters())
    unknown = sorted(set(allow_zero) - parameters.keys())
    if unknown:
        raise ValueError(f"allow_zero names {unknown}, but the parameters are {sorted(parameters)}")
    dtype = next(iter(parameters.values())).dtype if parameters else torch.float32
    result = run_with_gradients(working_copy(module, dtype), args, kwargs, seed)
    faults = []
    for name, parameter in parameters.items():
        grad = result.get(f"gradient of {name}")
        if not parameter.requires_grad:
            continue
        if grad is None or (not bool(grad.any()) and name not in allow_zero):
            faults.append(f"{name} {tuple(parameter.shape)} gets no gradient")
        elif not bool(grad.isfinite().all()):
            faults.append(f"{name} {tuple(parameter.shape)} gets a gradient that is not finite")
    if faults:
        raise AssertionError(f"{type(module).__name__}: " + "; ".join(faults))
