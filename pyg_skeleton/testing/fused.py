"""The two execution forms of an operator: fused, and message by message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch_geometric.nn import MessagePassing

from pyg_skeleton.testing.compare import assert_named_close
from pyg_skeleton.testing.run import cast, run_with_gradients, working_copy


def assert_fused_equals_propagate(
    layer: torch.nn.Module,
    *args: Any,
    expect_fused: bool = True,
    rtol: float = 1e-8,
    atol: float = 1e-10,
    **kwargs: Any,
) -> None:
    r"""Asserts that the fused form of an operator equals its :meth:`propagate` form, in the
    outputs and in the gradients of all parameters and inputs.

    The attribute :obj:`fuse` of every :class:`~torch_geometric.nn.MessagePassing` inside is
    switched, in double precision. A layer with dropout is compared in evaluation mode.

    Args:
        layer (torch.nn.Module): The layer, which is not changed.
        *args (Any): Its arguments.
        expect_fused (bool, optional): If set to :obj:`False`, it is no failure that the fused
            form computes as many single messages as the other one, that is, does not exist for
            these arguments. (default: :obj:`True`)
        rtol (float, optional): Relative tolerance. (default: :obj:`1e-8`)
        atol (float, optional): Absolute tolerance. (default: :obj:`1e-10`)
        **kwargs (Any): Its keyword arguments.

    Raises:
        AssertionError: Names the tensor that differs and its largest deviation, or says that
            one of the two forms was not run at all.
    """
    args, kwargs = cast(args), cast(kwargs)
    results, calls = {}, {}
    for fuse in (True, False):
        copied = working_copy(layer)
        operators = [m for m in copied.modules() if isinstance(m, MessagePassing)]
        counter = _Counter()
        for operator in operators:
            operator.fuse = fuse
            # Not a hook: operators may leave their fused form because of one.
            object.__setattr__(operator, "message", counter.wrap(operator.message))
        results[fuse] = run_with_gradients(copied, args, kwargs)
        calls[fuse] = counter.calls
    if calls[False] == 0:
        raise AssertionError(f"fuse=False computed no message in {type(layer).__name__}")
    if expect_fused and calls[True] >= calls[False]:
        raise AssertionError(f"fuse=True took no fused form in {type(layer).__name__}")
    what = "fused and propagate differ"
    assert_named_close(results[True], results[False], what, rtol, atol)


class _Counter:
    def __init__(self) -> None:
        self.calls = 0

    def wrap(self, message: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            return message(*args, **kwargs)

        return counted
