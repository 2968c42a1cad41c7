"""The formats of files with skeletons, told apart by their content."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pyg_skeleton.io.containers.json_file import read_json
from pyg_skeleton.io.recording import Recording

_HEAD, _MAX_JSON, _MAX_FILES = 1 << 16, 1 << 30, 100_000


class Probe:
    """A file or folder, as a format looks at it to know its own.

    Args:
        path (str or PathLike): The file or folder.

    Raises:
        FileNotFoundError: If there is no such file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if not self.path.exists():
            raise FileNotFoundError(f"{self.path}: no such file or folder")
        self.is_folder = self.path.is_dir()
        #: The ending of the name in lower case: ``".json"``.
        self.suffix = "" if self.is_folder else self.path.suffix.lower()

    @cached_property
    def head(self) -> bytes:
        """The first 64 KiB of a file, empty for a folder."""
        if not self.path.is_file():
            return b""
        with open(self.path, "rb") as file:
            return file.read(_HEAD)

    @cached_property
    def first_line(self) -> str:
        """The first line that is not empty, without the spaces around it."""
        return self.head.decode("utf-8-sig", "replace").lstrip().partition("\n")[0].strip()

    @cached_property
    def json(self) -> Any:
        """The content of a JSON file, :obj:`None` if it is none.

        Raises:
            ValueError: If its name ends in ``.json`` and it is damaged.
        """
        if self.suffix != ".json" and self.head.lstrip()[:1] not in (b"{", b"["):
            return None
        try:
            return read_json(self.path, _MAX_JSON)
        except ValueError:
            if self.suffix == ".json":
                raise
            return None

    @property
    def keys(self) -> set[str]:
        """The keys of a JSON file with a dict, of a list of dicts those of its first entry."""
        content = self.json
        if isinstance(content, list) and content:
            content = content[0]
        return set(content) if isinstance(content, dict) else set()

    def first(self, pattern: str) -> Probe | None:
        """The first file of a folder with a name of this pattern, see :func:`files_in`; of files
        with JSON, the first one in which anything is.
        """
        probes = map(Probe, files_in(self.path, pattern) if self.is_folder else [])
        found = (probe for probe in probes if probe.suffix != ".json" or probe.json)
        return next(found, None)


@dataclass(frozen=True)
class Format:
    """A format of files.

    Args:
        name (str): What it is called.
        sniff (callable): Whether a :class:`Probe` is of this format.
        read (callable): From a path to a :class:`~pyg_skeleton.io.Recording` or several of them.
        options (tuple of str, optional): The keyword arguments that `read` takes.
            (default: :obj:`()`)
    """

    name: str
    sniff: Callable[[Probe], bool]
    read: Callable[..., Recording | Iterable[Recording]]
    options: tuple[str, ...] = ()


def list_formats() -> list[str]:
    """The names of the formats, in the order in which they are tried."""
    return [entry.name for entry in _formats()]


def find_format(path: str | os.PathLike[str], name: str | None = None) -> Format | None:
    """The format of a file or folder, told by its content.

    Args:
        path (str or PathLike): The file or folder.
        name (str, optional): The name of the format, where that is known. (default: :obj:`None`)

    Returns:
        The format, :obj:`None` if it is none of :func:`list_formats`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If there is no format of that name.
    """
    probe, formats = Probe(path), _formats()
    if name is None:
        return next((entry for entry in formats if entry.sniff(probe)), None)
    found = next((entry for entry in formats if entry.name == name), None)
    if found is None:
        raise ValueError(f"format must be one of {', '.join(list_formats())}, got {name!r}")
    return found


def read_recordings(
    path: str | os.PathLike[str], format: str | None = None, **options: Any
) -> Iterator[Recording]:
    """The recordings of a file of any format, or of all files of a folder, in the order of names.

    Hidden files of a folder are passed over.

    Args:
        path (str or PathLike): The file or folder.
        format (str, optional): The name of the format; by default told by the content.
            (default: :obj:`None`)
        **options (optional): Arguments of the reader of the format.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the format is not known or takes no such option, or the file is damaged; the
            message names it.
    """
    found = find_format(path, format)
    place = Path(path)
    if found is None and place.is_dir():
        children = [child for child in place.iterdir() if not child.name.startswith(".")]
        if not children:
            raise ValueError(f"{place}: the folder is empty")
        for child in sorted(children, key=in_order):
            yield from read_recordings(child, **options)
        return
    if found is None:
        raise ValueError(f"{place}: has none of the formats {', '.join(list_formats())}")
    unknown = sorted(set(options).difference(found.options))
    if unknown:
        known = ", ".join(found.options) or "no options"
        raise ValueError(f"{place}: {found.name} takes {known}, got {unknown[0]}")
    recordings = found.read(place, **options)
    for recording in [recordings] if isinstance(recordings, Recording) else recordings:
        recording.name = recording.name or place.stem
        yield recording


def files_in(folder: Path, pattern: str) -> list[Path]:
    """The files of a folder with a name of this pattern, in order, without hidden ones.

    Raises:
        ValueError: If there are more than a hundred thousand.
    """
    found = [path for path in folder.glob(pattern) if not path.name.startswith(".")]
    if len(found) > _MAX_FILES:
        raise ValueError(f"{folder}: expected up to {_MAX_FILES:,} files, has {len(found):,}")
    return sorted(found, key=in_order)


def in_order(path: Path) -> list[Any]:
    """Sorts frame 10 behind frame 9, whatever the zeros before them."""
    parts = re.split("([0-9]+)", path.name)
    return [int(part) if i % 2 else part for i, part in enumerate(parts)]


def _formats() -> tuple[Format, ...]:
    from pyg_skeleton.io.format_table import FORMATS

    return FORMATS
