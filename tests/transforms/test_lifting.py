"""The transforms that augment data for lifting: 2-D joints in `x`, 3-D joints in `target`."""

import pytest
import torch
import torch_geometric.transforms as T
from torch.testing import assert_close

from pyg_skeleton.camera import Camera, get_target_space
from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import LiftingDataset, PoseSequence
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms import JointNoise, JointOcclusion, MirrorFlip

# The principal point is in the middle, where flips are exact.
CAMERA = Camera(1000, 1002, [1145.0, 1143.0], [500.0, 501.0])


def make(skeleton, space, num_frames=1, mirrored=False, transform=None):
    """Poses, or the same poses in a mirror."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(6, skeleton.num_joints, 3, generator=generator) * 2 - 1
    x = x + torch.tensor([0.3, 0.1, 5.0])
    if mirrored:
        x = x[:, skeleton.mirror_index] * torch.tensor([-1.0, 1.0, 1.0])
    sequence = PoseSequence("A", "walking", "1", CAMERA, CAMERA.project(x), x, 50.0)
    return LiftingDataset([sequence], skeleton, num_frames, 1, space, transform)


@pytest.mark.parametrize("layout", ["h36m17", "h36m16"])
@pytest.mark.parametrize("space", ["root-relative", "pixel-depth"])
@pytest.mark.parametrize("num_frames", [1, 3])
def test_a_flip_is_what_the_camera_sees_in_a_mirror(layout, space, num_frames):
    skeleton = Skeleton.get(layout)
    flip = MirrorFlip(skeleton, p=1)
    flipped = make(skeleton, space, num_frames, transform=flip)
    expected = make(skeleton, space, num_frames, mirrored=True)
    for one, other in zip(flipped, expected, strict=True):
        assert_close(one.x, other.x, rtol=0, atol=1e-6)
        assert_close(one.target, other.target, rtol=0, atol=1e-6)
    plain = make(skeleton, space, num_frames)
    assert not torch.allclose(plain[0].x, flipped[0].x)
    twice = make(skeleton, space, num_frames, transform=T.Compose([flip, flip]))
    assert torch.equal(twice[2].x, plain[2].x)
    assert torch.equal(twice[2].target, plain[2].target)


@pytest.mark.parametrize("space", ["root-relative", "pixel-depth"])
def test_a_flip_of_a_batch_undoes_itself(space):
    skeleton = Skeleton.get("h36m17")
    dataset = make(skeleton, space)
    batch = next(iter(SkeletonLoader(dataset, batch_size=6)))
    target = MirrorFlip(skeleton, p=1)(batch).target.view(6, 17, 3)
    back = target[:, skeleton.mirror_index] * torch.tensor([-1.0, 1.0, 1.0])
    assert torch.equal(back, dataset.targets)
    assert get_target_space(space).name == dataset.target_space


def test_jitter_is_in_units_of_half_the_image():
    pixels = 3.0
    skeleton = Skeleton.get("h36m17")
    torch.manual_seed(0)
    noisy = make(skeleton, "root-relative", transform=JointNoise(pixels * 2 / 1000))
    plain = make(skeleton, "root-relative")
    off = torch.stack([noisy[i % 6].x - plain[i % 6].x for i in range(200)]) * 500
    assert abs(float(off.std()) - pixels) < 0.1
    assert torch.equal(noisy[0].target, plain[0].target)


def test_all_together():
    skeleton = Skeleton.get("h36m17")
    transform = T.Compose([MirrorFlip(skeleton), JointNoise(0.01), JointOcclusion(0.3)])
    torch.manual_seed(0)
    dataset = make(skeleton, "pixel-depth", 3, transform=transform)
    batch = next(iter(SkeletonLoader(dataset, batch_size=6)))
    assert batch.x.shape == (6 * 17, 3, 2)
    assert batch.visible.shape == (6 * 17, 3)
    assert not batch.x[~batch.visible].any()
    assert batch.x[batch.visible].all()
