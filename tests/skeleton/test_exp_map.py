import math
import re

import pytest
import torch
from torch.autograd import gradcheck

from pyg_skeleton.datasets import exp_map_to_positions
from pyg_skeleton.io import read_exp_map
from pyg_skeleton.skeleton import Skeleton

LAYOUTS = ["cmu26", "cmu38", "h36m20", "h36m21", "h36m32"]


def random_poses(layout, *shape):
    generator = torch.Generator().manual_seed(0)
    joints = Skeleton.get(layout).num_joints
    return torch.randn(joints, *shape, 3, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_bones_keep_their_length(layout):
    moved = exp_map_to_positions(random_poses(layout, 7), layout, full=True)
    rest = exp_map_to_positions(torch.zeros_like(random_poses(layout, 7)), layout, full=True)
    body = Skeleton.get("cmu38" if layout.startswith("cmu") else "h36m32")
    assert moved.shape == (body.num_joints, 7, 3)
    length, expected = (body.bone_vectors(x).norm(dim=-1) for x in (moved, rest))
    assert torch.allclose(length, expected)
    assert expected.max() < 0.5  # meters
    assert moved[body.root].abs().max() == 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_nodes_of_the_layout_are_those_of_the_body(layout):
    x = random_poses(layout, 4)
    full = exp_map_to_positions(x, layout, full=True)
    body = Skeleton.get("cmu38" if layout.startswith("cmu") else "h36m32")
    nodes = exp_map_to_positions(x, Skeleton.get(layout))
    for node, name in enumerate(Skeleton.get(layout).joints):
        assert torch.equal(nodes[node], full[body.joint_id(name)])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_shape(layout):
    x = random_poses(layout, 2, 3)
    out = exp_map_to_positions(x, layout)
    assert out.shape == x.shape
    assert torch.allclose(out[:, 1, 2], exp_map_to_positions(x[:, 1, 2], layout))
    assert exp_map_to_positions(x.float(), layout).dtype == torch.float32


@pytest.mark.parametrize("layout", LAYOUTS)
def test_mirrored_poses_give_mirrored_bodies(layout):
    skeleton = Skeleton.get(layout)
    x = random_poses(layout, 3)
    mirrored = x[skeleton.mirror_index] * torch.tensor([1.0, -1.0, -1.0]).double()
    a = exp_map_to_positions(x, layout)
    b = exp_map_to_positions(mirrored, layout)[skeleton.mirror_index]
    assert torch.allclose(a, b * torch.tensor([-1.0, 1.0, 1.0]).double())


def test_the_real_first_row_is_a_t_pose(shared_dir):
    """Legs straight down, arms out, head up: offsets, signs and order are right."""
    for name in ("walking", "soccer", "jumping"):
        table = read_exp_map(shared_dir / f"data/cmu_mocap/train/{name}/{name}_1.txt")
        x = torch.from_numpy(table[0, 3:]).view(38, 3)
        at = dict(zip(Skeleton.get("cmu38").joints, exp_map_to_positions(x, "cmu38"), strict=True))
        for side, sign in (("left", 1), ("right", -1)):
            leg = at[f"{side}_ankle"] - at[f"{side}_hip"]
            assert leg[1] < -0.8
            assert leg[[0, 2]].norm() < 0.03
            arm = at[f"{side}_wrist"] - at[f"{side}_shoulder"]
            assert sign * arm[0] > 0.45
            assert at[f"{side}_foot"][2] > at[f"{side}_ankle"][2] + 0.1
        assert at["head_top"][1] > at["neck"][1] + 0.25


def test_real_walking_is_upright_and_its_feet_alternate(shared_dir):
    table = read_exp_map(shared_dir / "data/cmu_mocap/train/walking/walking_1.txt")[2::2, 3:]
    x = torch.from_numpy(table).view(-1, 38, 3).transpose(0, 1)
    p = exp_map_to_positions(x, "cmu38")
    joint = Skeleton.get("cmu38").joint_id
    assert (p[joint("head")][:, 1] > 0.4).all()
    assert (p[joint("left_ankle")][:, 1] < -0.5).all()
    step = p[joint("left_ankle")][:, 2] - p[joint("right_ankle")][:, 2]
    assert step.max() > 0.3
    assert step.min() < -0.3
    # The knees bend backwards only: the ankle stays behind the line from hip through knee.
    for side in ("left", "right"):
        thigh = p[joint(f"{side}_knee")] - p[joint(f"{side}_hip")]
        shank = p[joint(f"{side}_ankle")] - p[joint(f"{side}_knee")]
        bend = torch.linalg.cross(thigh, shank)[:, 0]
        assert bend.mean() > 0


@pytest.mark.parametrize("layout", ["h36m21", "cmu38"])
def test_root_rotation_turns_the_body_when_asked(layout):
    x = random_poses(layout)
    still, turned = (exp_map_to_positions(x, layout, root_rotation=on) for on in (False, True))
    angle = torch.zeros_like(x)
    angle[1:] = x[1:]
    assert torch.allclose(still, exp_map_to_positions(angle, layout, root_rotation=True))
    assert not torch.allclose(still, turned)
    assert torch.allclose(torch.cdist(still, still), torch.cdist(turned, turned), atol=1e-6)


def test_differentiable():
    assert gradcheck(
        lambda x: exp_map_to_positions(x, "cmu26"), (random_poses("cmu26").requires_grad_(),)
    )


def test_zero_rotation_of_human36m_stands():
    p = exp_map_to_positions(torch.zeros(32, 3), "h36m32")
    joint = Skeleton.get("h36m32").joint_id
    assert math.isclose(p[joint("left_ankle"), 1], -0.897, abs_tol=1e-6)
    assert p[joint("left_hip"), 0] > 0 > p[joint("right_hip"), 0]


def test_wrong_input():
    with pytest.raises(ValueError, match="'ntu25' has joints that are not in cmu38 or h36m32"):
        exp_map_to_positions(torch.zeros(25, 3), "ntu25")
    with pytest.raises(ValueError, match=re.escape("x must be [26, ..., 3], got [25, 4, 3]")):
        exp_map_to_positions(torch.zeros(25, 4, 3), "cmu26")
