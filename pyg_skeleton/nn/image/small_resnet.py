from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor


class SmallResNet(torch.nn.Module):
    r"""A narrow residual network that returns its stages, for small images and machines.

    The maps are those of the `"Deep Residual Learning" <https://arxiv.org/abs/1512.03385>`_ paper's
    networks: a stem and four stages, each half as large as the one before. A stage is one block of
    two convolutions.

    Args:
        channels (sequence of int, optional): The channels of the stem and of the stages.
            (default: :obj:`(16, 32, 48, 64, 96)`)

    Shapes:
        - **input:** :math:`(B, 3, H, W)`
        - **output:** :math:`(B, C_i, H / 2^{i + 1}, W / 2^{i + 1})` for :math:`i = 0, \ldots, 4`
    """

    def __init__(self, channels: Sequence[int] = (16, 32, 48, 64, 96)) -> None:
        super().__init__()
        self.stem = torch.nn.Sequential(
            torch.nn.Conv2d(3, channels[0], 5, 2, padding=2, bias=False),
            torch.nn.BatchNorm2d(channels[0]),
            torch.nn.ReLU(),
        )
        self.stages = torch.nn.ModuleList([_Block(*pair) for pair in pairwise(channels)])

    def forward(self, images: Tensor) -> list[Tensor]:
        """Returns the maps of the stem and of each stage."""
        maps = [self.stem(images)]
        for stage in self.stages:
            maps.append(stage(maps[-1]))
        return maps


class _Block(torch.nn.Module):
    """Two convolutions and a shortcut, to half the size."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.main = torch.nn.Sequential(
            torch.nn.Conv2d(in_channels, out_channels, 3, 2, padding=1, bias=False),
            torch.nn.BatchNorm2d(out_channels),
            torch.nn.ReLU(),
            torch.nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            torch.nn.BatchNorm2d(out_channels),
        )
        self.shortcut = torch.nn.Sequential(
            torch.nn.Conv2d(in_channels, out_channels, 1, 2, bias=False),
            torch.nn.BatchNorm2d(out_channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.main(x) + self.shortcut(x))
