"""Keeps the first frames of a clip."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import need_frames, select_frames


@functional_transform("observation_ratio")
class ObservationRatio(SkeletonTransform):
    r"""Keeps the first frames of a clip, and optionally turns the following frames into the target
    (functional name: :obj:`observation_ratio`).

    Of :math:`T` frames it keeps :math:`r T`, rounded to the nearest number, and at least one.

    Args:
        ratio (float): The ratio :math:`r`, above 0 and up to 1.
        future (int or str, optional): The number of following frames that become the target, or
            :obj:`"all"`. These are the rest of the clip and then the frames of its present target.
            With :obj:`None`, the target does not change; with 0, it is removed.
            (default: :obj:`None`)

    Raises:
        ValueError: If there are fewer following frames.
    """

    def __init__(self, ratio: float, future: int | Literal["all"] | None = None) -> None:
        if not 0 < ratio <= 1:
            raise ValueError(f"ratio must be above 0 and at most 1, got {ratio}")
        if future not in ("all", None) and not (isinstance(future, int) and future >= 0):
            raise ValueError(f"future must be a number of frames, 'all' or None, got {future!r}")
        self.ratio = ratio
        self.future = future

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Cuts a clip."""
        keep = max(int(self.ratio * need_frames(data, "ObservationRatio") + 0.5), 1)
        if self.future is not None:
            following = _join(data.x[:, keep:], data._store.get("target"))
            wanted = following.size(1) if self.future == "all" else int(self.future)
            if wanted > following.size(1) or (self.future == "all" and wanted == 0):
                raise ValueError(
                    f"{self} needs {self.future} frames after the first {keep}, "
                    f"there are {following.size(1)}"
                )
            visible, future_visible = (data._store.get(k) for k in ("visible", "target_visible"))
            for key in ("target", "target_visible"):
                if key in data:
                    del data[key]
            if wanted:
                data.target = following[:, :wanted]
                if visible is not None:
                    data.target_visible = _join(visible[:, keep:], future_visible)[:, :wanted]
        return select_frames(data, slice(keep))


def _join(rest: Tensor, target: Tensor | None) -> Tensor:
    if target is None:
        return rest
    if rest.shape[2:] != target.shape[2:]:
        raise ValueError(
            f"x and target must have the same channels, got {list(rest.shape)} and "
            f"{list(target.shape)}"
        )
    return torch.cat([rest, target], dim=1)
