import pytest
import torch

from pyg_skeleton.datasets import RenderedPoses, SyntheticLifting
from pyg_skeleton.nn import ImageBackbone, SmallResNet
from pyg_skeleton.nn.models import ImageLifter, SemGCN
from pyg_skeleton.training import lift_images


@pytest.fixture(scope="module")
def pictures():
    options = {"clips_per_class": 1, "clip_length": 5, "num_subjects": 3, "num_cameras": 1}
    poses = SyntheticLifting("test", "h36m16", classes=["bowing"], **options)
    return RenderedPoses(poses.sequences, poses.skeleton, image_size=32)


def a_model(pictures):
    torch.manual_seed(0)
    graph = SemGCN(pictures.skeleton, 2, hidden_channels=8, num_blocks=1)
    return ImageLifter(ImageBackbone(SmallResNet((4, 4, 4))), graph, head_channels=4)


@pytest.mark.parametrize("batch_size", [2, 128])
def test_one_by_one(pictures, batch_size):
    model = a_model(pictures)
    poses, keypoints = lift_images(model, pictures, batch_size)
    assert poses.shape == (5, 16, 3)
    assert keypoints.shape == (5, 16, 2)
    assert model.training  # as it was before
    model.eval()
    for i in range(5):
        pose, places = model(pictures[i])
        torch.testing.assert_close(poses[i], 1000 * (pose - pose[:1]), rtol=1e-4, atol=1e-2)
        torch.testing.assert_close(keypoints[i], places, rtol=1e-4, atol=1e-5)


def test_no_gradients(pictures):
    assert not lift_images(a_model(pictures), pictures)[0].requires_grad
