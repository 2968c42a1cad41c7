"""The test set of MPI-INF-3DHP."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import check_clip
from pyg_skeleton.io.containers.files import reader
from pyg_skeleton.io.containers.h5 import H5File, open_h5

_NUM_JOINTS = 17


class AnnotatedFrames(NamedTuple):
    """The frames of a recording that have valid annotations."""

    #: The number of each frame in the recording, ``[N]``.
    frames: NDArray[np.int64]
    #: The joints in the image, ``[N, 17, 2]``, in pixels.
    keypoints: NDArray[np.float32]
    #: The joints in the space of the camera, ``[N, 17, 3]``, in meters.
    positions: NDArray[np.float32]
    #: The activity, ``[N]``, from 1 to 7.
    activities: NDArray[np.int64]


@reader("a file of MPI-INF-3DHP")
def read_mpi_inf_3dhp(path: str | os.PathLike[str]) -> AnnotatedFrames:
    r"""Reads the annotations of one test recording of the `"Monocular 3D Human Pose Estimation In
    The Wild Using Improved CNN Supervision" <https://arxiv.org/abs/1611.09813>`_ paper,
    ``TS1/annot_data.mat`` (MATLAB 7.3, which is HDF5).

    It has, of all frames, :obj:`annot2` in pixels, :obj:`univ_annot3` (elsewhere
    :obj:`pose3d_univ`) in millimeters after the scaling of the body that all published numbers
    use, :obj:`valid_frame`, and :obj:`activity_annotation`.

    Args:
        path (str or PathLike): The file.

    Raises:
        ImportError: If h5py is not installed.
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, has another content, or a number of a valid frame is not
            finite.
    """
    with open_h5(path) as file:
        valid = _per_frame(file, "valid_frame") != 0
        frames = np.flatnonzero(valid)
        if not len(frames):
            raise ValueError(f"{file.name}: valid_frame: no frame is valid")
        activities = _per_frame(file, "activity_annotation", len(valid))[frames]
        if not np.isin(activities, range(1, 8)).all():
            raise ValueError(f"{file.name}: activity_annotation: expected numbers from 1 to 7")
        return AnnotatedFrames(
            frames,
            _clip(file, valid, 2, "annot2"),
            _clip(file, valid, 3, "univ_annot3", "pose3d_univ") / np.float32(1000),
            activities.astype(np.int64),
        )


def _per_frame(file: H5File, key: str, size: int | None = None) -> NDArray[np.float64]:
    """A number for each frame, whichever way the vector lies."""
    vector = file.read(key)
    if vector.size != max(vector.shape) or size not in (None, vector.size):
        wanted = "T" if size is None else size
        raise ValueError(f"{file.name}: {key}: expected [{wanted}], got {list(vector.shape)}")
    return vector.reshape(-1).astype(np.float64)


def _clip(file: H5File, valid: NDArray[np.bool_], channels: int, *keys: str) -> NDArray[np.float32]:
    """The joints of the valid frames; MATLAB stores one person of each frame, ``[T, 1, V, C]``."""
    array, name = file.read(*keys), f"{file.name}: {keys[0]}"
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 3 or len(array) != len(valid):
        wanted = [len(valid), 1, _NUM_JOINTS, channels]
        raise ValueError(f"{name}: expected {wanted}, got {list(array.shape)}")
    return check_clip(array[valid], channels, name, _NUM_JOINTS)
