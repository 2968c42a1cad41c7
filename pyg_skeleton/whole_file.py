"""Files that appear whole or not at all, and checkpoints that are read undamaged."""

import io
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import torch


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yields a path beside a file, to be written to; at the end it takes the place of the file.

    After an error or an interruption the old file is still there. A process that is killed can
    leave the other one behind (its name begins with ``.partial.``), which the next one overwrites.

    .. code-block:: python

        with whole_file("scores.csv") as partial:
            table.to_csv(partial)

    Args:
        path (str): The file. Its folder is created. What is no regular file, ``/dev/stdout`` for
            example, is written to directly.

    Raises:
        OSError: If it cannot be written, with its name.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        yield Path(path)
        return
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".partial.{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        with open(partial, "rb") as file:
            os.fsync(file.fileno())
        os.replace(partial, target)
    except OSError as error:
        _remove(partial)
        if error.errno is None or error.filename not in (None, str(partial)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    except BaseException:
        _remove(partial)
        raise


def write_text(text: str, path: str | os.PathLike[str], newline: str | None = None) -> None:
    """Writes a text file in UTF-8, whole or not at all.

    Args:
        text (str): The text.
        path (str): The file.
        newline (str, optional): See :func:`open`. (default: :obj:`None`)
    """
    with whole_file(path) as partial, open(partial, "w", encoding="utf-8", newline=newline) as file:
        file.write(text)


def write_tensors(content: object, path: str | os.PathLike[str]) -> None:
    """Writes a file of :func:`torch.save`, whole or not at all.

    Args:
        content (object): What to write.
        path (str): The file.
    """
    # Not by torch.save itself, which turns a full disk into an error without the name of the file.
    buffer = io.BytesIO()
    torch.save(content, buffer)
    with whole_file(path) as partial:
        buffer.seek(0)
        with partial.open("wb") as file:
            shutil.copyfileobj(buffer, file, 2**20)


def read_tensors(path: str | os.PathLike[str], device: Any = "cpu") -> Any:
    """Reads a file of :func:`torch.save`, from which nothing is executed. Its checksums are
    verified, which :func:`torch.load` does not do.

    Args:
        path (str): The file.
        device (optional): Where the tensors go, see :func:`torch.load`. (default: :obj:`"cpu"`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it cannot be read or is damaged.
    """
    if not os.path.isfile(path):
        raise FileNotFoundError(f"no checkpoint at {path}")
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                # Compressed members can be much larger than the file.
                if any(member.compress_type for member in archive.infolist()):
                    raise ValueError("its members are compressed")
                if damaged := archive.testzip():
                    raise ValueError(f"{damaged} differs from its checksum: the file is damaged")
        return torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # anything may be in a file
        reason = str(error).split("\n")[0]
        raise ValueError(f"{path} is no readable checkpoint: {reason}") from error


def _remove(partial: Path) -> None:
    """Deletes a file if it is there; a folder that cannot be changed has none."""
    with suppress(OSError):
        partial.unlink(missing_ok=True)
