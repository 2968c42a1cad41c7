import re

import pytest
import torch

from pyg_skeleton.nn.loss import bone_loss, joint_loss, pose_loss
from pyg_skeleton.skeleton import Skeleton

# SemGCN's parents, as in the facts on its code.
PARENTS = [-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 8, 10, 11, 8, 13, 14]


@pytest.fixture
def skeleton():
    return Skeleton.get("h36m16")


@pytest.fixture
def poses():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 5 * 16, 3, generator=generator, dtype=torch.float64)


def equation_7(prediction, target, norm):
    """Sums over joints and bones of each pose, in plain loops."""
    joints = bones = 0.0
    for pose in range(len(target) // 16):
        p, g = prediction[16 * pose : 16 * pose + 16], target[16 * pose : 16 * pose + 16]
        for k, parent in enumerate(PARENTS):
            joints += norm(p[k] - g[k]).item()
            if parent >= 0:
                bones += norm((p[parent] - p[k]) - (g[parent] - g[k])).item()
    return joints, bones


@pytest.mark.parametrize("norm", ["squared", "l1"])
def test_equals_equation_7(poses, skeleton, norm):
    size = {"squared": lambda x: (x * x).sum(), "l1": lambda x: x.abs().sum()}[norm]
    joints, bones = equation_7(*poses, size)
    for reduction, by_joints, by_bones in (("sum", 5, 5), ("mean", 5 * 48, 5 * 45)):
        options = {"norm": norm, "reduction": reduction}
        assert joint_loss(*poses, skeleton, **options).item() == pytest.approx(joints / by_joints)
        assert bone_loss(*poses, skeleton, **options).item() == pytest.approx(bones / by_bones)
        for weight in (0.0, 0.3, 1.0):
            expected = joints / by_joints + weight * bones / by_bones
            loss = pose_loss(*poses, skeleton, weight, **options)
            assert loss.item() == pytest.approx(expected)
    assert pose_loss(*poses, skeleton, norm=norm).item() == pytest.approx((joints + bones) / 5)


def test_mean_is_that_of_torch(poses, skeleton):
    for norm, loss in (("squared", torch.nn.MSELoss()), ("l1", torch.nn.L1Loss())):
        ours = joint_loss(*poses, skeleton, norm, "mean")
        torch.testing.assert_close(ours, loss(*poses))


def test_bones_forgive_a_shift_and_links_are_no_bones(poses):
    lcn = Skeleton.get("h36m17-lcn")
    target = torch.randn(34, 3)
    prediction = target + torch.tensor([1.0, 2.0, 2.0])
    assert bone_loss(prediction, target, lcn).item() == pytest.approx(0, abs=1e-10)
    assert joint_loss(prediction, target, lcn).item() == pytest.approx(17 * 9, rel=1e-5)
    assert pose_loss(prediction, target, lcn).item() == pytest.approx(17 * 9, rel=1e-5)
    tree, other = Skeleton.get("h36m17"), torch.randn(34, 3)
    assert len(lcn.edges) > len(tree.edges)
    torch.testing.assert_close(bone_loss(other, target, lcn), bone_loss(other, target, tree))


def test_gradient(poses, skeleton):
    prediction, target = poses[0].requires_grad_(), poses[1]
    for norm in ("squared", "l1"):
        assert torch.autograd.gradcheck(
            lambda x, norm=norm: pose_loss(x, target, skeleton, norm=norm), prediction
        )


def test_refuses_nonsense(poses, skeleton):
    prediction, target = poses
    message = "both be [N * 16, C] ('h36m16'), got [79, 3] and [79, 3]"
    with pytest.raises(ValueError, match=re.escape(message)):
        pose_loss(prediction[:79], target[:79], skeleton)
    with pytest.raises(ValueError, match=re.escape("got [16, 3] and [80, 3]")):
        bone_loss(prediction[:16], target, skeleton)
    with pytest.raises(ValueError, match="norm 'squared' or 'l1', got 'l2'"):
        joint_loss(prediction, target, skeleton, norm="l2")
    with pytest.raises(ValueError, match="reduction 'sum' or 'mean', got 'none'"):
        joint_loss(prediction, target, skeleton, reduction="none")
