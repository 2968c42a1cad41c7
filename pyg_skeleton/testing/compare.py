"""Comparison of what two runs of a module returned, tensor by tensor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor


def named_tensors(value: Any, name: str = "output") -> Iterator[tuple[str, Tensor]]:
    r"""Every tensor inside a nested value with the path that leads to it.

    Goes into tuples, named tuples, lists, mappings and :class:`~torch_geometric.data.Data`;
    whatever else is no tensor is left out.

    Args:
        value (Any): The value, a tensor or something that holds tensors.
        name (str, optional): The path so far. (default: :obj:`"output"`)
    """
    if isinstance(value, Tensor):
        yield name, value
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        for field in value._fields:
            yield from named_tensors(getattr(value, field), f"{name}.{field}")
    elif isinstance(value, (tuple, list)):
        for i, item in enumerate(value):
            yield from named_tensors(item, f"{name}[{i}]")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from named_tensors(item, f"{name}[{key!r}]")
    elif hasattr(value, "to_dict"):
        for key, item in value.to_dict().items():
            yield from named_tensors(item, f"{name}.{key}")


def assert_close(
    actual: Any, expected: Any, what: str, rtol: float = 1e-8, atol: float = 1e-10
) -> None:
    r"""Asserts that two nested values hold the same tensors.

    An entry is accepted where

    .. math::
        |a - e| \leq \mathrm{atol} + \mathrm{rtol} \cdot |e|,

    and never where either one is not a number.

    Args:
        actual (Any): What was computed.
        expected (Any): What it must equal.
        what (str): What is compared, the first words of the message.
        rtol (float, optional): Relative tolerance. (default: :obj:`1e-8`)
        atol (float, optional): Absolute tolerance. (default: :obj:`1e-10`)

    Raises:
        AssertionError: Names the first tensor that differs, its largest deviation and where.
    """
    left, right = dict(named_tensors(actual)), dict(named_tensors(expected))
    assert_named_close(left, right, what, rtol, atol)


def assert_named_close(
    actual: Mapping[str, Tensor],
    expected: Mapping[str, Tensor],
    what: str,
    rtol: float = 1e-8,
    atol: float = 1e-10,
) -> None:
    r"""Asserts that two collections hold the same tensors under the same names.

    Args:
        actual (Mapping): What was computed.
        expected (Mapping): What it must equal.
        what (str): What is compared, the first words of the message.
        rtol (float, optional): Relative tolerance. (default: :obj:`1e-8`)
        atol (float, optional): Absolute tolerance. (default: :obj:`1e-10`)

    Raises:
        AssertionError: As :func:`assert_close`.
    """
    if actual.keys() != expected.keys():
        raise AssertionError(f"{what}: tensors {sorted(actual)} against {sorted(expected)}")
    for name, tensor in actual.items():
        _assert_tensor_close(tensor, expected[name], f"{what}: {name}", rtol, atol)


def _assert_tensor_close(a: Tensor, e: Tensor, name: str, rtol: float, atol: float) -> None:
    if a.shape != e.shape:
        raise AssertionError(f"{name} has shape {tuple(a.shape)}, expected {tuple(e.shape)}")
    a, e = (t.detach().cpu() for t in (a, e))
    a, e = (t.to_dense() if t.layout != torch.strided else t for t in (a, e))
    a, e = a.double(), e.double()
    deviation = (a - e).abs()
    wrong = ~(deviation <= atol + rtol * e.abs()) & (a != e)
    if not bool(wrong.any()):
        return
    worst = deviation.masked_fill(~wrong, -1.0).nan_to_num(nan=float("inf")).argmax()
    where = tuple(int(i) for i in torch.unravel_index(worst, a.shape))
    got, want = a.flatten()[worst].item(), e.flatten()[worst].item()
    raise AssertionError(
        f"{name} deviates by up to {abs(got - want):.3e} (at {where}: {got:.6g}, expected "
        f"{want:.6g}) in {int(wrong.sum())} of {a.numel()} entries"
    )
