from pyg_skeleton.skeleton import Skeleton


def test_ntu25() -> None:
    # (child, parent) as every author since ST-GCN has them, counted from one.
    # fmt: off
    bones = [
        (1, 2), (2, 21), (3, 21), (4, 3), (5, 21), (6, 5), (7, 6), (8, 7), (9, 21), (10, 9),
        (11, 10), (12, 11), (13, 1), (14, 13), (15, 14), (16, 15), (17, 1), (18, 17), (19, 18),
        (20, 19), (22, 23), (23, 8), (24, 25), (25, 12),
    ]
    # fmt: on
    skeleton = Skeleton.get("ntu25")
    assert skeleton.bones == tuple((i - 1, j - 1) for i, j in bones)
    assert skeleton.root == 20
    assert {name: set(joints) for name, joints in skeleton.parts.items()} == {
        "torso": {0, 1, 20},
        "head": {2, 3},
        "left_upper_arm": {4, 5},
        "left_forearm": {6, 7, 21, 22},
        "right_upper_arm": {8, 9},
        "right_forearm": {10, 11, 23, 24},
        "left_thigh": {12, 13},
        "left_crus": {14, 15},
        "right_thigh": {16, 17},
        "right_crus": {18, 19},
    }


def test_kinect20() -> None:
    # fmt: off
    bones = [
        (1, 2), (2, 3), (4, 3), (5, 3), (6, 5), (7, 6), (8, 7), (9, 3), (10, 9), (11, 10),
        (12, 11), (13, 1), (14, 13), (15, 14), (16, 15), (17, 1), (18, 17), (19, 18), (20, 19),
    ]
    # fmt: on
    skeleton = Skeleton.get("kinect20")
    assert skeleton.bones == tuple((i - 1, j - 1) for i, j in bones)
    assert skeleton.root == 2


def test_azure_kinect() -> None:
    """The table of joints in the documentation of its SDK."""
    azure = Skeleton.get("azure32")
    arm = ("collar", "shoulder", "elbow", "wrist", "hand", "hand_tip", "thumb")
    leg = ("hip", "knee", "ankle", "foot")
    sides = ("left", "right")
    assert azure.joints == (
        *("pelvis", "spine", "chest", "neck"),
        *(f"{side}_{joint}" for side in sides for joint in arm),
        *(f"{side}_{joint}" for side in sides for joint in leg),
        *("head", "nose", "left_eye", "left_ear", "right_eye", "right_ear"),
    )
    assert azure.parents == (
        *(-1, 0, 1, 2, 2, 4, 5, 6, 7, 8, 7, 2, 11, 12, 13, 14, 15, 14),
        *(0, 18, 19, 20, 0, 22, 23, 24, 3, 26, 26, 26, 26, 26),
    )


def test_xsens() -> None:
    """The segments of MVN, whose parents are those nearer to the pelvis."""
    xsens = Skeleton.get("xsens23")
    assert xsens.parents == (
        *(-1, 0, 1, 2, 3, 4, 5),
        *(4, 7, 8, 9, 4, 11, 12, 13, 0, 15, 16, 17, 0, 19, 20, 21),
    )
    assert xsens.joints[7:11] == ("right_collar", "right_shoulder", "right_elbow", "right_wrist")
    assert xsens.joints[15:19] == ("right_hip", "right_knee", "right_ankle", "right_foot")
