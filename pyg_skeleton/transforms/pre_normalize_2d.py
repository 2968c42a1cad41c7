"""Scales pixels by the size of the picture."""

from __future__ import annotations

import torch
from torch_geometric.data import Batch
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.skeleton.plausible import check_image_size
from pyg_skeleton.transforms.base import SkeletonTransform


@functional_transform("pre_normalize_2d")
class PreNormalize2D(SkeletonTransform):
    r"""Maps pixels to :math:`[-1, 1]`, width and height each on their own, as `pyskl
    <https://github.com/kennymckormick/pyskl>`_ does (functional name: :obj:`pre_normalize_2d`).

    .. math::
        u \leftarrow \frac{u - w / 2}{w / 2}, \qquad v \leftarrow \frac{v - h / 2}{h / 2}

    The first two channels of `x` are pixels; further ones do not change.

    Args:
        image_size (tuple of int, optional): Width and height of clips without the field
            `image_size`. (default: :obj:`(1920, 1080)`)

    Raises:
        ValueError: If the joints only fit the picture with width and height swapped.
    """

    def __init__(self, image_size: tuple[int, int] = (1920, 1080)) -> None:
        self.image_size = image_size

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Scales the pixels of a clip."""
        if isinstance(data, Batch):
            raise ValueError("PreNormalize2D takes clips, not batches")
        size = data._store.get("image_size")
        width, height = self.image_size if size is None else size[0].tolist()
        check_image_size(data.x[..., :2], width, height)
        half = data.x.new_tensor([width, height]) / 2
        data.x = torch.cat([(data.x[..., :2] - half) / half, data.x[..., 2:]], dim=-1)
        return data
