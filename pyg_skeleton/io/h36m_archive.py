"""The HDF5 files in which Human3.6M circulates since the simple baseline for lifting."""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.calibration import CameraCalibration, check_calibration, numbers
from pyg_skeleton.io.clips import check_clip
from pyg_skeleton.io.containers.files import reader
from pyg_skeleton.io.containers.h5 import H5File, open_h5

NUM_JOINTS = 32
# The files do not have the sizes of the images.
_SIZES = {
    "54138969": (1000, 1002),
    "55011271": (1000, 1000),
    "58860488": (1000, 1000),
    "60457274": (1000, 1002),
}


@reader("a file of joints of Human3.6M")
def read_h36m_positions(path: str | os.PathLike[str]) -> NDArray[np.float32]:
    r"""Reads the joints of one recording of Human3.6M, ``S1/MyPoses/3D_positions/*.h5``, from the
    archive of the `"A simple yet effective baseline for 3d human pose estimation"
    <https://arxiv.org/abs/1705.03098>`_ paper.

    Its array :obj:`"3D_positions"` holds millimeters in the world, 96 rows of all frames; the
    transposed array is understood, too.

    Args:
        path (str or PathLike): The file.

    Returns:
        The 32 joints in the world, :math:`(T, 32, 3)`, in meters.

    Raises:
        ImportError: If h5py is not installed.
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, has another content or a number that is not finite.
    """
    with open_h5(path) as file:
        table = file.read("3D_positions")
        rows = 3 * NUM_JOINTS
        if table.ndim != 2 or rows not in table.shape:
            shape = list(table.shape)
            raise ValueError(f"{file.name}: 3D_positions: expected [{rows}, T], got {shape}")
        table = table.T if table.shape[0] == rows else table
        clip = table.reshape(-1, NUM_JOINTS, 3)
        return check_clip(clip, 3, f"{file.name}: 3D_positions") / np.float32(1000)


@reader("a file of keypoints of Human3.6M")
def read_h36m_hourglass(path: str | os.PathLike[str]) -> NDArray[np.float32]:
    r"""Reads what the stacked hourglass saw of one recording with one camera,
    ``S1/StackedHourglass/*.h5`` of the same archive.

    Args:
        path (str or PathLike): The file, with the array :obj:`"poses"`.

    Returns:
        The 16 joints in the order of MPII, :math:`(T, 16, 2)`, in pixels.

    Raises:
        ImportError: If h5py is not installed.
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, has another content or a number that is not finite.
    """
    with open_h5(path) as file:
        return check_clip(file.read("poses"), 2, f"{file.name}: poses", num_joints=16)


@reader("a file of cameras of Human3.6M")
def read_h36m_cameras(path: str | os.PathLike[str]) -> dict[str, tuple[CameraCalibration, ...]]:
    r"""Reads the cameras of Human3.6M, ``cameras.h5`` of the same archive.

    For each ``subject{n}/camera{m}`` it has the rotation :obj:`R`, which is stored transposed as
    MATLAB does, the place :obj:`T` in millimeters, :obj:`f`, :obj:`c`, :obj:`k`, :obj:`p` and the
    letters of its :obj:`Name`. The sizes of the images are not in the file; they are those of the
    four cameras of the studio.

    Args:
        path (str or PathLike): The file.

    Returns:
        The cameras of each subject, in the order of their numbers.

    Raises:
        ImportError: If h5py is not installed.
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged or has another content.
    """
    cameras = {}
    with open_h5(path) as file:
        for group in file.keys():  # noqa: SIM118
            number = group.removeprefix("subject")
            names = [name for name in file.keys(group) if name.startswith("camera")]
            if number != group and number.isdecimal() and names:
                cameras[f"S{number}"] = tuple(_read_camera(file, f"{group}/{n}") for n in names)
        if not cameras:
            raise ValueError(f"{file.name}: has no subject1/camera1 or the like")
    return cameras


def _read_camera(file: H5File, group: str) -> CameraCalibration:
    def read(key: str, size: int) -> NDArray[np.float64]:
        where = f"{group}/{key}"
        return numbers(file.read(where), size, f"{file.name}: {where}")

    name = "".join(chr(int(code) % 0x10000) for code in file.read(f"{group}/Name").reshape(-1)[:20])
    if name not in _SIZES:
        known = ", ".join(_SIZES)
        raise ValueError(f"{file.name}: {group}/Name: expected one of {known}, got {name!a}")
    width, height = _SIZES[name]
    camera = CameraCalibration(
        name=name,
        width=width,
        height=height,
        focal=read("f", 2),
        center=read("c", 2),
        radial=read("k", 3),
        tangential=read("p", 2),
        rotation=read("R", 9).reshape(3, 3).T,
        translation=read("T", 3) / 1000,
    )
    return check_calibration(camera, f"{file.name}: {group}", f"{file.name}: {group}")
