"""Round trips of state dictionaries."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import torch

from pyg_skeleton.testing.compare import assert_close


def assert_state_dict_round_trip(
    factory: Callable[[], torch.nn.Module],
    *args: Any,
    rtol: float = 0.0,
    atol: float = 0.0,
    **kwargs: Any,
) -> None:
    r"""Asserts that a module's state, stored and loaded into a fresh module that was initialized
    otherwise, makes that one the same.

    The state goes through :func:`torch.save` and :func:`torch.load` with
    :obj:`weights_only=True`. Both are compared in evaluation mode. Before it is stored, all its
    parameters are moved, so that initializations that are no random draw are told apart too.

    Args:
        factory (Callable): Returns a new module.
        *args (Any): The arguments of the module.
        rtol (float, optional): Relative tolerance. (default: :obj:`0.0`)
        atol (float, optional): Absolute tolerance. (default: :obj:`0.0`)
        **kwargs (Any): The keyword arguments of the module.

    Raises:
        AssertionError: Names the tensor that differs and its largest deviation, or the keys of
            the two states that differ.
    """
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        stored = factory().eval()
        for parameter in stored.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.1)
        torch.manual_seed(1)
        loaded = factory().eval()
    file = io.BytesIO()
    torch.save(stored.state_dict(), file)
    file.seek(0)
    keys = loaded.load_state_dict(torch.load(file, weights_only=True), strict=False)
    if keys.missing_keys or keys.unexpected_keys:
        raise AssertionError(
            f"{type(stored).__name__}: the state lacks {keys.missing_keys} and has "
            f"{keys.unexpected_keys} too many"
        )
    with torch.no_grad():
        results = []
        for module in (loaded, stored):
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(2)
                results.append(module(*args, **kwargs))
    assert_close(results[0], results[1], "loaded and stored module differ", rtol, atol)
