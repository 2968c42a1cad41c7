"""Calibrations of a motion-capture studio in one JSON file."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.calibration import CameraCalibration, check_calibration, numbers
from pyg_skeleton.io.containers.files import reader
from pyg_skeleton.io.containers.json_file import read_json

_MAX_BYTES = 10_000_000


@reader("a JSON file of cameras")
def read_cameras_json(path: str | os.PathLike[str]) -> dict[str, tuple[CameraCalibration, ...]]:
    r"""Reads the cameras of each subject from a JSON file of their published numbers.

    The file holds :obj:`"intrinsics"`, a list with an entry per camera (:obj:`id`,
    :obj:`res_w`, :obj:`res_h`, :obj:`center` and :obj:`focal_length` in pixels,
    :obj:`radial_distortion`, :obj:`tangential_distortion`), and :obj:`"extrinsics"`, which has for
    each subject a list in the same order (:obj:`orientation`, the unit quaternion :math:`(w, x, y,
    z)` from camera to world; :obj:`translation`, the place of the camera in millimeters). These are
    the numbers that circulate with the ``.npz`` files of Human3.6M, which hold no cameras
    themselves. A subject all of whose entries are empty is left out. In an entry without
    intrinsics, as those that circulate with HumanEva, focal length and center are NaN and the
    coefficients 0.

    Args:
        path (str or PathLike): The file.

    Returns:
        The cameras of each subject, rotated and placed in meters as
        :class:`~pyg_skeleton.io.CameraCalibration` says.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not such a file; the message names file and key.
    """
    name = os.fspath(path)
    content = read_json(path, _MAX_BYTES)
    intrinsics = _get(content, "intrinsics", list, name)
    cameras = {}
    for subject, entries in _get(content, "extrinsics", dict, name).items():
        where = f"{name}: extrinsics[{subject!a}]"
        if not isinstance(entries, list) or len(entries) != len(intrinsics):
            raise ValueError(f"{where}: expected a list of {len(intrinsics)} cameras")
        if any(entries):
            cameras[subject] = tuple(
                _camera(inner, f"{name}: intrinsics[{i}]", outer, f"{where}[{i}]")
                for i, (inner, outer) in enumerate(zip(intrinsics, entries, strict=True))
            )
    return cameras


def _camera(inner: Any, inner_name: str, outer: Any, outer_name: str) -> CameraCalibration:
    unknown = isinstance(inner, dict) and not {"center", "focal_length"} & inner.keys()

    def read(
        holder: Any, where: str, key: str, size: int, default: float | None = None
    ) -> NDArray[np.float64]:
        if unknown and default is not None:
            return np.full(size, default)
        return numbers(_get(holder, key, object, where), size, f"{where}.{key}")

    quaternion = read(outer, outer_name, "orientation", 4)
    if abs(np.linalg.norm(quaternion) - 1) > 1e-3:
        raise ValueError(f"{outer_name}.orientation: expected a quaternion of length 1")
    width, height = (int(read(inner, inner_name, key, 1)[0]) for key in ("res_w", "res_h"))
    camera = CameraCalibration(
        name=str(_get(inner, "id", (str, int), inner_name)),
        width=width,
        height=height,
        focal=read(inner, inner_name, "focal_length", 2, np.nan),
        center=read(inner, inner_name, "center", 2, np.nan),
        radial=read(inner, inner_name, "radial_distortion", 3, 0.0),
        tangential=read(inner, inner_name, "tangential_distortion", 2, 0.0),
        rotation=_matrix(quaternion).T,
        translation=read(outer, outer_name, "translation", 3) / 1000,
    )
    return check_calibration(camera, inner_name, outer_name)


def _get(holder: Any, key: str, kind: Any, name: str) -> Any:
    value = holder.get(key) if isinstance(holder, dict) else None
    if value is None or not isinstance(value, kind):
        raise ValueError(f"{name}: has no {key!r} or not of the expected kind")
    return value


def _matrix(quaternion: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rotation matrix of a unit quaternion."""
    w, vector = quaternion[0], quaternion[1:]
    x, y, z = vector
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + 2 * (w * cross + cross @ cross) / (quaternion @ quaternion)
