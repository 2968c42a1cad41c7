"""The JSON files of the body tracker of Azure Kinect."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import check_memory, memory_limit, reader, shown
from pyg_skeleton.io.containers.json_file import read_json
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.recording import Recording

#: The joints of the tracker in the order of the layout :obj:`"azure32"`.
AZURE_JOINTS = (
    *("PELVIS", "SPINE_NAVEL", "SPINE_CHEST", "NECK"),
    *(
        f"{joint}_LEFT"
        for joint in ("CLAVICLE", "SHOULDER", "ELBOW", "WRIST", "HAND", "HANDTIP", "THUMB")
    ),
    *(
        f"{joint}_RIGHT"
        for joint in ("CLAVICLE", "SHOULDER", "ELBOW", "WRIST", "HAND", "HANDTIP", "THUMB")
    ),
    *(f"{joint}_LEFT" for joint in ("HIP", "KNEE", "ANKLE", "FOOT")),
    *(f"{joint}_RIGHT" for joint in ("HIP", "KNEE", "ANKLE", "FOOT")),
    *("HEAD", "NOSE", "EYE_LEFT", "EAR_LEFT", "EYE_RIGHT", "EAR_RIGHT"),
)
_MAX_FRAMES = 1_000_000


def is_azure_kinect(probe: Probe) -> bool:
    """Whether a JSON file has frames with bodies and names of joints."""
    return {"joint_names", "frames"} <= probe.keys


@reader("a JSON file of Azure Kinect")
def read_azure_kinect(path: str | os.PathLike[str]) -> Recording:
    r"""Reads the output of `k4abt_offline_processor
    <https://github.com/microsoft/Azure-Kinect-Samples/tree/master/body-tracking-samples/offline_processor>`_,
    which tracks the bodies in a video of an Azure Kinect.

    A frame has :obj:`"frame_id"`, :obj:`"timestamp_usec"` in microseconds and :obj:`"bodies"`; a
    body has :obj:`"body_id"` and :obj:`"joint_positions"`, x, y and z of the `32 joints
    <https://learn.microsoft.com/en-us/previous-versions/azure/kinect-dk/body-joints>`_ in
    millimeters. The axes are those of the depth camera: x to the right of the picture, y downwards,
    z away from the camera. The frame rate is the median of the time stamps; captures without a
    depth image are frames in which all are missing.

    Args:
        path (str or PathLike): The file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON (the message names the line), has another form (the message
            names the key), or no body in any frame.
    """
    name = os.fspath(path)
    content = read_json(path, max_bytes=1 << 30)
    if not isinstance(content, dict) or not isinstance(content.get("frames"), list):
        raise ValueError(f"{name}: frames: expected a list")
    names = content.get("joint_names")
    if not isinstance(names, list) or tuple(names) != AZURE_JOINTS:
        raise ValueError(
            f"{name}: joint_names: expected the 32 joints of Azure Kinect, got {shown(names)}"
        )
    ids, times, bodies = [], [], []
    for i, frame in enumerate(content["frames"]):
        where = f"{name}: frames[{i}]"
        if not isinstance(frame, dict) or not isinstance(frame.get("bodies"), list):
            raise ValueError(f"{where}: expected a dict with bodies")
        ids.append(_whole(frame.get("frame_id", i), f"{where}.frame_id"))
        times.append(_whole(frame.get("timestamp_usec", 0), f"{where}.timestamp_usec"))
        if i and ids[i] <= ids[i - 1]:
            raise ValueError(f"{where}.frame_id: expected more than {ids[i - 1]}, got {ids[i]}")
        bodies += [
            (ids[i], *_body(body, f"{where}.bodies[{j}]")) for j, body in enumerate(frame["bodies"])
        ]
    if not bodies:
        raise ValueError(f"{name}: has no body in any frame")
    persons = {who: row for row, who in enumerate(dict.fromkeys(who for _, who, _ in bodies))}
    shape = (len(persons), ids[-1] - ids[0] + 1, len(AZURE_JOINTS), 3)
    if shape[1] > _MAX_FRAMES:
        raise ValueError(f"{name}: expected up to {_MAX_FRAMES} frames, got {shape[1]}")
    check_memory(name, 4 * int(np.prod(shape)), memory_limit(os.stat(name).st_size))
    joints = np.full(shape, np.nan, np.float32)
    for frame_id, who, positions in bodies:
        at = joints[persons[who], frame_id - ids[0]]
        if not np.isnan(at).all():
            raise ValueError(f"{name}: body {who} is twice in frame {frame_id}")
        at[:] = positions
    steps = np.diff(times) / np.diff(ids)
    step = float(np.median(steps)) if len(steps) else 0.0
    return Recording(
        joints,
        "azure32",
        frame_rate=round(1e6 / step, 2) if step > 0 else None,
        persons=tuple(persons),
        unit="mm",
        up="-y",
        name=Path(name).stem,
    )


def _whole(value: Any, where: str) -> int:
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise ValueError(f"{where}: expected a whole number, got {shown(value)}")
    return value


def _body(body: Any, where: str) -> tuple[int, Any]:
    if not isinstance(body, dict):
        raise ValueError(f"{where}: expected a dict, got {shown(body)}")
    who = _whole(body.get("body_id"), f"{where}.body_id")
    positions = body.get("joint_positions")
    good = (
        isinstance(positions, list)
        and len(positions) == len(AZURE_JOINTS)
        and all(
            isinstance(joint, list)
            and len(joint) == 3
            and all(type(x) in (int, float) and abs(x) <= LARGEST for x in joint)
            for joint in positions
        )
    )
    if not good:
        raise ValueError(
            f"{where}.joint_positions: expected {len(AZURE_JOINTS)} joints of 3 finite numbers"
        )
    return who, positions
