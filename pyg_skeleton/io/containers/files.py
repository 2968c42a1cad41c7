"""What must hold of any file before a byte of it is read."""

from __future__ import annotations

import os
import stat


def check_regular_file(path: str | os.PathLike[str], expected: str) -> str:
    """The name of the file; refuses what is missing or could be read for ever, as a pipe could.

    Args:
        path (str or PathLike): The file.
        expected (str): What it should be, for the message: :obj:`"a text file"`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is a directory, a pipe or a device.
    """
    name = os.fspath(path)
    try:
        mode = os.stat(name).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(f"{name}: no such file") from None
    if not stat.S_ISREG(mode):
        what = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
        raise ValueError(f"{name}: is {what}, expected {expected}")
    return name
