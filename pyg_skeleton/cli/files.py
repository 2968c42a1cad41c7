"""Clips in files of any format, to describe and to draw them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from pyg_skeleton.io import read_recordings
from pyg_skeleton.skeleton import Skeleton


class FileClip(NamedTuple):
    """A clip of a file."""

    #: The name.
    name: str
    #: The joints ``[M, T, V, C]``.
    joints: np.ndarray
    #: The name of the layout, where the file or its format says.
    layout: str | None


def read_clips(path: Path) -> Iterator[FileClip]:
    """The clips of a file, see :func:`~pyg_skeleton.io.read_recordings`."""
    for recording in read_recordings(path):
        layout = recording.layout if isinstance(recording.layout, str) else None
        yield FileClip(recording.name, recording.joints, layout)


def load_layout(name: str) -> Skeleton:
    """The layout of a name, or of a YAML file."""
    return Skeleton.from_yaml(name) if Path(name).is_file() else Skeleton.get(name)
