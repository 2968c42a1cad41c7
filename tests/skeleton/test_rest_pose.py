import pytest
import torch

from pyg_skeleton.skeleton import Skeleton, list_skeletons
from pyg_skeleton.skeleton.rest_pose import anatomical_point, rest_pose, unknown_joints


@pytest.mark.parametrize("name", sorted({*list_skeletons()}.difference({"hand21"})))
def test_every_layout_stands_upright_and_symmetric(name):
    skeleton = Skeleton.get(name)
    rest = rest_pose(skeleton)
    assert rest.shape == (skeleton.num_joints, 3)
    assert not unknown_joints(skeleton)
    mirrored = rest[skeleton.mirror_index] * torch.tensor([-1.0, 1.0, 1.0])
    torch.testing.assert_close(rest, mirrored)
    assert rest[:, 1].min() >= 0
    assert rest[:, 1].max() < 1.8
    height = dict(zip(skeleton.joints, rest[:, 1].tolist(), strict=True))
    for upper, lower in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "wrist")):
        if f"left_{upper}" in height and f"left_{lower}" in height:
            assert height[f"left_{upper}"] > height[f"left_{lower}"] + 0.2


def test_left_is_on_the_positive_side():
    assert anatomical_point("left_wrist")[1][0] > 0 > anatomical_point("right_wrist")[1][0]
    assert anatomical_point("right_wrist")[0] == "right_wrist"
    assert anatomical_point("left_eye")[0] == "head"
    assert anatomical_point("right_knee_lsp") == anatomical_point("right_knee")
    assert anatomical_point("tail") is None
    assert anatomical_point("left_wing") is None


def test_spread_lifts_the_arms_and_nothing_else():
    skeleton = Skeleton.get("ntu25")
    down, up = rest_pose(skeleton), rest_pose(skeleton, spread=90)
    moved = (down - up).norm(dim=1) > 1e-6
    arm = ("elbow", "wrist", "hand", "tip", "thumb")
    assert moved.tolist() == [name.endswith(arm) for name in skeleton.joints]
    wrist, shoulder = skeleton.joint_id("left_wrist"), skeleton.joint_id("left_shoulder")
    length = (down[wrist] - down[shoulder]).norm()
    torch.testing.assert_close((up[wrist] - up[shoulder]).norm(), length)
    assert up[wrist, 0] > down[wrist, 0] + 0.4


def test_unknown_joints_continue_their_limb():
    skeleton = Skeleton(
        "winged",
        ["pelvis", "neck", "left_wing", "right_wing", "left_feather", "right_feather"],
        [(1, 0), (2, 1), (3, 1), (4, 2), (5, 3)],
        root=0,
        mirror=[(2, 3), (4, 5)],
    )
    assert unknown_joints(skeleton) == {2: (1, 0, 0), 3: (1, 0, 1), 4: (2, 1, 0), 5: (3, 1, 0)}
    rest = rest_pose(skeleton)
    bones = (rest[[2, 4]] - rest[[1, 2]]).norm(dim=1)
    assert (bones > 0.04).all()
    torch.testing.assert_close(rest[4] * torch.tensor([-1.0, 1.0, 1.0]), rest[5])
    # The known joints are where they always are.
    assert rest[1].tolist() == pytest.approx(anatomical_point("neck")[1])


def test_layout_without_any_known_joint():
    skeleton = Skeleton("worm", ["a", "b", "c", "d"], [(0, 1), (2, 1), (3, 2)], root=1)
    assert list(unknown_joints(skeleton)) == [1, 0, 2, 3]
    rest = rest_pose(skeleton)
    assert torch.isfinite(rest).all()
    assert len(rest.unique(dim=0)) == 4
