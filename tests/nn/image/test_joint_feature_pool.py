import pytest
import torch

from pyg_skeleton.nn import JointFeaturePool, roi_align
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import assert_compiles

H36M = Skeleton.get("h36m16")
# Left to right on a line: bones of 2 and 6 pixels, 4 on average.
LINE = Skeleton("line", ["a", "b", "c"], [("b", "a"), ("c", "b")], "a")
JOINTS = torch.tensor([[4.0, 8.0], [6.0, 8.0], [12.0, 8.0]])


def test_size_for_a_resnet_50():
    """Every joint gets 64 + 256 + 512 + 1024 channels, 1858 with its coordinates."""
    pool = JointFeaturePool(H36M, (2, 4, 8, 16))
    channels = (64, 256, 512, 1024)
    maps = [
        torch.randn(2, c, 64 // s, 64 // s) for c, s in zip(channels, pool.strides, strict=True)
    ]
    out = pool(maps, 64 * torch.rand(32, 2))
    assert out.shape == (32, 1856)


def test_boxes_have_the_mean_bone_length():
    both = torch.cat([JOINTS, 3 * JOINTS])
    boxes = JointFeaturePool(LINE, (1,)).boxes(both)
    assert boxes.shape == (2, 3, 4)
    assert boxes[0].tolist() == [[2, 6, 6, 10], [4, 6, 8, 10], [10, 6, 14, 10]]
    torch.testing.assert_close(boxes[1, :, 2:] - boxes[1, :, :2], torch.full((3, 2), 12.0))
    torch.testing.assert_close((boxes[1, :, 2:] + boxes[1, :, :2]) / 2, 3 * JOINTS)


def test_all_joints_in_one_place():
    boxes = JointFeaturePool(LINE, (1,)).boxes(torch.full((3, 2), 5.0))
    assert boxes[0, 0].tolist() == [4.5, 4.5, 5.5, 5.5]


@pytest.mark.parametrize(("bins", "points"), [(1, 4), (2, 2), (4, 1)])
def test_equals_the_mean_of_roi_align(bins, points):
    """However many bins RoIAlign has: their mean is that of all points."""
    generator = torch.Generator().manual_seed(0)
    maps = [torch.randn(2, 3, 16, 16, generator=generator), torch.randn(2, 5, 4, 4)]
    joints = torch.rand(32, 2, generator=generator) * 40 - 4  # some outside of the image
    pool = JointFeaturePool(H36M, (2, 8))
    corners = pool.boxes(joints).flatten(0, 1)
    image = torch.arange(2.0).repeat_interleave(16).unsqueeze(1)
    boxes = torch.cat([image, corners], dim=1)
    expected = [
        roi_align(x, boxes, bins, 1 / stride, points, aligned=True).mean((2, 3))
        for x, stride in zip(maps, (2, 8), strict=True)
    ]
    torch.testing.assert_close(pool(maps, joints), torch.cat(expected, dim=1))


def test_reads_off_what_is_there():
    """A map that says where its cells are in the image."""
    center = torch.arange(8) * 4 + 2.0
    y, x = torch.meshgrid(center, center, indexing="ij")
    out = JointFeaturePool(LINE, (4,))([torch.stack([x, y])[None]], JOINTS)
    torch.testing.assert_close(out, JOINTS)


def test_gradients_go_to_the_maps_alone():
    maps = [torch.randn(1, 2, 8, 8, requires_grad=True)]
    joints = JOINTS.clone().requires_grad_()
    JointFeaturePool(LINE, (4,))(maps, joints).sum().backward()
    assert joints.grad is None
    # Each channel has one point of weight one per joint, wherever it is.
    assert float(maps[0].grad.sum()) == pytest.approx(2 * 3)


def test_compiles():
    pool = JointFeaturePool(LINE, (4, 8))
    maps = [torch.randn(1, 2, 8, 8), torch.randn(1, 3, 4, 4)]
    assert_compiles(pool, maps, JOINTS)


def test_refuses():
    with pytest.raises(ValueError, match="expected samples >= 1, got 0"):
        JointFeaturePool(LINE, (4,), samples=0)
    with pytest.raises(ValueError, match="expected 1 maps, got 2"):
        JointFeaturePool(LINE, (4,))([torch.zeros(1, 2, 4, 4)] * 2, JOINTS)


def test_repr():
    assert repr(JointFeaturePool(LINE, [4])) == "JointFeaturePool(3 joints, strides=[4], samples=4)"
