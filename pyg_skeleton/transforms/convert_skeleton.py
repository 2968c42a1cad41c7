"""Converts clips to another layout."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.data.to_data import Missing
from pyg_skeleton.skeleton import BodyGraph, Skeleton
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import VISIBLE, as_graph, relayout


@functional_transform("convert_skeleton")
class ConvertSkeleton(SkeletonTransform):
    r"""Converts clips of positions to another layout, joint by joint of the same name (functional
    name: :obj:`convert_skeleton`).

    Some joints are the mean of others, see
    :meth:`~pyg_skeleton.skeleton.Skeleton.converter_from`. The target is converted in the same way.
    A joint is missing if a joint that it is made of is. To keep some joints of a layout, without a
    named layout for them, use :class:`SelectJoints`.

    Args:
        source (BodyGraph or str): The layout of the clips, or its name.
        target (Skeleton or str): The layout to convert to, or its name.
        missing (str, optional): How to treat joints that the source lacks: :obj:`"error"` refuses
            them, :obj:`"mask"` sets them to zero and marks them in `visible` and `target_visible`.
            (default: :obj:`"error"`)

    Raises:
        ValueError: If the source lacks joints; or if a clip has another layout.
    """

    def __init__(
        self, source: BodyGraph | str, target: Skeleton | str, missing: Missing = "error"
    ) -> None:
        if missing not in ("error", "mask"):
            raise ValueError(f"missing must be 'error' or 'mask', got {missing!r}")
        self.source: BodyGraph = as_graph(source)
        self.target: Skeleton = as_graph(target)
        self.missing = missing
        self.converter = self.target.converter_from(self.source)
        if self.converter.missing and missing == "error":
            raise ValueError(
                f"{self.source.name!r} lacks joints of {self.target.name!r}: "
                f"{', '.join(self.converter.missing)}; pass missing='mask' to mark them as missing"
            )

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Converts a clip to the target layout."""
        if self.converter.missing:
            for key, mask_key in VISIBLE.items():
                if key in data and mask_key not in data:
                    data[mask_key] = torch.ones_like(data[key][..., 0], dtype=torch.bool)
        return relayout(
            data,
            self.source,
            self.target,
            lambda x: self.converter(x, dim=1, fill=0.0),
            self._all_seen,
            self.__class__.__name__,
        )

    def _all_seen(self, mask: Tensor) -> Tensor:
        gone = self.converter((~mask).float(), dim=1, fill=1.0)
        return gone == 0
