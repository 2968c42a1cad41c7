from types import SimpleNamespace

import pytest
import torch
from torch.nn import (
    BatchNorm2d,
    Conv2d,
    Identity,
    Linear,
    MaxPool2d,
    Module,
    ModuleList,
    ReLU,
    Sequential,
)

from pyg_skeleton.nn import ImageBackbone, SmallResNet

CHANNELS = (4, 6, 8, 10, 12)


def stage(i):
    return Conv2d(CHANNELS[i - 1], CHANNELS[i], 3, 1 + (i > 1), padding=1)


class LikeTorchvision(Module):
    """A ResNet with the names of torchvision; timm's differ in the activation's."""

    def __init__(self, activation="relu"):
        super().__init__()
        self.conv1 = Conv2d(3, CHANNELS[0], 7, 2, padding=3)
        self.bn1 = BatchNorm2d(CHANNELS[0])
        self.add_module(activation, ReLU())
        self.maxpool = MaxPool2d(3, 2, padding=1)
        for i in range(1, 5):
            self.add_module(f"layer{i}", stage(i))
        self.avgpool, self.fc = Identity(), Linear(CHANNELS[-1], 1000)

    def forward(self, x):
        raise AssertionError("the classifier is of no use here")

    def maps(self, x):
        activation = self.relu if hasattr(self, "relu") else self.act1
        out = [activation(self.bn1(self.conv1(x)))]
        x = self.maxpool(out[0])
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
            out.append(x)
        return out


class LikeTransformers(Module):
    """A ResNetModel of transformers."""

    def __init__(self):
        super().__init__()
        self.embedder, self.encoder = Module(), Module()
        self.embedder.embedder = Sequential(Conv2d(3, CHANNELS[0], 7, 2, padding=3), ReLU())
        self.embedder.pooler = MaxPool2d(3, 2, padding=1)
        self.encoder.stages = ModuleList([stage(i) for i in range(1, 5)])
        self.pooler = Identity()

    def maps(self, x):
        out = [self.embedder.embedder(x)]
        x = self.embedder.pooler(out[0])
        for layer in self.encoder.stages:
            x = layer(x)
            out.append(x)
        return out


class FeaturesOnly(Module):
    """A network that returns maps itself: timm's features_only, transformers' backbones."""

    def __init__(self, wrap):
        super().__init__()
        self.network, self.wrap = SmallResNet(CHANNELS), wrap

    def forward(self, x):
        return self.wrap(self.network(x))


@pytest.mark.parametrize(
    "network",
    [LikeTorchvision(), LikeTorchvision("act1"), LikeTransformers()],
    ids=["torchvision", "timm", "transformers"],
)
def test_takes_a_resnet_apart(network):
    network.eval()
    backbone = ImageBackbone(network).eval()
    assert backbone.channels == CHANNELS
    assert backbone.strides == (2, 4, 8, 16, 32)
    images = torch.rand(2, 3, 64, 96)
    mean = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
    expected = network.maps((images - mean) / std)
    for x, y in zip(backbone(images), expected, strict=True):
        torch.testing.assert_close(x, y)
    # The very weights of the network, but those behind the last stage.
    own = {id(p) for p in backbone.parameters()}
    rest = [name for name, p in network.named_parameters() if id(p) not in own]
    assert rest == (["fc.weight", "fc.bias"] if hasattr(network, "fc") else [])
    assert own <= {id(p) for p in network.parameters()}


@pytest.mark.parametrize(
    "wrap", [list, tuple, lambda maps: SimpleNamespace(feature_maps=tuple(maps))]
)
def test_takes_what_returns_maps(wrap):
    network = FeaturesOnly(wrap)
    backbone = ImageBackbone(network, mean=(0, 0, 0), std=(1, 1, 1))
    assert backbone.channels == CHANNELS
    assert backbone.strides == (2, 4, 8, 16, 32)
    images = torch.rand(2, 3, 32, 32)
    for x, y in zip(backbone(images), network.network(images), strict=True):
        torch.testing.assert_close(x, y)


def test_bytes_are_shares():
    backbone = ImageBackbone(SmallResNet((4, 6))).eval()
    images = torch.randint(0, 256, (2, 3, 8, 8), dtype=torch.uint8)
    for x, y in zip(backbone(images), backbone(images / 255.0), strict=True):
        torch.testing.assert_close(x, y)


def test_looking_at_the_network_leaves_no_trace():
    network = SmallResNet((4, 6))
    network.stages[0].eval()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    backbone = ImageBackbone(network)
    assert backbone.training
    assert [module.training for module in network.modules()] == modes
    assert all(torch.equal(before[key], value) for key, value in network.state_dict().items())


@pytest.mark.parametrize("network", [Conv2d(3, 4, 3), Sequential(Conv2d(3, 4, 3)), Identity()])
def test_refuses_what_returns_no_maps(network):
    with pytest.raises(ValueError, match=f"{type(network).__name__} returns no list of feature ma"):
        ImageBackbone(network)


def test_refuses_what_is_no_image():
    with pytest.raises(ValueError, match=r"images of shape \[B, 3, H, W\], got \[2, 8, 8, 3\]"):
        ImageBackbone(SmallResNet((4, 6)))(torch.zeros(2, 8, 8, 3))


def test_repr():
    expected = "ImageBackbone(SmallResNet, channels=[4, 6], strides=[2, 4])"
    assert repr(ImageBackbone(SmallResNet((4, 6)))) == expected


# The libraries themselves, where they are installed ###############################################


def assert_like_resnet50(backbone):
    assert backbone.channels == (64, 256, 512, 1024, 2048)
    assert backbone.strides == (2, 4, 8, 16, 32)
    assert [x.size(1) for x in backbone(torch.rand(1, 3, 64, 64))] == list(backbone.channels)


def test_torchvision():
    models = pytest.importorskip("torchvision.models")
    network = models.resnet50().eval()
    backbone = ImageBackbone(network, (0, 0, 0), (1, 1, 1)).eval()
    assert_like_resnet50(backbone)
    images = torch.rand(2, 3, 64, 64)
    last = backbone(images)[-1].mean((2, 3))
    torch.testing.assert_close(network.fc(last), network(images))


def test_timm():
    timm = pytest.importorskip("timm")
    network = timm.create_model("resnet50").eval()
    backbone = ImageBackbone(network, (0, 0, 0), (1, 1, 1)).eval()
    assert_like_resnet50(backbone)
    images = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(backbone(images)[-1], network.forward_features(images))
    assert_like_resnet50(ImageBackbone(timm.create_model("resnet50", features_only=True)))


def test_transformers():
    transformers = pytest.importorskip("transformers")
    network = transformers.ResNetModel(transformers.ResNetConfig()).eval()
    backbone = ImageBackbone(network, (0, 0, 0), (1, 1, 1)).eval()
    assert_like_resnet50(backbone)
    images = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(backbone(images)[-1], network(images).last_hidden_state)
    stages = ["stem", "stage1", "stage2", "stage3", "stage4"]
    config = transformers.ResNetConfig(out_features=stages)
    assert_like_resnet50(ImageBackbone(transformers.ResNetBackbone(config)))
