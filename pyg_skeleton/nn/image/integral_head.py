import torch
from torch import Tensor

from pyg_skeleton.nn.image.integral import soft_argmax


class IntegralHead(torch.nn.Module):
    r"""The 2-D head of the `"Integral Human Pose Regression" <https://arxiv.org/abs/1711.08229>`_
    paper, which SemGCN (`section 5.1 <https://arxiv.org/abs/1904.03345>`_) takes its joints from:
    three deconvolutions, a heat map per joint, and its mean (:func:`soft_argmax`).

    Each deconvolution doubles the map (kernel 4, stride 2) and is followed by batch normalization
    and ReLU; from a ResNet's last map, 1/32 of the image, to heat maps of 1/4 of it.

    Args:
        in_channels (int): The channels of the backbone's last map.
        num_joints (int): The number :math:`V` of joints.
        hidden_channels (int, optional): The channels of the deconvolutions. (default: :obj:`256`)
        num_layers (int, optional): The number of deconvolutions. (default: :obj:`3`)

    Shapes:
        - **input:** :math:`(B, C, H, W)`
        - **output:** x and y of each joint, -0.5 at the left and upper border of the image, 0.5 at
          the others, :math:`(B \cdot V, 2)`
    """

    def __init__(
        self,
        in_channels: int,
        num_joints: int,
        hidden_channels: int = 256,
        num_layers: int = 3,
    ) -> None:
        super().__init__()
        layers: list[torch.nn.Module] = []
        for i in range(num_layers):
            channels = hidden_channels if i else in_channels
            layers += [
                torch.nn.ConvTranspose2d(channels, hidden_channels, 4, 2, padding=1, bias=False),
                torch.nn.BatchNorm2d(hidden_channels),
                torch.nn.ReLU(),
            ]
        self.deconv = torch.nn.Sequential(*layers)
        self.out = torch.nn.Conv2d(hidden_channels if num_layers else in_channels, num_joints, 1)
        for layer in (*layers, self.out):
            if isinstance(layer, torch.nn.ConvTranspose2d | torch.nn.Conv2d):
                torch.nn.init.normal_(layer.weight, std=0.001)
            if isinstance(layer, torch.nn.Conv2d) and layer.bias is not None:
                torch.nn.init.zeros_(layer.bias)

    def heatmaps(self, x: Tensor) -> Tensor:
        """The maps before the softmax, ``[B, V, 8 * H, 8 * W]``."""
        return self.out(self.deconv(x))

    def forward(self, x: Tensor) -> Tensor:
        """Returns the joints."""
        return soft_argmax(self.heatmaps(x)).flatten(0, 1)

    def __repr__(self) -> str:
        first = self.deconv[0] if len(self.deconv) else self.out
        return f"{self.__class__.__name__}({first.in_channels}, {self.out.out_channels})"
