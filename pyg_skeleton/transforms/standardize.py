"""Normalizes to zero mean and unit variance, and back."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import overload

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import by_body, map_joints


@functional_transform("skeleton_standardize")
class Standardize(SkeletonTransform):
    r"""Normalizes each channel of each joint, in `x` and in the target (functional name:
    :obj:`skeleton_standardize`).

    .. math::
        \mathbf{x} \leftarrow (\mathbf{x} - \mu) / \sigma

    :meth:`inverse` undoes it. Missing joints stay zero.

    Args:
        mean (torch.Tensor): The mean :math:`\mu`.
        std (torch.Tensor): The standard deviation :math:`\sigma`.

    Shapes:
        - **mean, std:** :math:`(V, C)`, the same for all persons

    Raises:
        ValueError: If the shapes do not fit, or a standard deviation is not positive.
    """

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        self.mean = torch.as_tensor(mean).detach()
        self.std = torch.as_tensor(std).detach()
        if self.mean.dim() != 2 or self.mean.shape != self.std.shape:
            raise ValueError(
                f"mean and std must be [V, C], got {list(self.mean.shape)} and "
                f"{list(self.std.shape)}"
            )
        if not bool(self.mean.isfinite().all()):
            raise ValueError("mean must be finite")
        bad = ~((self.std > 0) & self.std.isfinite())
        if bool(bad.any()):
            joint, channel = bad.nonzero()[0].tolist()
            raise ValueError(
                f"std must be above 0 and finite, got {float(self.std[joint, channel])} for "
                f"channel {channel} of joint {joint}; use 1 for what never changes"
            )

    @classmethod
    def fit(cls, clips: Iterable[SkeletonData], eps: float = 1e-4) -> Standardize:
        """Creates the transform from the statistics of the `x` of clips, without missing joints.

        Args:
            clips (iterable of SkeletonData): The clips, all of one layout.
            eps (float, optional): A standard deviation below this is set to 1, in the unit of
                `x`. (default: :obj:`1e-4`)
        """
        count = total = square = shift = torch.zeros(())
        for clip in clips:
            bodies = by_body(clip.x.double(), clip.num_joints, cls.__name__)
            seen = torch.ones(bodies.shape[:-1], dtype=torch.double)
            if "visible" in clip:
                seen = by_body(clip.visible.double(), clip.num_joints, cls.__name__)
            seen = seen.unsqueeze(-1).expand_as(bodies)
            dims = [dim for dim in range(bodies.dim()) if dim not in (1, bodies.dim() - 1)]
            if not count.dim():
                # Relative to a value of similar size, so that squares do not cancel.
                shift = (bodies * seen).sum(dims) / seen.sum(dims).clamp(min=1)
            moved = (bodies - shift.view(1, *shift.shape[:1], *[1] * (bodies.dim() - 3), -1)) * seen
            count = count + seen.sum(dims)
            total = total + moved.sum(dims)
            square = square + (moved * moved).sum(dims)
        if not count.dim():
            raise ValueError("there are no clips to fit")
        mean = total / count.clamp(min=1)
        std = (square / count.clamp(min=1) - mean * mean).clamp(min=0).sqrt()
        dtype = torch.get_default_dtype()
        return cls((mean + shift).to(dtype), torch.where(std < eps, 1.0, std).to(dtype))

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Normalizes a clip."""
        return map_joints(data, lambda x: self._affine(x, inverse=False))

    @overload
    def inverse(self, value: Tensor) -> Tensor: ...

    @overload
    def inverse(self, value: SkeletonData) -> SkeletonData: ...

    def inverse(self, value: Tensor | SkeletonData) -> Tensor | SkeletonData:
        """Undoes the normalization of a clip, of a batch or of joints :math:`(M V, ..., C)`."""
        if isinstance(value, Tensor):
            return self._affine(value, inverse=True)
        return map_joints(copy.copy(value), lambda x: self._affine(x, inverse=True))

    def _affine(self, x: Tensor, inverse: bool) -> Tensor:
        num_joints, channels = self.mean.shape
        if x.size(-1) != channels:
            raise ValueError(f"{self} got {x.size(-1)} channels, in {list(x.shape)}")
        bodies = by_body(x, num_joints, self.__class__.__name__)
        shape = (num_joints, *[1] * (x.dim() - 2), channels)
        mean, std = (s.to(x.device, x.dtype).view(shape) for s in (self.mean, self.std))
        return (bodies * std + mean if inverse else (bodies - mean) / std).view_as(x)
