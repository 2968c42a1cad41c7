import pytest
import torch

from pyg_skeleton.camera import Camera
from pyg_skeleton.data import SkeletonLoader
from pyg_skeleton.datasets import PoseSequence, RenderedPoses, SyntheticLifting


@pytest.fixture(scope="module")
def poses():
    options = {"clips_per_class": 1, "clip_length": 6, "num_subjects": 3, "num_cameras": 1}
    return SyntheticLifting("train", "h36m16", classes=["walking", "kicking"], **options)


@pytest.fixture(scope="module")
def pictures(poses):
    return RenderedPoses(poses.sequences, poses.skeleton, stride=2, image_size=32, noise=0.0)


def test_items(poses, pictures):
    assert len(pictures) == 6
    assert pictures.images.shape == (6, 3, 32, 32)
    data = pictures[4]
    assert data.image.shape == (1, 3, 32, 32)
    assert data.image.dtype == torch.uint8
    assert data.x.shape == (16, 2)
    plain = poses[2 * 4]
    assert torch.equal(data.target, plain.target)
    assert pictures.actions[int(data.y)] == poses.actions[int(plain.y)] == "kicking"
    # The root in the middle.
    torch.testing.assert_close(data.x[0], torch.zeros(2), rtol=0, atol=1e-5)


def test_joints_are_where_the_body_is(poses):
    large = RenderedPoses(poses.sequences, poses.skeleton, 3, image_size=192, noise=0.0)
    for i in range(len(large)):
        column, row = ((large[i].x + 1) / 2 * 192).long().T
        seen = large[i].image[0, :, row, column]
        assert bool((seen != 128).any(0).all())
        assert bool((large[i].image[0, :, 0] == 128).all())  # nobody reaches the border


def test_the_side_is_a_length(poses):
    """A pose twice as far away looks the same but for perspective."""
    pictures = RenderedPoses(poses.sequences, poses.skeleton, image_size=32, side=2.0)
    meters = pictures.positions[0] / 1000
    depth = meters[:, 2] + pictures.root_depths[0]
    near = (depth - pictures.root_depths[0]).abs() < 0.02
    assert int(near.sum()) > 1
    offset = pictures[0].x[near] - pictures[0].x[0]
    # Positions in meters times 2 / side, away from the optical axis nearly so.
    torch.testing.assert_close(offset, meters[near, :2], rtol=0, atol=0.05)


def test_lenses_and_detections_do_not_matter(poses, pictures):
    """A picture is of the true pose, seen without distortion."""
    other = []
    for s in poses.sequences:
        camera = s.camera
        lens = Camera(
            camera.width, camera.height, camera.focal, camera.center, radial=(0.2, 0.1, 0.0),
            rotation=camera.rotation, translation=camera.translation,
        )  # fmt: skip
        keypoints = torch.full_like(s.keypoints, torch.nan)
        other.append(PoseSequence(s.subject, s.action, s.take, lens, keypoints, s.positions, s.fps))
    same = RenderedPoses(other, poses.skeleton, stride=2, image_size=32, noise=0.0)
    assert torch.equal(same.images, pictures.images)
    assert torch.equal(same[0].x, pictures[0].x)
    assert "visible" not in same[0]


def test_noise(poses, pictures):
    def make(**kwargs):
        return RenderedPoses(poses.sequences, poses.skeleton, 2, 32, noise=0.02, **kwargs).images

    noisy = make(seed=1)
    assert torch.equal(noisy, make(seed=1))
    assert not torch.equal(noisy, make(seed=2))
    grain = noisy.float() - pictures.images.float()
    assert float(grain.std()) == pytest.approx(0.02 * 255, rel=0.05)


def test_batches(pictures):
    batch = next(iter(SkeletonLoader(pictures, 4)))
    assert batch.image.shape == (4, 3, 32, 32)
    assert batch.x.shape == (64, 2)
    assert batch.num_graphs == 4
    assert torch.equal(batch.image, pictures.images[:4])


def test_some_of_them(pictures):
    some = pictures[torch.tensor([5, 1])]
    assert len(some) == 2
    for i, j in ((0, 5), (1, 1)):
        assert torch.equal(some[i].image, pictures[j].image)
        assert torch.equal(some[i].x, pictures[j].x)
        assert torch.equal(some.positions[i], pictures.positions[j])


def test_back_to_millimeters(pictures):
    target = torch.stack([pictures[i].target for i in range(len(pictures))])
    torch.testing.assert_close(pictures.to_millimeters(target), pictures.positions)
