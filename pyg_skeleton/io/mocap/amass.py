"""The archives of AMASS (``.npz``): rotations of the joints of SMPL bodies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import reader
from pyg_skeleton.io.containers.npz import npz_keys, read_npz
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.kinematics import forward_kinematics
from pyg_skeleton.skeleton.rest_pose import rest_pose
from pyg_skeleton.skeleton.rotation import axis_angle_to_matrix

#: The body without fingers and face, with which the poses of all these models begin.
_BODY = 22
#: The rotations of SMPL without hands, SMPL, SMPL+H and SMPL-X.
_MODELS = {66: "SMPL without hands", 72: "SMPL", 156: "SMPL+H", 165: "SMPL-X"}
_RATES = ("mocap_framerate", "mocap_frame_rate")


def is_amass(probe: Probe) -> bool:
    """Whether an archive has the poses of an SMPL body."""
    if not probe.head.startswith(b"PK"):
        return False
    keys = npz_keys(probe.path)
    return bool(keys & {"trans", "betas", *_RATES}) and _poses(keys) is not None


@reader("an archive of AMASS")
def read_amass(path: str | os.PathLike[str]) -> Recording:
    r"""Reads an archive of the `"AMASS: Archive of Motion Capture as Surface Shapes"
    <https://arxiv.org/abs/1904.03278>`_ data sets (the keys are described in its `notebook
    <https://github.com/nghorbani/amass/blob/master/notebooks/01-AMASS_Visualization.ipynb>`_).

    :obj:`"poses"` holds an axis-angle vector for each joint of SMPL (72 numbers), SMPL+H (156) or
    SMPL-X (165), all of which begin with the same 22 joints; newer files also have
    :obj:`"root_orient"` and :obj:`"pose_body"`, which are read where :obj:`"poses"` is missing.
    :obj:`"trans"` is the translation in meters, with z upwards, and :obj:`"mocap_framerate"` (or
    :obj:`"mocap_frame_rate"`) the frames per second.

    The joints of an SMPL body at rest depend on :obj:`"betas"` through the weights of the model,
    which must not be passed on. **Rotations are therefore applied to a body of average build**, the
    :func:`~pyg_skeleton.skeleton.rest_pose` of the layout :obj:`"smpl24"` with arms to the sides,
    as SMPL rests; its pelvis stands at :obj:`"trans"`, from which that of SMPL is a constant 0.2
    to 0.3 m away. Fingers and face are left out.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or an array has another shape; the message names the key.
    """
    name = os.fspath(path)
    keys = npz_keys(path)
    wanted = _poses(keys)
    if wanted is None:
        raise ValueError(f"{name}: expected poses, or root_orient and pose_body")
    rate = [key for key in _RATES if key in keys][:1]
    arrays = read_npz(path, [*wanted, *({"trans"} & keys), *rate])
    parts = [_table(arrays[key], None, f"{name}: {key}") for key in wanted]
    if len({len(part) for part in parts}) > 1:
        raise ValueError(
            f"{name}: {wanted[0]} has {len(parts[0])} frames, {wanted[1]} {len(parts[1])}"
        )
    poses = np.concatenate(parts, 1)
    if poses.shape[1] not in _MODELS:
        known = ", ".join(f"{size} ({model})" for size, model in _MODELS.items())
        raise ValueError(f"{name}: poses: expected {known} numbers a frame, got {poses.shape[1]}")
    trans = np.zeros((len(poses), 3))
    if "trans" in arrays:
        trans = _table(arrays["trans"], 3, f"{name}: trans")
        if len(trans) != len(poses):
            raise ValueError(f"{name}: trans has {len(trans)} frames, poses {len(poses)}")
    return Recording(
        _joints(poses, trans)[None],
        "smpl24",
        frame_rate=_rate(arrays[rate[0]], f"{name}: {rate[0]}") if rate else None,
        unit="m",
        up="z",
        name=Path(name).stem,
    )


def _poses(keys: set[str]) -> tuple[str, ...] | None:
    for wanted in (("poses",), ("root_orient", "pose_body")):
        if keys.issuperset(wanted):
            return wanted
    return None


def _joints(poses: NDArray[np.float64], trans: NDArray[np.float64]) -> NDArray[np.float32]:
    skeleton = Skeleton.get("smpl24")
    rest = rest_pose(skeleton, spread=90).double()
    parents = torch.tensor([max(parent, 0) for parent in skeleton.parents])
    angles = torch.zeros(len(poses), skeleton.num_joints, 3, dtype=torch.double)
    angles[:, :_BODY] = torch.from_numpy(poses[:, : 3 * _BODY]).view(len(poses), _BODY, 3)
    turns = axis_angle_to_matrix(angles)
    return (
        forward_kinematics(turns, rest - rest[parents], skeleton, torch.from_numpy(trans))
        .float()
        .numpy()
    )


def _table(value: Any, columns: int | None, where: str) -> NDArray[np.float64]:
    shape: tuple[int, ...] = getattr(value, "shape", ())
    if (
        len(shape) != 2
        or not all(shape)
        or value.dtype.kind != "f"
        or shape[1] != (columns or shape[1])
    ):
        raise ValueError(f"{where}: expected numbers [T, {columns or 'D'}], got {list(shape)}")
    table = np.array(value, np.float64)
    if not (np.abs(table) <= LARGEST).all():
        raise ValueError(
            f"{where}: frame {int(np.argwhere(~(np.abs(table) <= LARGEST))[0][0])} is not finite"
        )
    return table


def _rate(value: Any, where: str) -> float:
    rate = float(value.item()) if getattr(value, "size", 0) == 1 else float("nan")
    if not 0 < rate < 1e6:
        raise ValueError(f"{where}: expected the frames per second, got {value!s:.40}")
    return rate
