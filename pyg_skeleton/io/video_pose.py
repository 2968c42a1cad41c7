"""The two ``.npz`` files of VideoPose3D: 3-D positions of joints, and 2-D ones of all cameras."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import check_clip
from pyg_skeleton.io.containers.files import Budget, reader, shown
from pyg_skeleton.io.containers.npz import read_npz


class CameraKeypoints(NamedTuple):
    """2-D joints of all recordings and cameras."""

    #: For each subject and recording the clips of all cameras, ``[T, V, 2]`` in pixels.
    positions: dict[str, dict[str, list[NDArray[np.float32]]]]
    #: The number of joints.
    num_joints: int
    #: The joints of the left side, then those of the right side.
    symmetry: tuple[tuple[int, ...], tuple[int, ...]]


@reader("a file of 3-D joints")
def read_positions_3d(
    path: str | os.PathLike[str],
) -> dict[str, dict[str, NDArray[np.float32]]]:
    r"""Reads 3-D joints from a ``data_3d_*.npz`` as the `"3D human pose estimation in video with
    temporal convolutions and semi-supervised training" <https://arxiv.org/abs/1811.11742>`_ paper
    and SemGCN prepare them, without executing what is pickled in it.

    Args:
        path (str or PathLike): The file, with the member :obj:`"positions_3d"`.

    Returns:
        For each subject and recording the joints in the world, :math:`(T, V, 3)`, in meters.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or has another content, or a number is not finite; the message
            names the file and the place in it.
    """
    name = os.fspath(path)
    subjects = read_npz(name, ["positions_3d"])["positions_3d"]
    budget = Budget(name)
    return {
        subject: {
            action: _clip(clip, 3, f"{where}[{action!a}]", budget)
            for action, clip in _items(actions, where)
        }
        for subject, actions, where in _subjects(subjects, f"{name}: positions_3d")
    }


@reader("a file of 2-D joints")
def read_positions_2d(path: str | os.PathLike[str]) -> CameraKeypoints:
    r"""Reads 2-D joints of all cameras from a ``data_2d_*.npz`` of the same origin.

    Args:
        path (str or PathLike): The file, with the members :obj:`"positions_2d"` and
            :obj:`"metadata"`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or has another content, or a number is not finite; the message
            names the file and the place in it.
    """
    name = os.fspath(path)
    members = read_npz(name, ["positions_2d", "metadata"])
    num_joints, symmetry = _metadata(members["metadata"], f"{name}: metadata")
    positions: dict[str, dict[str, list[NDArray[np.float32]]]] = {}
    budget = Budget(name)
    for subject, actions, where in _subjects(members["positions_2d"], f"{name}: positions_2d"):
        positions[subject] = {}
        for action, clips in _items(actions, where):
            here = f"{where}[{action!a}]"
            # A list of arrays of one length also comes as one array of objects or of numbers.
            if not isinstance(clips, (list, tuple, np.ndarray)) or not len(clips):
                raise ValueError(f"{here}: expected a list with a clip of each camera")
            positions[subject][action] = [
                _clip(clip, 2, f"{here}[{i}]", budget, num_joints) for i, clip in enumerate(clips)
            ]
    return CameraKeypoints(positions, num_joints, symmetry)


def _clip(
    value: Any, channels: int, name: str, budget: Budget, num_joints: int | None = None
) -> NDArray[np.float32]:
    # The same array can be there under many names.
    budget.take(name, value.size if isinstance(value, np.ndarray) else 0)
    return check_clip(value, channels, name, num_joints)


def _items(value: Any, name: str) -> list[tuple[str, Any]]:
    if not isinstance(value, dict) or not value:
        kind = "an array" if isinstance(value, np.ndarray) else type(value).__name__
        raise ValueError(f"{name}: expected a dict, got {kind} or nothing in it")
    for key in value:
        if not isinstance(key, str):
            raise ValueError(f"{name}: expected names as keys, got {shown(key)}")
    return list(value.items())


def _subjects(value: Any, name: str) -> list[tuple[str, Any, str]]:
    return [(key, content, f"{name}[{key!a}]") for key, content in _items(value, name)]


def _metadata(value: Any, name: str) -> tuple[int, tuple[tuple[int, ...], tuple[int, ...]]]:
    fields = dict(_items(value, name))
    try:
        count = int(fields["num_joints"])
        left, right = (tuple(int(j) for j in side) for side in fields["keypoints_symmetry"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError(f"{name}: expected num_joints and keypoints_symmetry") from None
    if count < 1 or len(left) != len(right) or not all(0 <= j < count for j in left + right):
        raise ValueError(f"{name}: keypoints_symmetry does not fit {count} joints")
    return count, (left, right)
