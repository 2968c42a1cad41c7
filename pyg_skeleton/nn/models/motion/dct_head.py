"""Motion prediction by linear layers over frequencies."""

import math

import torch
from torch import Tensor


class DCTHead(torch.nn.Module):
    r"""Continues a motion by linear layers over the coefficients of the discrete cosine transform,
    see :class:`~pyg_skeleton.nn.models.SiMLPe`. The untrained head predicts the last pose.

    Args:
        num_joints (int): The number of joints of a body.
        channels (int): Size of a joint's pose.
        num_frames (int): The number of frames that it reads, the last of a clip; before a shorter
            clip, its first frame is repeated.
        num_layers (int): The number of layers over the frames.

    Shapes:
        - **input:** bodies :math:`(B, V, T, C)`
        - **output:** the change from the last pose, :math:`(B, V, T', C)`
    """

    def __init__(self, num_joints: int, channels: int, num_frames: int, num_layers: int) -> None:
        super().__init__()
        self.num_frames, width = num_frames, num_joints * channels
        self.input, self.output = torch.nn.Linear(width, width), torch.nn.Linear(width, width)
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(num_frames, num_frames) for _ in range(num_layers)
        )
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(width) for _ in range(num_layers))
        for layer in (*self.layers, self.output):
            torch.nn.init.xavier_uniform_(layer.weight, gain=1e-8)
            torch.nn.init.zeros_(layer.bias)

    def forward(self, poses: Tensor, num_future: int) -> Tensor:
        """Returns the change of each predicted frame from the last observed one."""
        if not 0 < num_future <= self.num_frames:
            raise ValueError(
                f"expected num_future from 1 to num_frames={self.num_frames}, got {num_future}"
            )
        h = self._dct(poses).t() @ self.output(self.features(poses))
        return h[:, :num_future].unflatten(2, (poses.size(1), -1)).transpose(1, 2)

    def features(self, poses: Tensor) -> Tensor:
        """The coefficients before the last layer, ``[B, num_frames, V * C]``."""
        poses = poses[:, :, -self.num_frames :]
        missing = self.num_frames - poses.size(2)
        poses = torch.cat([poses[:, :, :1].expand(-1, -1, missing, -1), poses], dim=2)
        h: Tensor = self.input(self._dct(poses) @ poses.transpose(1, 2).flatten(2))
        for layer, norm in zip(self.layers, self.norms, strict=True):
            h = h + norm(layer(h.transpose(1, 2)).transpose(1, 2))
        return h

    def _dct(self, like: Tensor) -> Tensor:
        """The orthonormal matrix of the transform, ``[num_frames, num_frames]``."""
        size = self.num_frames
        time = torch.arange(size, dtype=like.dtype, device=like.device)
        matrix = torch.cos(math.pi / size * (time + 0.5) * time.unsqueeze(1)) * math.sqrt(2 / size)
        return torch.cat([matrix[:1] / math.sqrt(2), matrix[1:]])
