"""Turns clips by half a turn about x."""

from __future__ import annotations

from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import map_joints


@functional_transform("turn_upright")
class TurnUpright(SkeletonTransform):
    r"""Turns clips by half a turn about x, for cameras whose y points downwards, such as VIBE's
    (functional name: :obj:`turn_upright`).

    .. math::
        (x, y, z) \leftarrow (x, -y, -z)

    Unlike a change of the sign of y alone, it does not swap left and right. The target turns, too.

    Raises:
        ValueError: If the joints are not in three dimensions.
    """

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Turns a clip."""
        if data.x.size(-1) != 3:
            raise ValueError(f"TurnUpright needs 3 channels, x is {list(data.x.shape)}")
        sign = data.x.new_tensor([1.0, -1.0, -1.0])
        return map_joints(data, lambda x: x * sign)
