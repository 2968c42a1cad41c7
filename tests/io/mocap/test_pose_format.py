import re
import struct
from pathlib import Path

import numpy as np
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_pose_format

#: Written by pose-format 0.15: the body and the left hand of OpenPose, two persons in three frames,
#: the coordinates 0, 1/4, 2/4, ..., and one joint with confidence 0.
SAMPLE = Path(__file__).with_name("openpose.pose")


def text(value):
    return struct.pack("<H", len(value)) + value.encode()


def pose(version=0.2, frames=2, persons=1, form="XYZC", limbs=((0, 1),), points=("A", "B", "C")):
    """A file by the specification, with coordinates 0, 1, 2, ..."""
    dims = len(form) - 1
    out = struct.pack("<fHHHH", version, 640, 480, 0, 1) + text("BODY") + text(form)
    out += struct.pack("<HHH", len(points), len(limbs), 1) + b"".join(map(text, points))
    out += b"".join(struct.pack("<HH", *limb) for limb in limbs) + struct.pack("<HHH", 255, 0, 0)
    out += struct.pack("<fIH" if version > 0.15 else "<HHH", 25, frames, persons)
    shape = (frames, persons, len(points))
    out += np.arange(np.prod(shape) * dims, dtype="<f4").tobytes()
    return out + np.full(shape, 0.5, "<f4").tobytes()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sign.pose"


def test_a_file_of_the_package():
    out = read_pose_format(SAMPLE)
    expected = np.arange(3 * 2 * 46 * 2, dtype=np.float32).reshape(3, 2, 46, 2)[:, :, :25] / 4
    expected[1, 0, 4] = np.nan
    np.testing.assert_array_equal(out.joints, expected.swapaxes(0, 1))
    confidence = np.linspace(0.2, 1, 3 * 2 * 46, dtype=np.float32).reshape(3, 2, 46)[:, :, :25]
    confidence[1, 0, 4] = 0
    np.testing.assert_array_equal(out.confidence, confidence.swapaxes(0, 1))
    assert (out.frame_rate, out.unit, out.up, out.image_size) == (29.97, "px", "-y", (640, 480))
    assert out.layout["name"] == "pose_keypoints_2d"
    assert out.layout["joints"]["RElbow"] == "RShoulder"


def test_another_component():
    out = read_pose_format(SAMPLE, component="hand_left_keypoints_2d")
    assert out.joints.shape == (2, 3, 21, 2)
    assert out.joints[0, 0, 0].tolist() == [12.5, 12.75]
    with pytest.raises(
        ValueError, match="must be one of pose_keypoints_2d, hand_left_keypoints_2d"
    ):
        read_pose_format(SAMPLE, component="face")


def test_read_converts_by_name():
    clip = read(SAMPLE)
    out = clip.to_layout("body25")
    assert [line.split(":")[0] for line in out.report.splitlines()[1:]] == [
        "  copied (25)",
        "  derived (0)",
        "  missing (0)",
    ]
    assert clip.to_layout("ntu25").visible.any()
    assert read(SAMPLE, component="hand_left_keypoints_2d").skeleton.num_joints == 21


@pytest.mark.parametrize("version", [0.1, 0.2])
def test_both_versions(path, version):
    path.write_bytes(pose(version, frames=4, persons=2))
    out = read_pose_format(path)
    assert out.joints.shape == (2, 4, 3, 3)
    assert out.joints[1, 0].tolist() == [[9, 10, 11], [12, 13, 14], [15, 16, 17]]
    assert out.frame_rate == 25


def test_limbs_that_close_a_cycle_are_links(path):
    path.write_bytes(pose(limbs=((0, 1), (1, 2), (2, 0))))
    layout = read_pose_format(path).layout
    assert layout["joints"] == {"A": None, "B": "A", "C": "B"}
    assert layout["links"] == [["C", "A"]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ": the file ends after 0 bytes, cut off"),
        (pose(0.0), ": is of version 0.0, expected 0.1 or 0.2"),
        (pose(float("nan")), ": is of version nan"),
        (pose(form="XYZW")[:-4], ": BODY: expected the points as XYC or XYZC, got 'XYZW'"),
        (pose(points=("A", "A", "C")), ": 'BODY': expected names of points, and limbs of them"),
        (pose(limbs=((0, 3),)), ": 'BODY': expected names of points, and limbs of them"),
        (pose(frames=0), ": announces 0 frames"),
        (pose(persons=0), ": announces 2 frames of 0 persons"),
        (pose()[:-1], ": announces 2 frames of 1 persons and 3 points, 96 bytes, has 95"),
        (pose() + b"x", ": announces 2 frames of 1 persons and 3 points, 96 bytes, has 97"),
    ],
)
def test_damaged(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_pose_format(path)


def test_coordinates_that_are_none(path):
    content = bytearray(pose())
    content[-24 - 4 : -24] = struct.pack("<f", float("inf"))
    path.write_bytes(content)
    with pytest.raises(ValueError, match=": BODY: a point is not a finite number up to 1e"):
        read_pose_format(path)


def test_truncated(path):
    content = SAMPLE.read_bytes()
    for size in range(0, len(content), 13):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=re.escape(str(path)) + ": .+"):
            read_pose_format(path)
