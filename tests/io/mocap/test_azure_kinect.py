import json
import re

import numpy as np
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_azure_kinect
from pyg_skeleton.skeleton import Skeleton, common_names

#: As k4abt_offline_processor writes them.
WORDS = """
PELVIS SPINE_NAVEL SPINE_CHEST NECK CLAVICLE_LEFT SHOULDER_LEFT ELBOW_LEFT WRIST_LEFT HAND_LEFT
HANDTIP_LEFT THUMB_LEFT CLAVICLE_RIGHT SHOULDER_RIGHT ELBOW_RIGHT WRIST_RIGHT HAND_RIGHT
HANDTIP_RIGHT THUMB_RIGHT HIP_LEFT KNEE_LEFT ANKLE_LEFT FOOT_LEFT HIP_RIGHT KNEE_RIGHT
ANKLE_RIGHT FOOT_RIGHT HEAD NOSE EYE_LEFT EAR_LEFT EYE_RIGHT EAR_RIGHT
"""
NAMES = WORDS.split()


def body(number, seed=0):
    joints = np.random.default_rng(seed).normal([0, 0, 2000], 500, (32, 3))
    return {
        "body_id": number,
        "joint_orientations": [[1.0, 0.0, 0.0, 0.0]] * 32,
        "joint_positions": joints.astype(np.float32).tolist(),
    }


def frame(number, *bodies):
    return {
        "bodies": list(bodies),
        "frame_id": number,
        "num_bodies": len(bodies),
        "timestamp_usec": 1_000_000 + round(number * 1e6 / 30),
    }


def content():
    """Two bodies; frame 3 has nobody, and no depth image came with frame 4."""
    frames = [
        frame(1, body(1, 1)),
        frame(2, body(1, 2), body(5, 3)),
        frame(3),
        frame(5, body(5, 4)),
    ]
    bones = [["SPINE_CHEST", "SPINE_NAVEL"], ["SPINE_NAVEL", "PELVIS"]]
    return {
        "bone_list": bones,
        "frames": frames,
        "joint_names": NAMES,
        "k4abt_sdk_version": "1.1.2",
        "source_file": "walk.mkv",
    }


@pytest.fixture
def path(tmp_path):
    return tmp_path / "walk.json"


def test_bodies(path):
    path.write_text(json.dumps(content(), indent=4))
    out = read_azure_kinect(path)
    assert out.joints.shape == (2, 5, 32, 3)
    assert (out.layout, out.persons, out.unit, out.up) == ("azure32", (1, 5), "mm", "-y")
    assert out.frame_rate == pytest.approx(30, abs=0.01)
    seen = ~np.isnan(out.joints).any((2, 3))
    assert seen.tolist() == [[True, True, False, False, False], [False, True, False, False, True]]
    np.testing.assert_array_equal(
        out.joints[1, 4], np.array(body(5, 4)["joint_positions"], np.float32)
    )


def test_the_layout_has_the_order_of_the_tracker():
    assert common_names(NAMES) == Skeleton.get("azure32").joints


def test_read(path):
    path.write_text(json.dumps(content()))
    clip = read(path).select_persons([1])[:2].to_unit("m")
    out = clip.to_layout("ntu25")
    assert bool(out.visible.all())
    knee = out.joints[0, 0, out.skeleton.joint_id("left_knee")]
    expected = np.array(body(1, 1)["joint_positions"], np.float32)[NAMES.index("KNEE_LEFT")] / 1000
    np.testing.assert_allclose(knee, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(frames={}), ": frames: expected a list"),
        (lambda c: c["joint_names"].__setitem__(0, "HIPS"), ": joint_names: expected the 32"),
        (lambda c: c.update(joint_names=None), ": joint_names: expected the 32 joints"),
        (lambda c: c["frames"].__setitem__(1, 3), ": frames[1]: expected a dict with bodies"),
        (lambda c: c["frames"][1].update(bodies=3), ": frames[1]: expected a dict with bodies"),
        (lambda c: c["frames"][1].update(frame_id=1), ": frames[1].frame_id: expected more than 1"),
        (lambda c: c["frames"][3].update(frame_id=10**7), ": expected up to 1000000 frames"),
        (lambda c: c["frames"][3].update(frame_id=10**6), ": takes "),
        (
            lambda c: c["frames"][1].update(timestamp_usec="x"),
            ": frames[1].timestamp_usec: expected",
        ),
        (lambda c: c["frames"][1]["bodies"].append(3), ": frames[1].bodies[2]: expected a dict"),
        (
            lambda c: c["frames"][1]["bodies"][0].update(body_id=5),
            ": body 5 is twice in frame 2",
        ),
        (
            lambda c: c["frames"][1]["bodies"][0]["joint_positions"].pop(),
            ": frames[1].bodies[0].joint_positions: expected 32 joints of 3 finite numbers",
        ),
        (
            lambda c: c["frames"][1]["bodies"][0]["joint_positions"].__setitem__(3, [0, 1, "2"]),
            ": frames[1].bodies[0].joint_positions: expected 32 joints of 3 finite numbers",
        ),
        (
            lambda c: c["frames"][0]["bodies"][0]["joint_positions"].__setitem__(3, [0, 1, 1e300]),
            ": frames[0].bodies[0].joint_positions: expected 32 joints of 3 finite numbers",
        ),
        (
            lambda c: [entry.update(bodies=[]) for entry in c["frames"]],
            ": has no body in any frame",
        ),
    ],
)
def test_damaged(path, change, message):
    broken = json.loads(json.dumps(content()))
    change(broken)
    path.write_text(json.dumps(broken))
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_azure_kinect(path)


def test_truncated(path):
    text = json.dumps(content(), indent=1)
    path.write_text(text[: len(text) // 2])
    with pytest.raises(ValueError, match=re.escape(str(path)) + r":\d+: is not JSON"):
        read_azure_kinect(path)
