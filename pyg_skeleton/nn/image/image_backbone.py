from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class ImageBackbone(torch.nn.Module):
    r"""Wraps a backbone of any library: images in, the feature maps of the stages out.

    A ResNet of torchvision, timm or transformers is taken apart into its stem (`conv_1`, before
    the max pooling) and its four stages (`conv_2` to `conv_5`), with its weights; what follows them
    is left out. Any other network must return its maps itself: as a list, like timm's networks with
    :obj:`features_only=True`, or as an object with :obj:`feature_maps`, like transformers'
    backbones.

    .. code-block:: python

        ImageBackbone(torchvision.models.resnet50(weights="DEFAULT"))
        ImageBackbone(timm.create_model("resnet50", pretrained=True))
        ImageBackbone(transformers.AutoModel.from_pretrained("microsoft/resnet-50"))

    Args:
        network (torch.nn.Module): The network.
        mean (sequence of float, optional): The mean of red, green and blue that the network
            expects to be subtracted. (default: ImageNet's)
        std (sequence of float, optional): Their standard deviation. (default: ImageNet's)

    Shapes:
        - **images:** bytes, or numbers from 0 to 1, :math:`(B, 3, H, W)`
        - **output:** :math:`(B, C_i, H / s_i, W / s_i)` each, with :math:`C_i` in :attr:`channels`
          and :math:`s_i` in :attr:`strides`

    Raises:
        ValueError: If the network returns no feature maps.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        network: torch.nn.Module,
        mean: Sequence[float] = IMAGENET_MEAN,
        std: Sequence[float] = IMAGENET_STD,
    ) -> None:
        super().__init__()
        stages = _stages(network)
        self.network = network if stages is None else _Chain(*stages)
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)
        maps = self._probe()
        #: The channels of each map.
        self.channels: tuple[int, ...] = tuple(x.size(1) for x in maps)
        #: Pixels per cell of each map.
        self.strides: tuple[int, ...] = tuple(64 // x.size(-1) for x in maps)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Returns the maps of the stages."""
        if images.dim() != 4 or images.size(1) != 3:
            raise ValueError(f"expected images of shape [B, 3, H, W], got {list(images.shape)}")
        if not images.is_floating_point():
            images = images.to(self.mean.dtype) / 255
        return self._maps((images - self.mean) / self.std)

    def _maps(self, x: Tensor) -> list[Tensor]:
        out = self.network(x)
        return list(getattr(out, "feature_maps", out))

    def _probe(self) -> list[Tensor]:
        """The maps of a small image, without a change of running statistics."""
        modes = [(module, module.training) for module in self.network.modules()]
        weight = next(self.network.parameters(), self.mean)
        image = torch.zeros(1, 3, 64, 64, device=weight.device, dtype=weight.dtype)
        try:
            with torch.no_grad():
                maps = self.eval()._maps(image)
        except TypeError:
            maps = []
        finally:
            for module, mode in modes:
                module.training = mode
            self.training = self.network.training
        if len(maps) < 2 or any(not isinstance(x, Tensor) or x.dim() != 4 for x in maps):
            raise ValueError(
                f"{type(self.network).__name__} returns no list of feature maps [B, C, H, W] "
                "(timm: features_only=True; transformers: output every stage)"
            )
        return maps

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}({type(self.network).__name__}, "
            f"channels={list(self.channels)}, strides={list(self.strides)})"
        )


class _Chain(torch.nn.Sequential):
    """Stages in sequence that return all their maps."""

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for stage in self:
            x = stage(x)
            maps.append(x)
        return maps


def _stages(network: Any) -> list[torch.nn.Module] | None:
    """The stem and the stages of a ResNet, by the names of its library."""
    in_one = torch.nn.Sequential
    if _has(network, "conv1", "bn1", "maxpool", "layer1", "layer2", "layer3", "layer4"):
        # torchvision says relu, timm act1.
        activation = network.relu if hasattr(network, "relu") else network.act1
        stem = in_one(network.conv1, network.bn1, activation)
        first = in_one(network.maxpool, network.layer1)
        return [stem, first, network.layer2, network.layer3, network.layer4]
    if _has(network, "embedder", "encoder") and _has(network.embedder, "embedder", "pooler"):
        first, *others = network.encoder.stages
        return [network.embedder.embedder, in_one(network.embedder.pooler, first), *others]
    return None


def _has(network: Any, *names: str) -> bool:
    return all(hasattr(network, name) for name in names)
