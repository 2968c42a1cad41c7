"""The orders of COCO-WholeBody, Halpe, OpenPose with hands, and of a hand."""

import pytest
import torch

from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.face_and_hand import FACE, HAND
from pyg_skeleton.skeleton.rest_pose import rest_pose


@pytest.mark.parametrize(("name", "body"), [("coco-wholebody133", "coco17"), ("halpe26", "coco17")])
def test_the_body_comes_first(name, body):
    assert Skeleton.get(name).joints[:17] == Skeleton.get(body).joints


def test_coco_whole_body():
    joints = Skeleton.get("coco-wholebody133").joints
    feet = ["big_toe", "small_toe", "heel"]
    assert joints[17:23] == tuple(f"{side}_{foot}" for side in ("left", "right") for foot in feet)
    assert joints[23:91] == FACE
    assert joints[91:112] == tuple(f"left_{name}" for name in HAND)
    assert joints[112:] == tuple(f"right_{name}" for name in HAND)


def test_halpe():
    joints = Skeleton.get("halpe136").joints
    assert joints[:26] == Skeleton.get("halpe26").joints
    assert joints[17:26] == (
        *("head_top", "neck", "pelvis", "left_big_toe", "right_big_toe"),
        *("left_small_toe", "right_small_toe", "left_heel", "right_heel"),
    )
    assert joints[26:94] == FACE
    assert joints[94:115] == tuple(f"left_{name}" for name in HAND)
    assert joints[115:] == tuple(f"right_{name}" for name in HAND)


@pytest.mark.parametrize(("name", "body"), [("openpose60", "openpose18"), ("openpose67", "body25")])
def test_openpose_with_hands(name, body):
    whole, plain = Skeleton.get(name), Skeleton.get(body)
    number = plain.num_joints
    assert whole.joints[:number] == plain.joints
    assert whole.bones[: number - 1] == plain.bones
    assert whole.joints[number] == "left_hand_root"
    assert whole.joints[number + 21 :] == tuple(f"right_{name}" for name in HAND)


def test_a_hand():
    hand = Skeleton.get("hand21")
    assert hand.joints == tuple(HAND)
    assert hand.root == 0
    assert list(hand.parts) == ["palm", "thumb", "index", "middle", "ring", "pinky"]
    assert [len(members) for members in hand.parts.values()] == [1, 4, 4, 4, 4, 4]
    assert all(parent in (0, child - 1) for child, parent in hand.bones)
    places = rest_pose(hand)
    assert torch.pdist(places).min() > 0.01
    # It hangs below its wrist, about as long as a hand.
    assert 0.1 < float(places[0, 1] - places[:, 1].min()) < 0.22


def test_a_face_at_rest():
    whole = Skeleton.get("halpe136")
    face = rest_pose(whole)[26:94]
    assert torch.pdist(face).min() > 0.001
    eye = [whole.joint_id(f"left_eyelid_{i}") for i in range(6)]
    middle = rest_pose(whole)[eye].mean(0)
    torch.testing.assert_close(middle, rest_pose(whole)[whole.joint_id("left_eye")])
