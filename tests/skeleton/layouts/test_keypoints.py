from pyg_skeleton.skeleton import Skeleton

# fmt: off
OPENPOSE18 = {
    (4, 3), (3, 2), (7, 6), (6, 5), (13, 12), (12, 11), (10, 9), (9, 8), (11, 5), (8, 2), (5, 1),
    (2, 1), (0, 1), (15, 0), (14, 0), (17, 15), (16, 14),
}
SKELETICS15 = {
    (0, 1), (2, 1), (3, 2), (4, 3), (5, 1), (6, 5), (7, 6), (8, 1), (9, 8), (10, 9), (11, 10),
    (12, 8), (13, 12), (14, 13),
}
SKELETICS25 = SKELETICS15 | {
    (15, 0), (16, 0), (17, 0), (18, 0), (19, 14), (20, 19), (21, 14), (22, 11), (23, 22), (24, 11),
}
# fmt: on


def test_openpose18() -> None:
    skeleton = Skeleton.get("openpose18")
    assert set(skeleton.bones) == OPENPOSE18
    assert skeleton.root == 1
    assert skeleton.parts["head"] == (0, 14, 15, 16, 17)
    assert skeleton.parts["torso"] == (1,)
    assert skeleton.parts["right_upper_arm"] == (2, 3)
    assert skeleton.parts["left_crus"] == (13,)
    # The bones alone would link thighs with upper arms.
    assert {frozenset((8, 2)), frozenset((11, 5))} <= {frozenset(bone) for bone in skeleton.bones}
    assert skeleton.part_edges is not None
    assert ("torso", "left_thigh") in skeleton.part_edges


def test_body25() -> None:
    skeleton = Skeleton.get("body25")
    assert set(skeleton.bones) == SKELETICS25
    assert skeleton.root == 1


def test_shared15_is_where_body25_begins() -> None:
    shared, body = Skeleton.get("shared15"), Skeleton.get("body25")
    assert set(shared.bones) == SKELETICS15
    assert shared.root == 1
    names = [name if name != "neck" else "spine_shoulder" for name in body.joints[:15]]
    assert list(shared.joints) == names


def test_coco17() -> None:
    skeleton = Skeleton.get("coco17")
    assert skeleton.joints[:5] == ("nose", "left_eye", "right_eye", "left_ear", "right_ear")
    for left in range(1, 17, 2):
        assert skeleton.joints[left].startswith("left_")
        assert skeleton.mirror_index[left] == left + 1


def test_mpii16() -> None:
    mpii, h36m = Skeleton.get("mpii16"), Skeleton.get("h36m16")
    assert sorted(mpii.joints) == sorted(h36m.joints)
    by_name = {(mpii.joints[i], mpii.joints[j]) for i, j in mpii.bones}
    assert by_name == {(h36m.joints[i], h36m.joints[j]) for i, j in h36m.bones}


def test_crowdpose_and_ai_challenger() -> None:
    """The same joints in another order."""
    limbs = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    pairs = [f"{side}_{joint}" for joint in limbs for side in ("left", "right")]
    assert Skeleton.get("crowdpose14").joints == (*pairs, "head_top", "neck")
    arms, legs = limbs[:3], limbs[3:]
    chains = [f"{s}_{joint}" for limb in (arms, legs) for s in ("right", "left") for joint in limb]
    assert Skeleton.get("aic14").joints == (*chains, "head_top", "neck")


def test_mediapipe() -> None:
    # fmt: off
    assert Skeleton.get("mediapipe33").joints == (
        "nose", "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye",
        "right_eye_outer", "left_ear", "right_ear", "left_mouth", "right_mouth",
        *(f"{side}_{joint}"
          for joint in ("shoulder", "elbow", "wrist", "pinky", "index", "thumb", "hip", "knee",
                        "ankle", "heel", "toe")
          for side in ("left", "right")),
    )
    # fmt: on
