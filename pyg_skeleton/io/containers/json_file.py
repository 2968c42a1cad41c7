"""JSON of any shape, read without trust."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import check_regular_file


def read_json(path: str | os.PathLike[str], max_bytes: int = 64 << 20) -> Any:
    """The content of a JSON file.

    Args:
        path (str or PathLike): The file.
        max_bytes (int, optional): The largest file that is read; a clip is far below.
            (default: 64 MiB)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is too large or not JSON; the message names the line.
    """
    name = check_regular_file(path, "a JSON file")
    if os.stat(name).st_size > max_bytes:
        raise ValueError(f"{name}: has more than {max_bytes:,} bytes, which no clip needs")
    try:
        with open(name, "rb") as file:
            return json.loads(file.read())
    except json.JSONDecodeError as error:
        raise ValueError(f"{name}:{error.lineno}: is not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name}: is not JSON: {error}".partition("\n")[0]) from None


def json_numbers(value: Any, sizes: tuple[int, ...], where: str) -> NDArray[np.float32]:
    """A list of so many finite numbers.

    Args:
        value (Any): What a file has in its place.
        sizes (tuple[int]): How many numbers there may be.
        where (str): What to call it in messages: the file and the key.

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
        with np.errstate(over="ignore"):
            out = np.array(value, np.float64).astype(np.float32)
    except OverflowError:
        raise ValueError(f"{where}: a number is too large") from None
    if not np.isfinite(out).all():
        raise ValueError(f"{where}[{int(np.argmin(np.isfinite(out)))}] is not a finite number")
    return out
