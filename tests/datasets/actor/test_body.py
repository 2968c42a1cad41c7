import pytest
import torch

from pyg_skeleton.datasets.actor.body import Body
from pyg_skeleton.datasets.actor.take import PIVOTS
from pyg_skeleton.skeleton import Skeleton, list_skeletons
from pyg_skeleton.skeleton.rest_pose import rest_pose

NAMES = list(PIVOTS)
ONES = torch.ones(1, 3)


def play(body: Body, angles: torch.Tensor, lift: float = 0.0) -> torch.Tensor:
    clips, frames = angles.shape[:2]
    still = torch.zeros(clips, frames)
    return body.play(angles, still + lift, ONES.expand(clips, 3), still)


def bent(**degrees: tuple[float, float, float]) -> torch.Tensor:
    angles = torch.zeros(1, 9, len(PIVOTS), 3)
    for name, value in degrees.items():
        angles[:, :, NAMES.index(name)] = torch.tensor(value)
    return angles


@pytest.mark.parametrize("name", list_skeletons())
def test_no_angles_give_the_rest_pose_of_every_layout(name):
    skeleton = Skeleton.get(name)
    x = play(Body(skeleton), bent())
    shift = x - rest_pose(skeleton)
    # All joints move by the same small way up: the soles stand on the ground.
    assert shift.abs().max() < 0.03
    assert (shift - shift[:, :, :1]).abs().max() < 1e-5


def test_elbow_bends_the_forearm_forwards_and_the_knee_the_shin_backwards():
    skeleton = Skeleton.get("ntu25")
    rest = rest_pose(skeleton)
    x = play(Body(skeleton), bent(left_elbow=(0, -90, 0), right_knee=(0, 90, 0)))[0, 0]
    moved = x - rest - (x - rest)[skeleton.joint_id("pelvis")]
    names = skeleton.joints
    far = {names[i] for i in range(25) if moved[i].norm() > 0.02}
    assert far == {
        "left_wrist", "left_hand", "left_thumb", "left_hand_tip", "right_ankle", "right_foot",
    }  # fmt: skip
    assert moved[names.index("left_hand"), 2] > 0.2
    assert moved[names.index("right_ankle"), 2] < -0.3


def test_soles_stay_on_the_ground_unless_lifted():
    body = Body(Skeleton.get("body25"))
    pose = {"hip": (0.0, -60.0, 0.0), "knee": (0.0, 90.0, 0.0), "ankle": (0.0, -30.0, 0.0)}
    angles = bent(**{f"{side}_{k}": v for side in ("left", "right") for k, v in pose.items()})
    x = play(body, angles)
    pelvis = body.read[8]
    assert pelvis == NAMES.index("pelvis")
    assert x[0, 0, 8, 1] < 0.75
    for lift in (0.0, 0.3):
        assert play(body, angles, lift)[..., 1].min() == pytest.approx(lift, abs=0.03)


def test_mirrored_angles_give_the_mirrored_pose():
    torch.manual_seed(0)
    skeleton = Skeleton.get("smpl24")
    body = Body(skeleton)
    angles = 20 * torch.randn(2, 1, len(PIVOTS), 3).expand(-1, 5, -1, -1)
    x, y = play(body, angles), play(body, body.mirror(angles))
    flipped = x[:, :, skeleton.mirror_index] * torch.tensor([-1.0, 1.0, 1.0])
    torch.testing.assert_close(y, flipped, atol=1e-5, rtol=0)


def test_people_of_other_sizes_have_longer_bones():
    skeleton = Skeleton.get("ntu25")
    body = Body(skeleton)
    size = torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.2, 1.0], [1.0, 1.0, 1.2], [1.2, 1.0, 1.0]])
    still = torch.zeros(4, 3)
    x = body.play(torch.zeros(4, 3, len(PIVOTS), 3), still, size, still)[:, 0]

    def length(a: str, b: str) -> list[float]:
        bone = x[:, skeleton.joint_id(a)] - x[:, skeleton.joint_id(b)]
        return (bone.norm(dim=-1) / bone[0].norm()).tolist()

    assert length("left_elbow", "left_wrist") == pytest.approx([1, 1.2, 1, 1], abs=1e-5)
    assert length("left_hip", "left_knee") == pytest.approx([1, 1, 1.2, 1], abs=1e-5)
    assert length("neck", "head") == pytest.approx([1, 1, 1, 1.2], abs=1e-5)


def test_unknown_joints_hang_on_their_limb_and_swing():
    skeleton = Skeleton("tailed", ["pelvis", "tail", "tip"], [(1, 0), (2, 1)], root=0)
    body = Body(skeleton)
    angles = torch.zeros(1, 40, len(PIVOTS), 3)
    still = torch.zeros(1, 40)
    phase = torch.linspace(0, 6.28, 40).unsqueeze(0)
    x = body.play(angles, still, ONES, phase)
    bones = (x[:, :, 1:] - x[:, :, :-1]).norm(dim=-1)
    torch.testing.assert_close(bones, bones[:, :1].expand_as(bones))
    travel = (x - x[:, :1]).norm(dim=-1).amax((0, 1))
    assert travel[0] < 1e-5
    assert travel[2] > 0.01
