"""Moves the origin to where the first person is first seen."""

from __future__ import annotations

from torch_geometric.data.datapipes import functional_transform

from pyg_skeleton.data import SkeletonData
from pyg_skeleton.transforms.base import SkeletonTransform
from pyg_skeleton.transforms.utils import by_body, frames_there, masked, need_frames


@functional_transform("first_seen_origin")
class FirstSeenOrigin(SkeletonTransform):
    r"""Moves the origin to a joint of the first person, in the first frame in which that person is
    present, as the preparation of NTU by CTR-GCN and SGN does (functional name:
    :obj:`first_seen_origin`).

    All persons and frames move by the same vector. A person who is absent in a frame, with all
    joints zero, stays zero, and so do missing joints.

    Args:
        joint (int, optional): The joint. (default: :obj:`1`, the spine)
    """

    def __init__(self, joint: int = 1) -> None:
        self.joint = joint

    def forward(self, data: SkeletonData) -> SkeletonData:
        """Moves the origin of a clip."""
        need_frames(data, "FirstSeenOrigin")
        num_joints = data.num_joints
        if not 0 <= self.joint < num_joints:
            raise ValueError(f"{self} got clips of {num_joints} joints")
        bodies = by_body(data.x, num_joints, "FirstSeenOrigin")
        there, visible = frames_there(data), data._store.get("visible")
        known = there[0] if visible is None else there[0] & visible[self.joint]
        # The first of equal values: 0 if the first person is never there.
        frame = int(known.int().argmax())
        origin = bodies[0, self.joint, frame]
        moved = ((bodies - origin) * there[:, None, :, None]).view_as(data.x)
        data.x = masked(moved, visible)
        return data
