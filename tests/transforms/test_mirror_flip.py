import pytest
import torch

from pyg_skeleton.data import SkeletonLoader, to_data
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.skeleton.rotation import axis_angle_to_matrix
from pyg_skeleton.transforms import MirrorFlip

NTU = Skeleton.get("ntu25")


def make_clip():
    return to_data(NTU, torch.randn(2, 25, 4, 3), target=torch.randn(2, 25, 2, 3))


@pytest.mark.parametrize("axis", [0, 2])
def test_mirror_flip(axis):
    transform = MirrorFlip(NTU, axis=axis, p=1)
    assert str(transform) == f"MirrorFlip(skeleton='ntu25', axis={axis}, p=1, rotations=False)"
    data = make_clip()
    before = data.x.clone()
    out = transform(data)
    assert torch.equal(data.x, before)
    sign = torch.ones(3)
    sign[axis] = -1
    for key in ("x", "target"):
        old, new = (d[key].view(2, 25, -1, 3) for d in (data, out))
        assert torch.equal(new, old[:, NTU.mirror_index] * sign)
    left, right = NTU.joint_id("left_wrist"), NTU.joint_id("right_wrist")
    assert torch.equal(out.x[25 + left], data.x[25 + right] * sign)
    twice = transform(out)
    assert torch.equal(twice.x, data.x)
    assert out.graph == data.graph
    batch = next(iter(SkeletonLoader([data, data], batch_size=2)))
    assert torch.equal(transform(batch).x, torch.cat([out.x, out.x]))


def test_probability():
    data = make_clip()
    assert MirrorFlip(NTU, p=0)(data).x is data.x
    torch.manual_seed(0)
    flips = [MirrorFlip("ntu25")(data).x is not data.x for _ in range(200)]
    assert 70 < sum(flips) < 130


def test_missing_joints():
    x = torch.randn(25, 2, 3)
    left, right = NTU.joint_id("left_wrist"), NTU.joint_id("right_wrist")
    x[left, 1] = float("nan")
    out = MirrorFlip(NTU, p=1)(to_data(NTU, x, missing="mask"))
    assert (~out.visible).nonzero().tolist() == [[right, 1]]
    assert not out.x[right, 1].any()


def test_errors():
    with pytest.raises(ValueError, match="'pair' has no mirror pairs"):
        MirrorFlip(Skeleton("pair", ["a", "b"], [("b", "a")], "a"))
    with pytest.raises(ValueError, match="p must be a probability, got 2"):
        MirrorFlip(NTU, p=2)
    with pytest.raises(ValueError, match="got joints of 3 channels"):
        MirrorFlip(NTU, axis=3, p=1)(make_clip())
    with pytest.raises(ValueError, match="MirrorFlip is for 25 joints, got 18 nodes"):
        MirrorFlip(NTU, p=1)(to_data(Skeleton.get("openpose18"), torch.zeros(18, 4, 3)))


def test_rotations_are_mirrored_as_matrices():
    """The mirrored rotation is S R S with the reflection S of the axis."""
    skeleton = Skeleton.get("cmu26")
    torch.manual_seed(0)
    x = torch.randn(26, 4, 3, dtype=torch.float64)
    data = skeleton.to_data(x.clone(), target=x[:, :2].clone())
    data = MirrorFlip(skeleton, p=1.0, rotations=True)(data)
    mirror = torch.diag(torch.tensor([-1.0, 1.0, 1.0], dtype=torch.float64))
    expected = mirror @ axis_angle_to_matrix(x[skeleton.mirror_index]) @ mirror
    torch.testing.assert_close(axis_angle_to_matrix(data.x), expected)
    torch.testing.assert_close(axis_angle_to_matrix(data.target), expected[:, :2])
