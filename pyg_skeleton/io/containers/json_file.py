"""JSON of any shape, read without trust."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_memory, check_regular_file, memory_limit, reading

#: About the bytes of memory for the value that each of these bytes begins or ends; a byte of the
#: file itself takes two while it is parsed.
_COSTS = {b"[": 88, b"{": 184, b",": 32, b":": 32, b'"': 16}


def read_json(path: str | os.PathLike[str], max_bytes: int = 64 << 20) -> Any:
    """The content of a JSON file.

    Args:
        path (str or PathLike): The file.
        max_bytes (int, optional): The largest file that is read; a clip is far below.
            (default: 64 MiB)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON (the message names the line), is too large, or takes too much
            memory, see :func:`~pyg_skeleton.io.memory_limit`.
    """
    name = check_regular_file(path, "a JSON file", max_bytes)
    with open(name, "rb") as file:
        data = file.read()
    needed = 2 * len(data) + sum(cost * data.count(byte) for byte, cost in _COSTS.items())
    check_memory(name, needed, memory_limit(len(data)))
    with reading(name, "JSON"):
        try:
            return json.loads(data)
        except json.JSONDecodeError as error:
            raise ValueError(f"{name}:{error.lineno}: is not JSON: {error.msg}") from None


def json_numbers(value: Any, sizes: tuple[int, ...], where: str) -> NDArray[np.float32]:
    """A flat list of finite numbers.

    Args:
        value (Any): The value in the file.
        sizes (tuple[int]): The allowed lengths.
        where (str): The file and the key, for messages.

    Raises:
        ValueError: If it is anything else.
    """
    wanted = f"{' or '.join(map(str, sizes))} numbers"
    if not isinstance(value, list) or len(value) not in sizes:
        got = len(value) if isinstance(value, list) else type(value).__name__
        raise ValueError(f"{where}: expected {wanted}, got {got}")
    if not all(type(number) in (int, float) for number in value):
        raise ValueError(f"{where}: expected {wanted}, got something else among them")
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            out = np.array(value, np.float64).astype(np.float32)
    except OverflowError:
        raise ValueError(f"{where}: a number is too large") from None
    good = np.abs(out) <= LARGEST  # also no NaN
    if not good.all():
        raise ValueError(
            f"{where}[{int(np.argmin(good))}] is not a finite number up to {LARGEST:g}"
        )
    return out
