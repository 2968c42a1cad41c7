"""The raw files of the corpora as recordings, with what their papers say of rate, unit and axes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pyg_skeleton.io.containers.files import check_memory, memory_limit
from pyg_skeleton.io.exp_map import read_exp_map
from pyg_skeleton.io.formats import Probe
from pyg_skeleton.io.keypoints.detections import LAYOUTS, Detection, from_detections
from pyg_skeleton.io.kinect_text import read_msr_action3d, read_utd_mhad, read_utkinect
from pyg_skeleton.io.kinetics_skeleton import read_kinetics_skeleton
from pyg_skeleton.io.ntu_skeleton import read_ntu_skeleton
from pyg_skeleton.io.nw_ucla import read_nw_ucla
from pyg_skeleton.io.pku_mmd import read_pku_skeleton
from pyg_skeleton.io.pose_annotations import read_pose_annotations
from pyg_skeleton.io.recording import Recording
from pyg_skeleton.io.vibe_json import read_vibe_json

_NTU = re.compile(rb"\s*\d+\s+(?:0\s+)*[1-6][ \t]*\r?\n\d+(?: [-\d.e]+){9}\s+25\s")

Joints = NDArray[np.float32]

#: The columns of an exp-map file and its body.
EXP_MAPS = {99: "h36m32", 117: "cmu38"}


def ntu(path: Path) -> Recording:
    """NTU RGB+D: Kinect v2 at 30 frames per second, in meters, y up."""
    recording = read_ntu_skeleton(path)
    bodies = recording.bodies
    joints = np.full((len(bodies), recording.num_frames, 25, 3), np.nan, np.float32)
    for row, body in enumerate(bodies):
        joints[row, body.frames] = body.joints
    return _kinect(path, joints, "ntu25", 30.0, persons=tuple(body.id for body in bodies))


def pku_mmd(path: Path) -> Recording:
    """PKU-MMD: Kinect v2 at 30 frames per second, in meters, y up."""
    joints = without_zeros(read_pku_skeleton(path))
    return _kinect(path, joints[~np.isnan(joints).all(axis=(1, 2, 3))], "ntu25", 30.0)


def nw_ucla(path: Path) -> Recording:
    """NW-UCLA: Kinect v1, in meters, y up. The rate of the files is not published."""
    return _kinect(path, read_nw_ucla(path)[None], "kinect20")


def utd_mhad(path: Path) -> Recording:
    """UTD-MHAD: Kinect v1 at 30 frames per second, in meters, y up."""
    return _kinect(path, _named(read_utd_mhad(path), UTD_MHAD), "kinect20", 30.0)


def msr_action3d(path: Path) -> Recording:
    """MSR Action3D: a depth camera at 15 frames per second; neither unit nor axes are published."""
    joints = _named(read_msr_action3d(path), MSR_ACTION3D)
    return Recording(joints, "kinect20", 15.0, name=path.stem)


def utkinect(path: Path) -> Recording:
    """UTKinect: Kinect v1 in meters, y up. Frames are counted at 30 a second; those in which the
    sensor lost the person are not in the file.
    """
    frames, found = read_utkinect(path)
    size = int(frames[-1] - frames[0]) + 1
    check_memory(str(path), size * 240, memory_limit(path.stat().st_size))
    joints = np.full((1, size, 20, 3), np.nan, np.float32)
    joints[0, frames - frames[0]] = found
    return _kinect(path, joints, "kinect20", 30.0)


def vibe(path: Path) -> Recording:
    """VIBE: meters, y down, each person with an origin of their own, in the frames of a video."""
    tracks = read_vibe_json(path)
    if not tracks:
        raise ValueError(f"{path}: has no person in any frame")
    shape = (len(tracks), max(int(track.frames[-1]) for track in tracks) + 1, 49, 3)
    check_memory(str(path), 4 * int(np.prod(shape)), memory_limit(path.stat().st_size))
    joints = np.full(shape, np.nan, np.float32)
    for row, track in enumerate(tracks):
        joints[row, track.frames] = track.joints
    names = tuple(track.name for track in tracks)
    return Recording(joints, "vibe49", persons=names, unit="m", up="-y", name=path.stem)


def kinetics(path: Path, max_persons: int | None = None) -> Recording:
    """Kinetics-Skeleton: shares of pictures of 340 x 256 at 30 frames per second, y down."""
    persons = read_kinetics_skeleton(path)
    found = [
        Detection(int(frame), persons[row, frame])
        for row, frame in np.argwhere(persons[..., 2].any(2))
    ]
    out = from_detections(path, found, persons.shape[1], max_persons, unit="normalized")
    out.frame_rate, out.image_size = 30.0, (340, 256)
    return out


def pyskl(path: Path) -> Iterator[Recording]:
    """Pickles of pyskl and mmaction2: pixels, y down, or the 3-D joints of a corpus whose unit and
    axes are not said.
    """
    for clip in read_pose_annotations(path).clips:
        joints, scores = without_zeros(clip.keypoints), clip.scores
        if scores is not None:
            joints[scores <= 0] = np.nan
        there = ~np.isnan(joints).all(axis=(1, 2, 3))
        if there.any():
            joints, scores = joints[there], None if scores is None else scores[there]
        planar = joints.shape[3] == 2
        layout = LAYOUTS.get(joints.shape[2]) if planar else {25: "ntu25"}.get(joints.shape[2])
        yield Recording(
            joints,
            layout,
            confidence=None if scores is None else scores.clip(0, 1),
            unit="px" if planar else None,
            up="-y" if planar else None,
            image_size=clip.image_size,
            name=clip.name,
            guessed=True,
        )


def exp_map(path: Path) -> Recording:
    """Human3.6M (50 frames per second) and CMU Mocap (120) as exponential maps, placed on a body of
    average build in meters, y up, with the pelvis at the origin.
    """
    import torch

    from pyg_skeleton.skeleton import Skeleton
    from pyg_skeleton.skeleton.exp_map import exp_map_to_positions

    table = read_exp_map(path)
    layout = EXP_MAPS[table.shape[1]]
    angles = torch.from_numpy(table[:, 3:]).view(len(table), -1, 3).transpose(0, 1)
    joints = exp_map_to_positions(angles, Skeleton.get(layout), root_rotation=True)
    frame_rate = {"h36m32": 50.0, "cmu38": 120.0}[layout]
    return _kinect(path, joints.transpose(0, 1).float().numpy()[None], layout, frame_rate)


def without_zeros(joints: Joints) -> Joints:
    """NaN for persons who are zero in a frame, as corpora write those who are not there."""
    out = np.array(joints, np.float32)
    out[(out == 0).all(axis=(2, 3))] = np.nan
    return out


#: The joints of `kinect20` in the order of other corpora.
MSR_ACTION3D = (
    "left_shoulder right_shoulder spine_shoulder spine left_hip right_hip pelvis left_elbow "
    "right_elbow left_wrist right_wrist left_hand right_hand left_knee right_knee left_ankle "
    "right_ankle left_foot right_foot head"
)
UTD_MHAD = (
    "head spine_shoulder spine pelvis left_shoulder left_elbow left_wrist left_hand right_shoulder "
    "right_elbow right_wrist right_hand left_hip left_knee left_ankle left_foot right_hip "
    "right_knee right_ankle right_foot"
)


def _named(joints: Joints, names: str) -> Joints:
    from pyg_skeleton.skeleton import Skeleton

    order = [names.split().index(name) for name in Skeleton.get("kinect20").joints]
    return joints[None, :, order]


def _kinect(
    path: Path,
    joints: Joints,
    layout: str,
    frame_rate: float | None = None,
    persons: tuple[int, ...] = (),
) -> Recording:
    if not len(joints) or np.isnan(joints).all():
        raise ValueError(f"{path}: has no person in any frame")
    return Recording(joints, layout, frame_rate, persons=persons, unit="m", up="y", name=path.stem)


# How files are known ##############################################################################


def is_ntu(probe: Probe) -> bool:
    """Whole numbers, of frames and of bodies, then ten fields of a body and its 25 joints."""
    return probe.suffix == ".skeleton" or _NTU.match(probe.head) is not None


def numbers_in_line(probe: Probe, separator: str | None = None) -> int:
    """The number of numbers in the first line of a text file, 0 if anything else is in it."""
    if b"\0" in probe.head:
        return 0
    fields = probe.first_line.split(separator)
    try:
        [float(field) for field in fields]
    except ValueError:
        return 0
    return len(fields)


def is_vibe(probe: Probe) -> bool:
    """A dict of persons with `joints3d`."""
    content = probe.json
    return isinstance(content, dict) and any(
        isinstance(person, dict) and "joints3d" in person for person in content.values()
    )


def is_kinetics(probe: Probe) -> bool:
    """A dict with `data`, a list of frames."""
    content = probe.json
    frames = content.get("data") if isinstance(content, dict) else None
    return isinstance(frames, list) and all(
        isinstance(frame, dict) and "skeleton" in frame for frame in frames[:10]
    )


def is_pickle(probe: Probe) -> bool:
    """A pickle: by its first byte, or of Python 2 by its name."""
    return probe.head[:1] == b"\x80" or probe.suffix in (".pkl", ".pickle")
