"""The predictions of mmpose."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.clips import LARGEST
from pyg_skeleton.io.containers.files import reader, shown
from pyg_skeleton.io.containers.json_file import read_json
from pyg_skeleton.io.formats import Probe, files_in
from pyg_skeleton.io.keypoints.detections import Detection, from_detections
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.skeleton.joint_names import layout_from_names

#: The layouts of mmpose's data sets.
_LAYOUTS = {
    "coco": "coco17",
    "coco_wholebody": "coco-wholebody133",
    "halpe": "halpe136",
    "halpe26": "halpe26",
    "crowdpose": "crowdpose14",
    "aic": "aic14",
    "mpii": "mpii16",
    "h36m": "h36m17",
}


@reader("predictions of mmpose")
def read_mmpose(path: str | os.PathLike[str], max_persons: int | None = None) -> Recording:
    r"""Reads the predictions of `mmpose
    <https://mmpose.readthedocs.io/en/latest/user_guides/inference.html>`_, RTMPose among them: what
    its inferencer writes into ``pred_out_dir`` and its demos with ``--save-predictions``.

    For a video, the file is a list of frames with :obj:`"frame_id"` and :obj:`"instances"`; for a
    picture it is a list of instances; the demos have both in :obj:`"instance_info"`, beside
    :obj:`"meta_info"` with the names of the joints. An instance has :obj:`"keypoints"`
    (:math:`[V, 2]` in pixels, y down) and :obj:`"keypoint_scores"` :math:`[V]`; scores of RTMPose
    above 1 count as 1. Persons have :obj:`"track_id"` in some demos, and are otherwise followed by
    overlap.

    Args:
        path (str or PathLike): The file of a video, or a folder with a file for each picture.
        max_persons (int, optional): The largest number of persons to keep. (default: :obj:`None`)

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON or has another form; the message names the entry.
    """
    path = Path(path)
    layout: str | dict[str, Any] | None = None
    if path.is_dir():
        files = files_in(path, "*.json")
        frames = [(i, read_json(file), str(file)) for i, file in enumerate(files)]
    else:
        content = read_json(path)
        if isinstance(content, dict):
            layout = _layout(content.get("meta_info"), str(path))
            content = content.get("instance_info")
        frames = _frames(content, path)
    first = min((number for number, _, _ in frames), default=0)
    found = []
    for number, instances, where in frames:
        if not isinstance(instances, list):
            raise ValueError(f"{where}: expected a list of instances, got {shown(instances)}")
        for i, entry in enumerate(instances):
            joints = _joints(entry, f"{where}[{i}]")
            name = entry.get("track_id")
            known = type(name) is int and name >= 0
            found.append(Detection(number - first, joints, name if known else None))
    last = max((number for number, _, _ in frames), default=0)
    return from_detections(path, found, last - first + 1, max_persons, layout)


def is_mmpose(probe: Probe) -> bool:
    """A list of instances, or a folder of such files; a list of frames; a demo's file."""
    content = (probe.first("*.json") or probe).json
    keys = {"keypoint_scores"} if probe.is_folder else {"keypoint_scores", "instances"}
    if isinstance(content, dict):
        return "instance_info" in content and not probe.is_folder
    return isinstance(content, list) and any(
        isinstance(entry, dict) and keys & set(entry) for entry in content[:100]
    )


def _frames(content: Any, path: Path) -> list[tuple[int, Any, str]]:
    if not isinstance(content, list):
        raise ValueError(f"{path}: expected a list of frames, got {shown(content)}")
    if not any(isinstance(entry, dict) and "instances" in entry for entry in content):
        return [(0, content, str(path))]
    out, seen = [], set()
    for i, entry in enumerate(content):
        where = f"{path}: [{i}]"
        number = entry.get("frame_id", i) if isinstance(entry, dict) else None
        if type(number) is not int or not 0 <= number < 1 << 31 or number in seen:
            raise ValueError(f"{where}: expected another frame_id, got {shown(number)}")
        seen.add(number)
        out.append((number, entry.get("instances"), f"{where}.instances"))
    return out


def _joints(entry: Any, where: str) -> NDArray[np.float32]:
    """x, y and score of each joint."""
    if not isinstance(entry, dict) or "keypoints" not in entry:
        raise ValueError(f"{where}: expected keypoints and keypoint_scores, got {shown(entry)}")
    try:
        points = np.array(entry["keypoints"], np.float64)
        scores = np.array(entry.get("keypoint_scores"), np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{where}: expected numbers, got {shown(entry['keypoints'])}") from None
    if points.ndim != 2 or points.shape[1] != 2 or scores.shape != points.shape[:1]:
        raise ValueError(
            f"{where}: expected keypoints [V, 2] and keypoint_scores [V], got {list(points.shape)} "
            f"and {list(scores.shape)}"
        )
    out = np.column_stack([points, scores])
    if not (np.abs(out) <= LARGEST).all():
        raise ValueError(f"{where}: a number is not finite or above {LARGEST:g}")
    return out.astype(np.float32)


def _layout(meta: Any, where: str) -> str | dict[str, Any] | None:
    """The layout of a demo's file, from the name of the data set or the names of its joints."""
    if not isinstance(meta, dict):
        return None
    if meta.get("dataset_name") in _LAYOUTS:
        return _LAYOUTS[meta["dataset_name"]]
    names, bones = meta.get("keypoint_id2name"), meta.get("skeleton_links") or []
    if not isinstance(names, dict):
        return None
    joints = [str(names.get(str(i))) for i in range(len(names))]
    if len({*joints}) != len(joints):
        raise ValueError(f"{where}: meta_info: expected a name for each joint, got {shown(names)}")
    try:
        pairs = [(joints[int(a)], joints[int(b)]) for a, b in bones]
    except (IndexError, TypeError, ValueError):
        raise ValueError(f"{where}: meta_info: expected pairs of joints as links") from None
    return layout_from_names(str(meta.get("dataset_name") or "mmpose"), joints, pairs)
