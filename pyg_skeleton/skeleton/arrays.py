"""The few operations that work on tensors and arrays alike."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pyg_skeleton.skeleton.checks import show

ArrayOrTensor = TypeVar("ArrayOrTensor", Tensor, NDArray[Any])


def check_size(x: Tensor | NDArray[Any], dim: int, num_joints: int, name: str) -> None:
    """Raises unless `x` holds the joints of a skeleton along `dim`."""
    if not isinstance(x, (Tensor, np.ndarray)):
        raise TypeError(f"expected a tensor or an array, got {show(x)}")
    shape = tuple(x.shape)
    if not -len(shape) <= dim < len(shape):
        raise ValueError(f"there is no dimension {dim} in the shape {shape}")
    if shape[dim] != num_joints:
        raise ValueError(
            f"expected {num_joints} joints ({name!r}) along dimension {dim}, "
            f"got {shape[dim]} in the shape {shape}"
        )


def select(x: ArrayOrTensor, ids: NDArray[np.int64], dim: int) -> ArrayOrTensor:
    """The slices of `x` at `ids` along `dim`, as a copy."""
    if isinstance(x, Tensor):
        return x.index_select(dim, torch.from_numpy(ids).to(x.device))
    return np.take(x, ids, axis=dim)
