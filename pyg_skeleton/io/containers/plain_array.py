"""Arrays of numbers from raw bytes and an untrusted description."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NUMBERS = re.compile(r"[<>|=]?(\?|b1|[iu][1248]|f[248]|c(8|16))")
_OBJECTS = re.compile(r"\|?O8?")


def plain_dtype(code: object, name: str) -> np.dtype[Any]:
    """The type that a short code such as :obj:`"<f4"` stands for: numbers, truth values, objects.

    Raises:
        ValueError: If it is another type, of text or of records, or no code at all.
    """
    if isinstance(code, str) and _NUMBERS.fullmatch(code):
        return np.dtype(code)
    if isinstance(code, str) and _OBJECTS.fullmatch(code):
        return np.dtype(object)
    shown = repr(code[:20]) if isinstance(code, str) else type(code).__name__
    raise ValueError(f"{name}: an array of type {shown}, expected numbers")


def plain_array(
    raw: bytes, dtype: np.dtype[Any], shape: Sequence[int], fortran: bool, name: str
) -> NDArray[Any]:
    """The array whose memory looks like this, read-only and without a copy.

    Args:
        raw (bytes): The memory. All of it must be used, so that a gigantic array cannot be
            announced without being there.
        dtype (numpy.dtype): The type of its numbers.
        shape (sequence of int): Its shape.
        fortran (bool): Whether the first dimension runs fastest.
        name (str): The file and the key, for messages.

    Raises:
        ValueError: If shape and memory do not fit each other.
    """
    needed = math.prod(shape[:33]) * dtype.itemsize
    if len(shape) > 32 or min(shape, default=0) < 0 or needed != len(raw):
        shown = ", ".join(str(size) for size in shape[:8])[:80]
        raise ValueError(
            f"{name}: an array [{shown}] of {dtype} in {len(raw)} bytes, expected {needed}"
        )
    return np.ndarray(tuple(shape), dtype, raw, order="F" if fortran else "C")
