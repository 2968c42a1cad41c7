"""One graph for :func:`torch.compile`."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import torch

from pyg_skeleton.testing.compare import assert_close


def assert_compiles(
    module: torch.nn.Module,
    *args: Any,
    backend: str = "aot_eager",
    dynamic: bool | None = None,
    rtol: float = 1e-4,
    atol: float = 1e-5,
    **kwargs: Any,
) -> None:
    r"""Asserts that a module compiles as one graph, without a break, to the same outputs.

    Args:
        module (torch.nn.Module): The module; one with dropout must be in evaluation mode.
        *args (Any): Its arguments.
        backend (str, optional): :obj:`"aot_eager"` traces forward and backward pass and runs
            them with PyTorch's own kernels, in about a second; :obj:`"inductor"` generates code
            and needs a C++ compiler on the CPU, see :func:`requires_cpp_compiler`.
            (default: :obj:`"aot_eager"`)
        dynamic (bool, optional): As in :func:`torch.compile`. (default: :obj:`None`)
        rtol (float, optional): Relative tolerance. (default: :obj:`1e-4`)
        atol (float, optional): Absolute tolerance. (default: :obj:`1e-5`)
        **kwargs (Any): Its keyword arguments.

    Raises:
        AssertionError: Names the tensor that differs and its largest deviation, or says where
            the graph breaks.
    """
    # Two copies: batch statistics and caches of one run must not help the other.
    expected = copy.deepcopy(module)(*args, **kwargs)
    torch._dynamo.reset()
    compiled = torch.compile(
        copy.deepcopy(module), fullgraph=True, backend=backend, dynamic=dynamic
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Those of the compiler about itself.
            actual = compiled(*args, **kwargs)
    except torch._dynamo.exc.TorchDynamoException as error:
        reason = " ".join(line.strip() for line in str(error).splitlines() if line.strip())
        raise AssertionError(
            f"{type(module).__name__} does not compile as one graph: {reason[:500]}"
        ) from error
    finally:
        torch._dynamo.reset()
    assert_close(actual, expected, f"compiled ({backend}) and eager differ", rtol, atol)
