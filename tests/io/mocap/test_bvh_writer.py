import re

import numpy as np
import pytest
import torch

from pyg_skeleton import Clip, read
from pyg_skeleton.io import Recording, read_bvh, write_bvh
from pyg_skeleton.skeleton import (
    Skeleton,
    axis_angle_to_matrix,
    forward_kinematics,
    list_skeletons,
)
from pyg_skeleton.skeleton.rest_pose import rest_pose


def rigid(skeleton, frames=6, seed=0):
    """A body with bones of constant length, joints turned at random."""
    generator = torch.Generator().manual_seed(seed)
    rest = rest_pose(skeleton)
    offsets = rest - rest[[max(parent, 0) for parent in skeleton.parents]]
    turns = axis_angle_to_matrix(torch.randn(frames, len(rest), 3, generator=generator))
    place = torch.randn(frames, 3, generator=generator)
    return forward_kinematics(turns, offsets, skeleton, place).numpy()[None]


def again(path, recording):
    """What is read, in the order of the layout."""
    write_bvh(path, recording)
    out = read_bvh(path)
    names = list(out.layout["joints"])
    skeleton = recording.skeleton
    assert sorted(names) == sorted(skeleton.joints)
    parents = {
        joint: None if parent < 0 else skeleton.joints[parent]
        for joint, parent in zip(skeleton.joints, skeleton.parents, strict=True)
    }
    assert out.layout["joints"] == parents
    return out, out.joints[:, :, [names.index(joint) for joint in skeleton.joints]]


@pytest.mark.parametrize("name", list_skeletons())
def test_positions_come_back(tmp_path, name):
    skeleton = Skeleton.get(name)
    noise = np.random.default_rng(0).normal(0, 0.2, (1, 4, skeleton.num_joints, 3))
    joints = (rest_pose(skeleton).numpy() + noise).astype(np.float32)
    out, found = again(tmp_path / "a.bvh", Recording(joints, name, 29.97))
    np.testing.assert_allclose(found, joints, atol=1e-6)
    assert out.frame_rate == pytest.approx(29.97)


@pytest.mark.parametrize("name", ["ntu25", "h36m17", "smpl24", "cmu38"])
def test_a_rigid_body_has_rotations_only(tmp_path, name):
    joints = rigid(Skeleton.get(name))
    _, found = again(tmp_path / "a.bvh", Recording(joints, name, 30.0))
    np.testing.assert_allclose(found, joints, atol=1e-5)
    assert (tmp_path / "a.bvh").read_text().count("CHANNELS 6") == 1


def test_a_bone_that_changes_its_length_has_positions(tmp_path):
    skeleton = Skeleton.get("h36m17")
    joints = rigid(skeleton)
    joints[0, 3, skeleton.joint_id("left_wrist")] += 0.1
    _, found = again(tmp_path / "a.bvh", Recording(joints, "h36m17", 30.0))
    np.testing.assert_allclose(found, joints, atol=1e-5)
    text = (tmp_path / "a.bvh").read_text()
    assert text.count("CHANNELS 6") == 2
    assert re.search(r"JOINT left_wrist\s+\{\s+OFFSET .*\s+CHANNELS 6", text)


def test_there_is_no_twist_around_a_bone(tmp_path):
    """The rotation of a joint with one child stands on both directions of the bone."""
    body = Skeleton("arm", ["a", "b", "c"], [("b", "a"), ("c", "b")], "a")
    joints = np.array([[[[0, 0, 0], [0, 1, 0], [1, 1, 0]]]], np.float32)
    path = tmp_path / "a.bvh"
    write_bvh(path, Recording(joints, body.to_dict(), 1.0))
    numbers = np.array(path.read_text().splitlines()[-1].split(), float)
    assert numbers.size == 6 + 3 + 3
    rest = rest_pose(body, spread=90)
    expected = {}
    above = torch.eye(3)
    for name, (start, end) in {"a": (0, 1), "b": (1, 2)}.items():
        bone = rest[end] - rest[start]
        goal = above.T @ torch.tensor(joints[0, 0, end] - joints[0, 0, start])
        axis = torch.linalg.cross(bone / bone.norm(), goal / goal.norm())
        angle = torch.atan2(axis.norm(), bone @ goal / bone.norm() / goal.norm())
        expected[name] = axis_angle_to_matrix(axis / axis.norm().clamp(min=1e-12) * angle)
        above = above @ expected[name]
    for name, at in {"a": 3, "b": 6}.items():
        z, y, x = (torch.tensor(v).deg2rad().float() for v in numbers[at : at + 3])
        eye = torch.eye(3)
        found = (
            axis_angle_to_matrix(z * eye[2])
            @ axis_angle_to_matrix(y * eye[1])
            @ axis_angle_to_matrix(x * eye[0])
        )
        torch.testing.assert_close(found, expected[name], atol=1e-5, rtol=0)
    np.testing.assert_array_equal(numbers[9:], 0)


def test_bones_that_point_the_other_way(tmp_path):
    body = Skeleton("arm", ["a", "b", "c"], [("b", "a"), ("c", "b")], "a")
    rest = rest_pose(body, spread=90).numpy()
    joints = np.stack([rest, -rest, np.zeros_like(rest), rest[:, [1, 0, 2]]])[None]
    _, found = again(tmp_path / "a.bvh", Recording(joints, body.to_dict(), 1.0))
    np.testing.assert_allclose(found, joints, atol=1e-6)


def test_an_end_site_stays_one(tmp_path):
    body = Skeleton("leg", ["a", "b", "b_end"], [("b", "a"), ("b_end", "b")], "a")
    path = tmp_path / "a.bvh"
    again(path, Recording(rigid(body), body.to_dict(), 30.0))
    assert path.read_text().count("End Site") == 1


def test_clip_saves_and_reads(tmp_path):
    clip = Clip(torch.from_numpy(rigid(Skeleton.get("ntu25"))), "ntu25", 30.0, up="y", unit="m")
    clip.save(tmp_path / "a.bvh")
    out = read(tmp_path / "a.bvh", unit="m").to_layout("ntu25")
    torch.testing.assert_close(out.joints, clip.joints, atol=1e-5, rtol=0)
    assert (out.frame_rate, out.up) == (30.0, "y")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"joints": np.zeros((2, 3, 17, 3), "f4")}, "has one person, got 2"),
        ({"joints": np.zeros((1, 3, 17, 2), "f4")}, "x, y and z, got 2 channels"),
        ({"joints": np.full((1, 3, 17, 3), np.nan, "f4")}, "has no missing joints"),
        ({"frame_rate": None}, "has a frame rate"),
        ({"up": "z"}, "y points upwards, got 'z'"),
        ({"layout": None}, "the layout of the 17 joints is not known"),
    ],
)
def test_what_the_format_cannot_hold(tmp_path, change, message):
    known = {"joints": np.zeros((1, 3, 17, 3), "f4"), "layout": "coco17", "frame_rate": 30.0}
    with pytest.raises(ValueError, match=re.escape(message)):
        write_bvh(tmp_path / "a.bvh", Recording(**known | change))
    assert not list(tmp_path.iterdir())
