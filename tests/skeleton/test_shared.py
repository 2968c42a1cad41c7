import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.skeleton import Skeleton, list_skeletons, shared_skeleton

BODIES = [name for name in list_skeletons() if Skeleton.get(name).mirror]


def tree_of(skeleton):
    parents = skeleton.parents
    return {
        j: skeleton.joints[p] if p >= 0 else None
        for j, p in zip(skeleton.joints, parents, strict=True)
    }


def test_by_name():
    a = Skeleton(
        "a",
        ["hip", "back", "left_arm", "right_arm", "tail"],
        [("back", "hip"), ("left_arm", "back"), ("right_arm", "back"), ("tail", "hip")],
        "hip",
        {"trunk": ["hip", "back", "tail"], "arms": ["left_arm", "right_arm"]},
        [("left_arm", "right_arm")],
    )
    b = Skeleton(
        "b",
        ["right_arm", "left_arm", "hip"],
        [("left_arm", "right_arm"), ("hip", "right_arm")],
        "right_arm",
    )
    shared = shared_skeleton(a, b)
    assert shared.name == "shared-a-b"
    assert tree_of(shared) == {"hip": None, "left_arm": "hip", "right_arm": "hip"}
    assert {k: list(v) for k, v in shared.parts.items()} == {"trunk": [0], "arms": [1, 2]}
    assert shared.mirror == ((1, 2),)
    other = shared_skeleton(b, a, name="mine")
    assert other.name == "mine"
    assert other.joints == ("right_arm", "left_arm", "hip")
    assert tree_of(other)["hip"] == "right_arm"


def test_root_that_is_not_shared():
    """The shared joint next to it takes its place, and what is left over hangs on that."""
    shared = shared_skeleton(Skeleton.get("ntu25"), Skeleton.get("body25"))
    tree = tree_of(shared)
    assert shared.num_joints == 14
    assert tree["neck"] is None
    assert tree["pelvis"] == tree["left_shoulder"] == tree["right_shoulder"] == "neck"
    assert tree["left_hip"] == "pelvis"
    assert tree["left_wrist"] == "left_elbow"
    assert len(shared.mirror) == 6


def test_derived_joints_only_once():
    ntu, body = Skeleton.get("ntu25"), Skeleton.get("body25")
    shared = shared_skeleton(ntu, body, derive=True)
    # Kinect's feet are the mean of OpenPose's toes; its spine_shoulder would be the neck again, and
    # OpenPose's nose the head.
    more = set(shared.joints) - set(shared_skeleton(ntu, body).joints)
    assert more == {"spine", "head", "left_foot", "right_foot"}
    coco, openpose = Skeleton.get("coco17"), Skeleton.get("openpose18")
    assert set(shared_skeleton(coco, openpose, derive=True).joints) == set(openpose.joints)
    assert shared_skeleton(coco, openpose, derive=True).joints[-1] == "neck"
    assert "neck" not in shared_skeleton(coco, openpose).joints


def test_nothing_in_common():
    a = Skeleton("a", ["x", "y"], [("y", "x")], "x")
    b = Skeleton("b", ["z"], [], "z")
    with pytest.raises(ValueError, match=r"'a' and 'b' share no joint: x, y against z"):
        shared_skeleton(a, b)


def test_itself():
    for name in list_skeletons():
        skeleton = Skeleton.get(name)
        shared = shared_skeleton(skeleton, skeleton, name)
        assert shared.joints == skeleton.joints
        assert tree_of(shared) == tree_of(skeleton)
        assert shared.parts == {part: tuple(sorted(ids)) for part, ids in skeleton.parts.items()}
        assert set(shared.mirror) == set(skeleton.mirror)


@given(st.sampled_from(BODIES), st.sampled_from(BODIES), st.booleans())
def test_both_can_be_converted(first, second, derive):
    a, b = Skeleton.get(first), Skeleton.get(second)
    shared = shared_skeleton(a, b, derive=derive)
    for skeleton in (a, b):
        converter = shared.converter_from(skeleton, derive=derive)
        assert not converter.missing
        positions = torch.randn(skeleton.num_joints, 3)
        # No joint is there twice, under two names.
        rows = converter(positions)
        if derive:
            assert len({tuple(row) for row in rows.tolist()}) == shared.num_joints
    native = [joint for joint in shared.joints if joint in a.joints]
    assert native == sorted(native, key=a.joints.index)
    if not derive:
        assert set(shared.joints) == set(a.joints) & set(b.joints)
