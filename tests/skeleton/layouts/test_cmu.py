from pyg_skeleton.skeleton import Skeleton

# fmt: off
PARENTS38 = (
    -1, 0, 1, 2, 3, 4, 5, 0, 7, 8, 9, 10, 11, 0, 13, 14, 15, 16, 17, 18, 15, 20, 21, 22, 23, 24, 25,
    23, 27, 15, 29, 30, 31, 32, 33, 34, 32, 36,
)
DMGNN26 = [
    (0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (6, 7), (0, 8), (4, 8), (8, 9), (9, 10), (10, 11),
    (11, 12), (12, 13), (10, 14), (14, 15), (15, 16), (16, 17), (17, 18), (16, 19), (11, 20),
    (20, 21), (21, 22), (22, 23), (23, 24), (22, 25),
]
# fmt: on


def test_cmu38() -> None:
    skeleton = Skeleton.get("cmu38")
    assert skeleton.parents == PARENTS38
    shoulders = [skeleton.joint_id(f"{side}_collar") for side in ("left", "right")]
    assert [skeleton.parents[joint] for joint in shoulders] == [15, 15]


def test_cmu26_is_dmgnn_with_the_right_arm_on_the_chest() -> None:
    skeleton = Skeleton.get("cmu26")
    repaired = [(10, 20) if edge == (11, 20) else edge for edge in DMGNN26]
    assert {frozenset(e) for e in skeleton.edges} == {frozenset(e) for e in repaired}
    assert skeleton.joints[10] == "chest"
    assert skeleton.parts == {
        "left_thigh": (0, 1),
        "left_crus": (2, 3),
        "right_thigh": (4, 5),
        "right_crus": (6, 7),
        "torso": (8, 9, 10),
        "head": (11, 12, 13),
        "left_upper_arm": (14, 15),
        "left_forearm": (16, 17, 18, 19),
        "right_upper_arm": (20, 21),
        "right_forearm": (22, 23, 24, 25),
    }


def test_cmu26_is_cmu38_without_the_joints_between() -> None:
    """Each bone leads to the nearest ancestor that was kept; the root was not, so hips differ."""
    full, part = Skeleton.get("cmu38"), Skeleton.get("cmu26")
    for child, parent in part.bones:
        joint = full.parents[full.joint_id(part.joints[child])]
        while joint >= 0 and full.joints[joint] not in part.joints:
            joint = full.parents[joint]
        expected = "lower_back" if joint < 0 else full.joints[joint]
        assert part.joints[parent] == expected
