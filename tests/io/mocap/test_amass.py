import re

import numpy as np
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_amass
from pyg_skeleton.skeleton import Skeleton

BODY = Skeleton.get("smpl24")
#: From the y axis upwards, as SMPL rests, to the z axis of AMASS.
UPRIGHT = (np.pi / 2, 0, 0)


def write(path, size=156, frames=3, save=np.savez, **changes):
    """An archive with the keys and types of AMASS."""
    poses = np.zeros((frames, size))
    poses[:, :3] = UPRIGHT
    arrays = {
        "trans": np.tile([1.0, 2.0, 0.9], (frames, 1)),
        "gender": np.array("male"),
        "mocap_framerate": np.array(120.0),
        "betas": np.zeros(16),
        "dmpls": np.zeros((frames, 8)),
        "poses": poses,
    }
    arrays |= changes
    save(path, **{key: value for key, value in arrays.items() if value is not None})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "walk_poses.npz"


@pytest.mark.parametrize("size", [66, 72, 156, 165])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_rest_pose(path, size, save):
    write(path, size, save=save)
    out = read_amass(path)
    assert out.joints.shape == (1, 3, 24, 3)
    assert (out.layout, out.frame_rate, out.unit, out.up) == ("smpl24", 120.0, "m", "z")
    at = {name: out.joints[0, 1, i] for i, name in enumerate(BODY.joints)}
    np.testing.assert_allclose(at["pelvis"], [1, 2, 0.9], atol=1e-6)
    assert at["head"][2] - at["pelvis"][2] > 0.5
    assert at["left_wrist"][0] - at["pelvis"][0] > 0.5  # the left arm along x, level
    assert abs(at["left_wrist"][2] - at["left_shoulder"][2]) < 0.05
    assert at["left_foot"][1] - at["left_ankle"][1] < -0.1  # z of the body, to the front, is -y


def test_a_joint_turns_what_is_below_it(path):
    poses = np.zeros((1, 156))
    elbow = BODY.joint_id("left_elbow")
    poses[0, 3 * elbow : 3 * elbow + 3] = (0, 0, np.pi / 2)  # the forearm upwards
    write(path, frames=1, poses=poses, trans=None)
    out = read_amass(path).joints[0, 0]
    write(path, frames=1, poses=np.zeros((1, 156)), trans=None)
    rest = read_amass(path).joints[0, 0]
    moved = [n for n, a, b in zip(BODY.joints, out, rest, strict=True) if not np.allclose(a, b)]
    assert moved == ["left_wrist", "left_hand"]
    x, y, z = rest[BODY.joint_id("left_wrist")] - rest[elbow]
    np.testing.assert_allclose(
        out[BODY.joint_id("left_wrist")] - rest[elbow], [-y, x, z], atol=1e-6
    )


def test_newer_archives(path):
    changes = {
        "poses": None,
        "root_orient": np.tile(UPRIGHT, (3, 1)),
        "pose_body": np.zeros((3, 63)),
        "mocap_framerate": None,
        "mocap_frame_rate": np.array(60.0),
        "surface_model_type": np.array("smplx"),
    }
    write(path, **changes)
    new = read_amass(path)
    assert new.frame_rate == 60
    write(path)
    np.testing.assert_array_equal(new.joints, read_amass(path).joints)


def test_read(path):
    write(path, 72, mocap_framerate=None)
    clip = read(path)
    assert clip.skeleton == BODY
    assert clip.frame_rate is None
    out = clip.to_up("y").to_layout("ntu25")
    assert bool(out.visible[..., out.skeleton.joint_id("spine_shoulder")].all())
    assert float(out.joints[0, 0, out.skeleton.joint_id("head"), 1]) > 1.4
    assert clip.to_layout("h36m16").visible.sum() == 3 * 15  # but the top of the head


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"poses": None}, ": expected poses, or root_orient and pose_body"),
        ({"poses": np.zeros((3, 100))}, ": poses: expected 66 (SMPL without hands), 72 (SMPL)"),
        ({"poses": np.zeros(156)}, ": poses: expected numbers [T, D], got [156]"),
        ({"poses": np.zeros((0, 156))}, ": poses: expected numbers [T, D], got [0, 156]"),
        ({"poses": np.full((3, 156), np.nan)}, ": poses: frame 0 is not finite"),
        ({"poses": np.array({"a": 1}, object)}, ": poses: expected numbers [T, D], got []"),
        ({"trans": np.zeros((2, 3))}, ": trans has 2 frames, poses 3"),
        ({"trans": np.zeros((3, 2))}, ": trans: expected numbers [T, 3], got [3, 2]"),
        ({"mocap_framerate": np.array(0.0)}, ": mocap_framerate: expected the frames per second"),
        ({"mocap_framerate": np.zeros(2)}, ": mocap_framerate: expected the frames per second"),
    ],
)
def test_damaged(path, changes, message):
    write(path, **changes)
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_amass(path)


def test_truncated(path):
    write(path)
    content = path.read_bytes()
    for size in range(0, len(content), 97):
        path.write_bytes(content[:size])
        with pytest.raises(ValueError, match=re.escape(str(path)) + ": .+"):
            read_amass(path)
