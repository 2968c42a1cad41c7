"""Detectors' joints in the layouts of Human3.6M, by hand-computed places."""

import numpy as np
import pytest

from pyg_skeleton.nn.models.inputs import fill_unseen
from pyg_skeleton.nn.models.lifting.own_keypoints import convert_keypoints
from pyg_skeleton.skeleton import Skeleton

COCO, H36M16, H36M17 = (Skeleton.get(name) for name in ("coco17", "h36m16", "h36m17"))


def person(**changes):
    """A person from the front in the order of COCO, a frame."""
    places = {
        "nose": (100, 90),
        **{"left_eye": (104, 85), "right_eye": (96, 85)},
        **{"left_ear": (110, 88), "right_ear": (90, 88)},
        **{"left_shoulder": (130, 128), "right_shoulder": (70, 128)},
        **{"left_elbow": (140, 170), "right_elbow": (60, 170)},
        **{"left_wrist": (145, 210), "right_wrist": (55, 210)},
        **{"left_hip": (115, 228), "right_hip": (85, 228)},
        **{"left_knee": (116, 300), "right_knee": (84, 300)},
        **{"left_ankle": (117, 370), "right_ankle": (83, 370)},
    }
    places |= changes
    return np.array([[places[name] for name in COCO.joints]], dtype=float)


def named(poses, skeleton):
    return {name: tuple(poses[0, i]) for i, name in enumerate(skeleton.joints)}


def test_coco_becomes_human36m():
    got = named(convert_keypoints(person(), COCO, H36M17), H36M17)
    assert got["left_wrist"] == (145, 210)
    assert got["right_ankle"] == (83, 370)
    assert got["pelvis"] == (100, 228)  # the middle of the hips
    assert got["thorax"] == (100, 128)  # the middle of the shoulders
    assert got["spine"] == (100, 178)  # half-way
    # The ears are 40 above the thorax: 60 is the top of the head, 30 Human3.6M's Neck/Nose.
    assert got["head_top"] == (100, 68)
    assert got["head"] == (100, 98)


def test_sixteen_joints_are_seventeen_without_one():
    sixteen = named(convert_keypoints(person(), COCO, H36M16), H36M16)
    seventeen = named(convert_keypoints(person(), COCO, H36M17), H36M17)
    assert seventeen.pop("head") is not None
    assert sixteen == seventeen


GONE = (np.nan, np.nan)


@pytest.mark.parametrize(
    ("unseen", "skull"),
    [
        ({}, (100, 88)),
        ({"left_ear": GONE}, (90, 88)),  # the other ear
        ({"left_ear": GONE, "right_ear": GONE}, (100, 85)),  # the eyes
        ({"left_ear": GONE, "right_ear": GONE, "right_eye": GONE}, (104, 85)),
        (dict.fromkeys(["left_ear", "right_ear", "left_eye", "right_eye"], GONE), (100, 90)),
    ],
)
def test_the_top_of_the_head_where_ears_are_hidden(unseen, skull):
    got = named(convert_keypoints(person(**unseen), COCO, H36M16), H36M16)
    expected = np.array(skull) + 0.5 * (np.array(skull) - (100, 128))
    assert got["head_top"] == pytest.approx(tuple(expected))


def test_what_was_not_seen_stays_unknown():
    poses = convert_keypoints(person(left_hip=GONE), COCO, H36M17)
    gone = [name for name, place in named(poses, H36M17).items() if np.isnan(place).any()]
    assert gone == ["pelvis", "left_hip", "spine"]


def test_openpose_has_a_neck():
    openpose = Skeleton.get("openpose18")
    keypoints = np.random.default_rng(0).uniform(0, 500, (3, 18, 2))
    got = convert_keypoints(keypoints, openpose, H36M17)
    neck = keypoints[:, openpose.joint_id("neck")]
    assert np.allclose(got[:, H36M17.joint_id("thorax")], neck)
    ears = keypoints[:, [openpose.joint_id(f"{side}_ear") for side in ("left", "right")]].mean(1)
    assert np.allclose(got[:, H36M17.joint_id("head_top")], 1.5 * ears - 0.5 * neck)


def test_mpii_is_only_reordered():
    mpii = Skeleton.get("mpii16")
    keypoints = np.random.default_rng(0).uniform(0, 500, (2, 16, 2))
    got = convert_keypoints(keypoints, mpii, H36M16)
    order = [6, 2, 1, 0, 3, 4, 5, 7, 8, 9, 13, 14, 15, 12, 11, 10]  # the one of SemGCN's code
    assert np.array_equal(got, keypoints[:, order])
    seventeen = convert_keypoints(keypoints, mpii, H36M17)
    middle = (keypoints[:, 8] + keypoints[:, 9]) / 2
    assert np.allclose(seventeen[:, H36M17.joint_id("head")], middle)


def test_the_same_layout_is_left_as_it_is():
    keypoints = np.random.default_rng(0).uniform(0, 500, (2, 17, 2))
    assert np.array_equal(convert_keypoints(keypoints, H36M17, H36M17), keypoints)


def test_names_what_cannot_be_had():
    arm = Skeleton("arm", ["left_shoulder", "left_elbow"], [(1, 0)], 0)
    with pytest.raises(ValueError, match=r"'arm' keypoints lack what 'h36m16' needs: pelvis, .*"):
        convert_keypoints(np.zeros((1, 2, 2)), arm, H36M16)
    headless = Skeleton("body", COCO.joints[5:], [(i, 0) for i in range(1, 12)], 0)
    with pytest.raises(ValueError, match="lack what 'h36m16' needs: head_top \\(neither"):
        convert_keypoints(np.zeros((1, 12, 2)), headless, H36M16)


def test_fills_gaps_in_time():
    poses = np.zeros((5, 2, 2))
    poses[:, 0] = np.arange(10).reshape(5, 2)
    poses[:, 1] = [[np.nan] * 2, [2, 4], [np.nan] * 2, [6, 0], [np.nan] * 2]
    before = poses.copy()
    filled = fill_unseen(poses, ("a", "b"))
    assert np.array_equal(filled[:, 0], poses[:, 0])
    assert filled[:, 1].tolist() == [[2, 4], [2, 4], [4, 2], [6, 0], [6, 0]]
    assert np.array_equal(poses, before, equal_nan=True)


def test_cannot_fill_what_was_never_seen():
    poses = np.full((3, 2, 2), np.nan)
    poses[:, 0] = 1
    with pytest.raises(ValueError, match=r"not seen in any of 3 frames: b$"):
        fill_unseen(poses, ("a", "b"))
    with pytest.raises(ValueError, match=r"not seen in the pose: b$"):
        fill_unseen(poses[:1], ("a", "b"))
