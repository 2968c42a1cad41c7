import pytest
import torch

from pyg_skeleton.data import batch_poses
from pyg_skeleton.nn import ImageBackbone, SmallResNet
from pyg_skeleton.nn.models import ImageLifter, MartinezMLP, SemGCN
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.testing import assert_state_dict_round_trip

H36M = Skeleton.get("h36m16")
CHANNELS = (4, 5, 6, 7, 8)
FEATURES = 4 + 5 + 6 + 7


def a_model(in_channels=2 + FEATURES, **kwargs):
    torch.manual_seed(0)
    backbone = ImageBackbone(SmallResNet(CHANNELS))
    graph = SemGCN(H36M, in_channels, hidden_channels=8, num_blocks=1, **kwargs)
    model = ImageLifter(backbone, graph, head_channels=6)
    # Its first heat maps are flat and all joints in one place.
    torch.nn.init.normal_(model.head.out.weight, std=2.0)
    return model


def a_batch(count=2, size=64):
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (count, 3, size, size), generator=generator, dtype=torch.uint8)
    x = torch.rand(count, 16, 2, generator=generator) - 0.5
    return batch_poses(H36M, x, image=image)


class FiveMaps(torch.nn.Module):
    """A backbone with the channels of a ResNet-50."""

    def forward(self, x):
        sizes = [x.size(-1) // s for s in (2, 4, 8, 16, 32)]
        channels = (64, 256, 512, 1024, 2048)
        return [x.new_ones(len(x), c, s, s) for c, s in zip(channels, sizes, strict=True)]


def test_1858_channels_per_joint_with_a_resnet_50(monkeypatch):
    graph = SemGCN(H36M, in_channels=1858, hidden_channels=8, num_blocks=1, channelwise=True)
    model = ImageLifter(ImageBackbone(FiveMaps()), graph, head_channels=4)
    seen = []
    monkeypatch.setattr(graph, "forward", lambda data: seen.append(data.x) or data.x[:, :3])
    pose, keypoints = model(a_batch())
    assert seen[0].shape == (32, 1858)
    assert pose.shape == (32, 3)
    assert keypoints.shape == (32, 2)


def test_what_the_graph_network_reads(monkeypatch):
    model = a_model().eval()
    seen = []
    monkeypatch.setattr(model.graph, "forward", lambda data: seen.append(data.x) or data.x[:, :3])
    batch = a_batch()
    _, keypoints = model(batch)
    places = keypoints.view(2, 16, 2)
    torch.testing.assert_close(seen[0][:, :2], (places - places[:, :1]).flatten(0, 1))
    maps = model.backbone(batch.image)
    pixels = (keypoints + 1) * 32
    torch.testing.assert_close(seen[0][:, 2:], model.pool(maps[:-1], pixels))
    # The head's joints, from -0.5 to 0.5, are ours from -1 to 1.
    torch.testing.assert_close(keypoints, 2 * model.head(maps[-1]))


def test_wide_images(monkeypatch):
    """Pixels of the pool are those of the image, whatever its shape."""
    model, seen = a_model().eval(), []
    batch = a_batch()
    batch.image = torch.cat([batch.image, batch.image], dim=3)  # twice as wide
    monkeypatch.setattr(model.pool, "forward", lambda maps, x: seen.append(x) or x.repeat(1, 11))
    _, keypoints = model(batch)
    torch.testing.assert_close(seen[0], (keypoints + 1) * torch.tensor([64.0, 32.0]))


def test_leaves_the_batch_alone():
    batch = a_batch()
    before = batch.x.clone()
    a_model()(batch)
    assert torch.equal(batch.x, before)


def test_without_features_the_image_tells_the_joints_alone():
    model = a_model(2).eval()
    assert model.pool is None
    batch = a_batch()
    pose, keypoints = model(batch)
    places = keypoints.view(2, 16, 2)
    lifted = model.graph(batch_poses(H36M, places - places[:, :1]))
    torch.testing.assert_close(pose, lifted)


@pytest.mark.parametrize("in_channels", [2, 2 + FEATURES])
def test_every_parameter_learns_end_to_end(in_channels):
    model = a_model(in_channels, channelwise=True)
    model(a_batch(4)).pose.square().sum().backward()
    without = [n for n, p in model.named_parameters() if p.grad is None]
    assert without == []


def test_any_lifting_network():
    graph = MartinezMLP(H36M, in_channels=2 + FEATURES, hidden_channels=16)
    model = ImageLifter(ImageBackbone(SmallResNet(CHANNELS)), graph, head_channels=4)
    assert model(a_batch(4)).pose.shape == (64, 3)


def test_saves():
    batch = a_batch()

    class Poses(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = a_model()

        def forward(self, x):
            return self.model(batch).pose

    assert_state_dict_round_trip(Poses, batch.x)


def test_refuses_other_channels():
    message = (
        r"expected a graph network with 24 input channels \(the coordinates and the features of "
        r"ImageBackbone\(.*\)\) or 2 \(without features\), got 3"
    )
    with pytest.raises(ValueError, match=message):
        a_model(3)


def test_refuses_other_numbers_of_images():
    batch = a_batch()
    batch.image = batch.image[:1]
    with pytest.raises(ValueError, match="one image per body of 16 joints, got 1 images for 32 no"):
        a_model()(batch)
