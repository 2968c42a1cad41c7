"""JSON of any shape, read without trust."""

from __future__ import annotations

import json
import os
from typing import Any

from pyg_skeleton.io.files import check_regular_file


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
