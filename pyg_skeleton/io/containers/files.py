"""Checks that hold for every file before and while it is read, and the limit on memory."""

from __future__ import annotations

import csv
import os
import reprlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")
Path = str | os.PathLike[str]

#: The environment variable that replaces :data:`EXPANSION`.
VARIABLE = "PYG_SKELETON_MAX_EXPANSION"
#: The bytes of memory that each byte of a file may take, beyond the allowance for small files.
EXPANSION = 8
ALLOWANCE = 64 << 20

#: The errors that parsers raise for damaged files.
DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,  # also RecursionError
    TypeError,
    ValueError,
    csv.Error,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def check_regular_file(path: Path, expected: str, max_bytes: int | None = None) -> str:
    """Returns the name of a file, and refuses what could be read without end, such as a pipe.

    Args:
        path (str or PathLike): The file.
        expected (str): What it should be, for the message: :obj:`"a text file"`.
        max_bytes (int, optional): The largest size that is read. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is a directory, a pipe or a device, or too large.
    """
    name = os.fspath(path)
    try:
        status = os.stat(name)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(f"{name}: no such file") from None
    except ValueError:
        raise ValueError(f"{name!a}: is not the name of a file") from None
    if not stat.S_ISREG(status.st_mode):
        kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise ValueError(f"{name}: is {kind}, expected {expected}")
    if max_bytes is not None and status.st_size > max_bytes:
        raise ValueError(
            f"{name}: has more than {max_bytes:,} bytes, expected {expected} of at most that size"
        )
    return name


def memory_limit(file_size: int) -> int:
    """The bytes of memory that reading a file may take.

    A small file can describe a huge array: compressed zeros, a fill value, one array that is shared
    a thousand times. Readers therefore take 64 MiB, plus 8 bytes for each byte of the file, and
    refuse the rest before it is allocated. The environment variable
    ``PYG_SKELETON_MAX_EXPANSION`` replaces the 8; worker processes inherit it.

    Args:
        file_size (int): The size of the file in bytes.

    Raises:
        ValueError: If the environment variable is not a positive number.
    """
    text = os.environ.get(VARIABLE, str(EXPANSION))
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{VARIABLE}: expected a positive whole number, got {text!r}")
    return ALLOWANCE + int(text) * file_size


def check_memory(name: str, needed: int, limit: int) -> None:
    """Refuses to allocate more than :func:`memory_limit`.

    Args:
        name (str): The file and the place in it, for the message.
        needed (int): The bytes that are needed.
        limit (int): The bytes that are allowed.

    Raises:
        ValueError: If it is more.
    """
    if needed > limit:
        raise ValueError(
            f"{name}: takes {needed:,} bytes of memory, expected at most {limit:,} for a file "
            f"of this size; if you trust it, raise the environment variable {VARIABLE}"
        )


class _Shown(reprlib.Repr):
    """Short forms of values, whatever their size, depth and sharing."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxother, self.maxstring = 3, 40, 40

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to print very long integers.
        return repr(x) if x.bit_length() < 100 else f"an integer of {x.bit_length()} bits"


_SHOWN = _Shown()


def shown(value: object) -> str:
    """A value in at most about 60 characters on one line, for messages."""
    text = _SHOWN.repr(value)
    return text.encode("ascii", "backslashreplace").decode().replace("\n", " ")[:80]


def reason(error: BaseException) -> str:
    """The message of an error in at most one line."""
    if isinstance(error, MemoryError):
        return "it announces more bytes than fit into memory"
    return (str(error).strip().partition("\n")[0] or type(error).__name__)[:200]


@contextmanager
def reading(name: str, expected: str) -> Iterator[None]:
    """Turns whatever a parser raises for a damaged file into one line that names the file.

    Args:
        name (str): The file. Errors that begin with it are complete already.
        expected (str): What it should be, for the message: :obj:`"an HDF5 file"`.

    Raises:
        ValueError: If anything goes wrong but a missing file or package.
    """
    try:
        yield
    except (FileNotFoundError, PermissionError):
        raise
    except DAMAGED as error:
        if isinstance(error, ValueError) and str(error).startswith(name):
            raise
        raise ValueError(f"{name}: is not {expected} or is damaged: {reason(error)}") from error


def reader(
    expected: str,
) -> Callable[[Callable[Concatenate[Path, P], T]], Callable[Concatenate[Path, P], T]]:
    """Decorates the reader of a format, so that it fails in one line only, see :func:`reading`."""

    def decorate(read: Callable[Concatenate[Path, P], T]) -> Callable[Concatenate[Path, P], T]:
        @wraps(read)
        def checked(path: Path, *args: P.args, **kwargs: P.kwargs) -> T:
            with reading(os.fspath(path), expected):
                return read(path, *args, **kwargs)

        return cast("Callable[Concatenate[Path, P], T]", checked)

    return decorate


class Budget:
    """Adds up the memory that is made of a file, in which one array can stand for many.

    Args:
        name (str): The file.
    """

    #: The bytes of Python's own objects for each array.
    OVERHEAD = 1000

    def __init__(self, name: str) -> None:
        self._left = self._limit = memory_limit(os.stat(name).st_size)

    def take(self, where: str, numbers: int) -> None:
        """Counts an array of float32, before it is made.

        Raises:
            ValueError: If the arrays so far take more memory than the file may.
        """
        self._left -= self.OVERHEAD + 4 * numbers
        check_memory(where, self._limit - self._left, self._limit)
