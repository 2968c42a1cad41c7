"""Files of motion capture as their tools write them, after the documentation of each format.

Shared by the test of all formats and by `fuzz.py`. In each, a person stands upright for two or
three frames, in the units and axes of the format.
"""

import io
import json
import struct
import tempfile
from pathlib import Path

import numpy as np
import torch

from pyg_skeleton.io import Recording, write_recording
from pyg_skeleton.io.mocap.azure_kinect import AZURE_JOINTS
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rest_pose import rest_pose

FRAMES = 3


def standing(layout, scale=1.0, up="y"):
    """The joints of a layout in a few frames, ``[T, V, 3]``, in meters times `scale`."""
    joints = rest_pose(Skeleton.get(layout)).double().numpy()
    if up == "z":
        joints = joints[:, [2, 0, 1]]  # x to the front, y to the left
    if up == "-y":
        joints = joints * [-1, -1, 1] + [0, 0, 3]  # as a camera sees them
    steps = 0.01 * np.arange(FRAMES)[:, None, None]
    return (joints + steps) * scale


#: The joints of the conversions of CMU Mocap for MotionBuilder: name, depth, offset in inches.
CMU = """
Hips 0 0 0 0
LHipJoint 1 0 0 0
LeftUpLeg 2 1.66 -1.80 0.62
LeftLeg 3 2.60 -7.14 0
LeftFoot 4 2.55 -7.01 0
LeftToeBase 5 0.20 -0.55 2.23
End 6 0 0 1.15
RHipJoint 1 0 0 0
RightUpLeg 2 -1.61 -1.80 0.62
RightLeg 3 -2.60 -7.13 0
RightFoot 4 -2.53 -6.94 0
RightToeBase 5 -0.23 -0.62 2.14
End 6 0 0 1.12
LowerBack 1 0 0 0
Spine 2 0.02 2.36 -0.09
Spine1 3 0.02 2.36 -0.05
Neck 4 0 0 0
Neck1 5 0 1.68 0.17
Head 6 -0.03 1.71 -0.18
End 7 -0.03 1.72 -0.04
LeftShoulder 4 0 0 0
LeftArm 5 3.54 1.14 -0.13
LeftForeArm 6 5.12 0 0
LeftHand 7 3.52 0 0
LeftFingerBase 8 0 0 0
LeftHandIndex1 9 0.66 0 0
End 10 0.54 0 0
LThumb 8 0 0 0
End 9 0.51 0 0.51
RightShoulder 4 0 0 0
RightArm 5 -3.43 1.33 -0.23
RightForeArm 6 -5.17 0 0
RightHand 7 -3.65 0 0
RightFingerBase 8 0 0 0
RightHandIndex1 9 -0.70 0 0
End 10 -0.57 0 0
RThumb 8 0 0 0
End 9 -0.54 0 0.54
"""


def bvh():
    """A walk of CMU Mocap: six channels at the root, rotations in the order z, y, x."""
    lines, open_joints, moving = ["HIERARCHY"], [], 0
    for line in CMU.strip().splitlines():
        name, depth, *offset = line.split()
        while len(open_joints) > int(depth):
            lines.append("\t" * open_joints.pop() + "}")
        tab = "\t" * int(depth)
        title = {"End": "End Site", "Hips": "ROOT Hips"}.get(name, f"JOINT {name}")
        lines += [tab + title, tab + "{", f"{tab}\tOFFSET {' '.join(offset)}"]
        if name != "End":
            place = "Xposition Yposition Zposition " if name == "Hips" else ""
            count = 6 if place else 3
            lines.append(f"{tab}\tCHANNELS {count} {place}Zrotation Yrotation Xrotation")
            moving += 1
        open_joints.append(int(depth))
    lines += ["\t" * depth + "}" for depth in reversed(open_joints)]
    lines += ["MOTION", f"Frames: {FRAMES}", "Frame Time: .0083333"]
    for t in range(FRAMES):
        lines.append(" ".join(["9.3722", "17.8693", f"{t - 17.3198:.4f}", *["0"] * 3 * moving]))
    return "\n".join(lines).encode() + b"\n"


def c3d():
    """Joints of Pose2Sim in a C3D file by the C3D User Guide, with reals of Intel processors."""
    joints = standing("body25", 1000, "z")
    names = [name.encode().ljust(9) for name in BODY25.split()]
    head = b"\x01\x50\x01\x54\x05\xffPOINT\x03\0\0"
    labels = b"\x06\x01LABELS" + struct.pack("<HbBBB", 232, -1, 2, 9, 25) + b"".join(names) + b"\0"
    units = b"\x05\x01UNITS\x08\0\xff\x01\x02mm\0" + b"\x08\x01Y_SCREEN\0\0\xff\x01\x02+Z\0"
    header = b"\x02\x50" + struct.pack("<5HfHHf", 25, 0, 1, FRAMES, 0, -1.0, 3, 0, 100.0)
    data = np.concatenate([joints, np.zeros((FRAMES, 25, 1))], 2).astype("<f4").tobytes()
    return header.ljust(512, b"\0") + (head + labels + units).ljust(512, b"\0") + data


BODY25 = (
    "Nose Neck RShoulder RElbow RWrist LShoulder LElbow LWrist MidHip RHip RKnee RAnkle LHip LKnee "
    "LAnkle REye LEye REar LEar LBigToe LSmallToe LHeel RBigToe RSmallToe RHeel"
)


def trc():
    """Pose2Sim's triangulated BODY_25, y upwards."""
    names = BODY25.split()
    columns = [f"{axis}{i + 1}" for i in range(25) for axis in "XYZ"]
    lines = [
        "PathFileType\t4\t(X/Y/Z)\twalk.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\t"
        "OrigNumFrames",
        f"60\t60\t{FRAMES}\t25\tm\t60\t0\t{FRAMES}",
        "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t",
        "\t\t" + "\t".join(columns),
        "",
    ]
    for t, frame in enumerate(standing("body25")):
        lines.append(f"{t + 1}\t{t / 60:.5f}\t" + "\t".join(f"{x:.5f}" for x in frame.ravel()))
    return "\n".join(lines).encode() + b"\n"


SEGMENTS = """
Pelvis L5 L3 T12 T8 Neck Head RightShoulder RightUpperArm RightForeArm RightHand LeftShoulder
LeftUpperArm LeftForeArm LeftHand RightUpperLeg RightLowerLeg RightFoot RightToe LeftUpperLeg
LeftLowerLeg LeftFoot LeftToe
"""


def mvnx():
    """Xsens MVN 2021, z upwards."""
    labels = SEGMENTS.split()
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<mvnx version="4" xmlns="http://www.xsens.com/mvn/mvnx">',
        '<mvn version="2021.2" build="8"/>',
        '<subject label="Suit 1" frameRate="60" segmentCount="23">',
        "<segments>",
        *(f'<segment label="{label}" id="{i + 1}"/>' for i, label in enumerate(labels)),
        "</segments>",
        '<frames segmentCount="23" sensorCount="17" jointCount="22">',
    ]
    for t, frame in enumerate(standing("xsens23", up="z")):
        numbers = " ".join(f"{x:.6f}" for x in frame.ravel())
        lines.append(f'<frame time="{17 * t}" index="{t}" type="normal">')
        lines.append(f"<position>{numbers}</position></frame>")
    return "\n".join([*lines, "</frames></subject></mvnx>"]).encode() + b"\n"


def azure_kinect():
    """k4abt_offline_processor: millimeters, y downwards."""
    frames = [
        {
            "bodies": [{"body_id": 1, "joint_positions": joints.round(3).tolist()}],
            "frame_id": t,
            "num_bodies": 1,
            "timestamp_usec": 33333 * t,
        }
        for t, joints in enumerate(standing("azure32", 1000, "-y"))
    ]
    return json.dumps({"frames": frames, "joint_names": AZURE_JOINTS}).encode()


def amass(save=np.savez):
    """SMPL+H, z upwards."""
    poses = np.zeros((FRAMES, 156))
    poses[:, 0] = np.pi / 2
    file = io.BytesIO()
    save(
        file,
        poses=poses,
        trans=np.tile([0, 0, 0.93], (FRAMES, 1)),
        betas=np.zeros(16),
        gender=np.array("female"),
        mocap_framerate=np.array(120.0),
    )
    return file.getvalue()


def own(ending):
    """A clip that this package wrote."""
    joints = torch.from_numpy(standing("ntu25")).float().numpy()[None]
    scores = np.ones(joints.shape[:3], np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a.{ending}")
        recording = Recording(joints, "ntu25", 30.0, scores, unit="m", up="y")
        write_recording(path, recording)
        return path.read_bytes()


def files():
    """By name of the format the name of a file and its content."""
    return {
        "bvh": ("a.bvh", bvh()),
        "c3d": ("a.c3d", c3d()),
        "amass": ("a.npz", amass()),
        "azure-kinect": ("a.json", azure_kinect()),
        "mvnx": ("a.mvnx", mvnx()),
        "pose-format": (
            "a.pose",
            Path(__file__).with_name("mocap").joinpath("openpose.pose").read_bytes(),
        ),
        "trc": ("a.trc", trc()),
        "json": ("a.json", own("json")),
        "npz": ("a.npz", own("npz")),
        "csv": ("a.csv", own("csv")),
    }
