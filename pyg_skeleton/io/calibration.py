from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class CameraCalibration(NamedTuple):
    r"""The calibration of a camera as stored in a file, in double precision.

    The radial and tangential coefficients belong to one of the two published distortion models;
    files do not specify which.
    """

    #: The number on the camera.
    name: str
    #: The size of the image in pixels.
    width: int
    height: int
    #: The focal lengths, ``[2]``, in pixels.
    focal: NDArray[np.float64]
    #: The principal point, ``[2]``, in pixels.
    center: NDArray[np.float64]
    #: The coefficients of :math:`r^2, r^4, r^6`, ``[3]``.
    radial: NDArray[np.float64]
    #: The tangential coefficients in the order of the file, ``[2]``.
    tangential: NDArray[np.float64]
    #: From the axes of the world to those of the camera, ``[3, 3]``, for column vectors.
    rotation: NDArray[np.float64]
    #: Where the camera is in the world, ``[3]``, in meters.
    translation: NDArray[np.float64]


def numbers(value: Any, size: int, name: str) -> NDArray[np.float64]:
    """Converts finite numbers of any shape to a vector of a given size.

    Raises:
        ValueError: If the size differs or a number is not finite; the message starts with the name.
    """
    try:
        array = np.asarray(value, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name}: expected {size} numbers") from None
    # No camera is so large or so far away; what a damaged file has instead would overflow.
    if array.size != size or not (np.abs(array) < 1e12).all():
        raise ValueError(f"{name}: expected {size} finite numbers, got {array[:9].tolist()}")
    return array


def check_calibration(
    camera: CameraCalibration, inner_name: str, outer_name: str
) -> CameraCalibration:
    """The camera, if there can be such a camera.

    Raises:
        ValueError: If not; the message begins with the name of the part at fault, inside of the
            camera or outside.
    """
    if camera.width < 1 or camera.height < 1 or camera.focal.min() <= 0:
        raise ValueError(
            f"{inner_name}: expected a positive size and focal length, got {camera.width} x "
            f"{camera.height} pixels and {camera.focal.tolist()}"
        )
    off = np.abs(camera.rotation @ camera.rotation.T - np.eye(3)).max()
    if not (off < 1e-3 and np.linalg.det(camera.rotation) > 0):
        raise ValueError(f"{outer_name}: its rotation is none: {camera.rotation.tolist()}")
    return camera
