"""Replaces joints by bones, as nodes of the same body or of its dual."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.skeleton import Skeleton
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import as_graph, by_body, map_joints, relayout


@functional_transform("bones_from_joints")
class BonesFromJoints(SkeletonTransform):
    r"""Replaces each joint by the bone that leads to it (functional name:
    :obj:`bones_from_joints`).

    .. math::
        \mathbf{b}_v = \mathbf{x}_v - \mathbf{x}_{\mathrm{pa}(v)}

    The root, which has no parent, becomes a bone of length zero. With :obj:`dual`, the nodes are
    the bones themselves, and the edges are those of :meth:`~pyg_skeleton.skeleton.Skeleton.dual`,
    with the hops that the clip had before. A bone with a missing end is missing.

    Unlike :class:`Stream` with :obj:`"bone"`, which is for the inputs of recognition networks, it
    takes poses as well as clips, and converts the target, too.

    Args:
        skeleton (Skeleton or str): The layout, or its name.
        dual (bool, optional): Whether the nodes become the bones. (default: :obj:`False`)

    Raises:
        ValueError: If the clip is of another layout.
    """

    def __init__(self, skeleton: Skeleton | str, dual: bool = False) -> None:
        self.skeleton: Skeleton = as_graph(skeleton)
        self.dual = dual
        parents = enumerate(self.skeleton.parents)
        self._parents = torch.tensor([joint if up < 0 else up for joint, up in parents])

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Replaces the joints of a clip by bones."""
        if not self.dual:
            for key in ("visible", "target_visible"):
                if key in data:
                    mask = data[key]
                    data[key] = mask & self._of_parents(mask)
            return map_joints(data, lambda x: x - self._of_parents(x))
        child = torch.tensor([bone[0] for bone in self.skeleton.bones], device=data.x.device)
        parent = self._parents.to(data.x.device)[child]
        return relayout(
            data,
            self.skeleton,
            self.skeleton.dual(),
            lambda x: x[:, child] - x[:, parent],
            lambda mask: mask[:, child] & mask[:, parent],
            self.__class__.__name__,
        )

    def _of_parents(self, value: Tensor) -> Tensor:
        bodies = by_body(value, self.skeleton.num_joints, self.__class__.__name__)
        return bodies[:, self._parents.to(value.device)].flatten(0, 1)
