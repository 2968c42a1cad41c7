from pyg_skeleton.skeleton import Skeleton


def test_smpl24() -> None:
    # fmt: off
    parents = (
        -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21,
    )
    # fmt: on
    assert Skeleton.get("smpl24").parents == parents


def test_vibe49() -> None:
    vibe, body = Skeleton.get("vibe49"), Skeleton.get("body25")
    assert vibe.joints[:25] == body.joints
    assert vibe.parents[:25] == body.parents
    assert vibe.root == body.root
    twins = [name for name in vibe.joints if name.endswith(("_lsp", "_mpii", "_coco"))]
    assert len(twins) == 19
    for name in twins:
        joint = vibe.joint_id(name)
        twin = vibe.parents[joint]
        assert vibe.joints[twin] == name.rpartition("_")[0]
        assert vibe.part_index[joint] == vibe.part_index[twin]
    expected = ["neck_lsp", "head_top", "pelvis_mpii", "thorax", "spine", "jaw", "head"]
    assert list(vibe.joints[37:44]) == expected
    assert vibe.joints[25:31] == (
        "right_ankle_lsp",
        "right_knee_lsp",
        "right_hip_lsp",
        "left_hip_lsp",
        "left_knee_lsp",
        "left_ankle_lsp",
    )
