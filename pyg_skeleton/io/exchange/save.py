"""Writes a recording in the format that the name of the file says."""

from __future__ import annotations

import os
from pathlib import Path

from pyg_skeleton.io.exchange.csv_table import write_csv
from pyg_skeleton.io.exchange.json_clip import write_json_clip
from pyg_skeleton.io.exchange.npz_clip import write_npz_clip
from pyg_skeleton.io.mocap.bvh_writer import write_bvh
from pyg_skeleton.io.recording import Recording

_WRITERS = {
    ".bvh": write_bvh,
    ".csv": write_csv,
    ".json": write_json_clip,
    ".npz": write_npz_clip,
}


def write_recording(path: str | os.PathLike[str], recording: Recording) -> None:
    """Writes a recording as ``.npz``, ``.json``, ``.csv`` or ``.bvh``, whole or not at all.

    NumPy archives and JSON keep all of it; a CSV table has no unit and axes, and a BVH file one
    person without missing joints.

    Args:
        path (str or PathLike): The file, whose ending says the format.
        recording (Recording): The recording, with a layout.

    Raises:
        ValueError: If there is no format with this ending, or the format cannot hold the recording.
    """
    writer = _WRITERS.get(Path(path).suffix.lower())
    if writer is None:
        raise ValueError(f"{os.fspath(path)}: expected a name that ends in {', '.join(_WRITERS)}")
    writer(path, recording)
