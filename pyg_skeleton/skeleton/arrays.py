"""Helper functions that accept both tensors and NumPy arrays."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.skeleton.checks import show

ArrayOrTensor = TypeVar("ArrayOrTensor", Tensor, NDArray[Any])


def check_size(x: Tensor | NDArray[Any], dim: int, num_joints: int, name: str) -> None:
    """Raises an error unless `x` has `num_joints` entries along dimension `dim`."""
    if not isinstance(x, (Tensor, np.ndarray)):
        raise TypeError(f"expected a tensor or an array, got {show(x)}")
    shape = tuple(x.shape)
    if not -len(shape) <= dim < len(shape):
        raise ValueError(f"expected a dimension of the shape {shape}, got dimension {dim}")
    if shape[dim] != num_joints:
        raise ValueError(
            f"expected {num_joints} joints ({name!r}) along dimension {dim}, "
            f"got {shape[dim]} in the shape {shape}"
        )


def select(x: ArrayOrTensor, ids: NDArray[np.int64], dim: int) -> ArrayOrTensor:
    """Returns a copy of the slices of `x` at `ids` along `dim`."""
    if isinstance(x, Tensor):
        return x.index_select(dim, torch.from_numpy(ids).to(x.device))
    return np.take(x, ids, axis=dim)
