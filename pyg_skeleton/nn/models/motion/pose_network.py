"""Networks that continue poses in the units of the data."""

import math
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from pyg_skeleton.nn.models.motion.model import MotionModel, SymGNNOutput
from pyg_skeleton.nn.sums.graphs import Edges
from pyg_skeleton.skeleton import SkeletonLike


class PoseNetwork(MotionModel):
    r"""The base class of networks that continue each body for itself, all frames at once, from
    poses in the units of the data.

    A subclass sets :attr:`head`, a module with two methods: :obj:`features` from bodies
    :math:`(B, V, T, C)` to features :math:`(B, *, C')` before the last layer, and :obj:`forward`
    from bodies and :math:`T'` to the change from the last pose, :math:`(B, V, T', C)`. Its last
    layer is :obj:`head.output`.

    Args:
        skeleton (BodyGraph or str): The layout, or any graph.
        in_channels (int): Size of a joint's pose.
        num_future (int): The number of frames to predict.

    Shapes:
        - **input:** :class:`~pyg_skeleton.data.SkeletonData` with :obj:`x` of shape
          :math:`(\sum M \cdot V, T, C)` for clips of :math:`M` persons, or a batch
        - **output:** :class:`SymGNNOutput` with the prediction
          :math:`(\sum M \cdot V, T', C)`
    """

    class_layers: ClassVar[tuple[str, ...]] = ()
    head: torch.nn.Module

    def named_parts(self) -> dict[str, list[str]]:
        """Returns the parts that :meth:`freeze` knows: ``head`` is the last layer."""
        own = [f"head.{name}" for name, _ in self.head.named_children() if name != "output"]
        return {"backbone": own, "head": ["head.output"]}

    def forward_clips(
        self,
        x: Tensor,
        clip: Tensor | None = None,
        num_clips: int = 1,
        num_future: int | None = None,
        edges: Edges | None = None,
    ) -> SymGNNOutput:
        r"""The forward pass on plain tensors, for export.

        Args:
            x (torch.Tensor): The observed frames, :math:`(B \cdot V, T, C)`.
            clip (torch.Tensor, optional): Unused, as each body is continued for itself.
            num_clips (int, optional): Unused.
            num_future (int, optional): The number of frames to predict.
                (default: the network's)
            edges (Edges, optional): Unused, as the network does not see the bones.
        """
        if x.dim() != 3 or x.size(2) != self.in_channels:
            raise ValueError(f"expected x [nodes, T, {self.in_channels}], got {tuple(x.shape)}")
        frames = self.num_future if num_future is None else num_future
        std = self.std.unsqueeze(1)
        poses = x.view(-1, self.skeleton.num_joints, *x.shape[1:])
        motion = self.head(poses * std, frames) / std
        return SymGNNOutput(None, (poses[:, :, -1:] + motion).flatten(0, 1), None)

    def embed(
        self,
        clips: Any,
        layout: SkeletonLike | None = None,
        batch_size: int = 64,
        unit: str | None = None,
        frame_rate: float | None = None,
    ) -> np.ndarray:
        r"""Returns the features of clips before the last layer, their mean over frequencies or
        joints and over persons :math:`(N, C')`; see :meth:`predict` for the arguments.
        """
        V = self.skeleton.num_joints

        def features(data: Any) -> Tensor:
            self.check_bodies(data)
            poses = data.x.view(-1, V, *data.x.shape[1:])
            bodies = self.head.features(poses * self.std.unsqueeze(1))  # type: ignore[operator]
            clip = data.batch[::V]
            total = bodies.new_zeros(data.num_graphs, bodies.size(2))
            total.index_add_(0, clip, bodies.mean(dim=1))
            return total / torch.bincount(clip, minlength=data.num_graphs).unsqueeze(1)

        data = self.read_clips(clips, layout, None, unit, frame_rate)
        output = list(self.run_clips(features, data, batch_size))
        return torch.cat(output).float().cpu().numpy()


def last_frames(poses: Tensor, num_frames: int) -> Tensor:
    r"""Returns the last frames of bodies :math:`(B, V, T, C)`; before shorter ones, the first
    frame is repeated.
    """
    poses = poses[:, :, -num_frames:]
    missing = num_frames - poses.size(2)
    return torch.cat([poses[:, :, :1].expand(-1, -1, missing, -1), poses], dim=2)


def cosine_transform(size: int, like: Tensor) -> Tensor:
    """Returns the orthonormal matrix of the discrete cosine transform, ``[size, size]``."""
    time = torch.arange(size, dtype=like.dtype, device=like.device)
    matrix = torch.cos(math.pi / size * (time + 0.5) * time.unsqueeze(1)) * math.sqrt(2 / size)
    return torch.cat([matrix[:1] / math.sqrt(2), matrix[1:]])
