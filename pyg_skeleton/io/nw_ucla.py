"""The JSON files in which NW-UCLA circulates."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import check_poses
from pyg_skeleton.io.containers.files import reader, shown
from pyg_skeleton.io.containers.json_file import read_json


@reader("a clip of NW-UCLA")
def read_nw_ucla(path: str | os.PathLike[str]) -> NDArray[np.float32]:
    r"""Reads a clip of NW-UCLA, a JSON file with the 20 joints of each frame under
    :obj:`"skeletons"`.

    Args:
        path (str or PathLike): The file.

    Returns:
        The joints in the order of the file, :math:`(T, 20, 3)`, in meters.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON, has another content, or a number is not finite; the message
            names the file, and the line, key or frame.
    """
    content = read_json(path)
    where = f"{os.fspath(path)}: skeletons"
    if not isinstance(content, dict) or "skeletons" not in content:
        found = f"the keys {shown(list(content))}" if isinstance(content, dict) else shown(content)
        raise ValueError(f"{where}: expected a list of frames, got {found}")
    return check_poses(content["skeletons"], 3, where, num_joints=20)
