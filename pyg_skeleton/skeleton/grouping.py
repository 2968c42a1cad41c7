"""Groups of joints for pooling."""

from __future__ import annotations

from collections.abc import Sequence

from pyg_skeleton.skeleton.body_graph import BodyGraph
from pyg_skeleton.skeleton.skeleton import Skeleton


def node_groups(
    skeleton: BodyGraph, groups: str | Sequence[Sequence[str]] = "pairs"
) -> list[list[int]]:
    """Groups the joints of a layout so that each joint is in exactly one group.

    The pairs generalize those of the `"Semantic Graph Convolutional Networks for 3D Human Pose
    Regression" <https://arxiv.org/abs/1904.03345>`_ paper (Fig. 6) to any layout: first the end of
    each limb with its parent, then the remaining mirror pairs, then the remaining neighbors. Joints
    without a partner form a group of their own.

    Args:
        skeleton (BodyGraph): The layout; a graph without bones is grouped along its edges.
        groups (str or sequence, optional): :obj:`"pairs"`, :obj:`"none"` (each joint alone), or
            lists of joint names. (default: :obj:`"pairs"`)

    Raises:
        ValueError: If a joint is unknown, in no group or in several groups.
    """
    if groups == "none":
        return [[v] for v in range(skeleton.num_joints)]
    if groups == "pairs":
        return _pairs(skeleton)
    if isinstance(groups, str):
        raise ValueError(f"expected groups 'pairs', 'none' or lists of joints, got {groups!r}")
    ids = [[skeleton.joint_id(name) for name in group] for group in groups]
    count = [sum(v in group for group in ids) for v in range(skeleton.num_joints)]
    for v, times in enumerate(count):
        if times != 1 or not all(ids):
            name = skeleton.joints[v] if times != 1 else "(an empty group)"
            raise ValueError(f"expected every joint in one group, got {name!r} in {times}")
    return ids


def _pairs(skeleton: BodyGraph) -> list[list[int]]:
    bones = skeleton.bones if isinstance(skeleton, Skeleton) else skeleton.edges
    mirror = skeleton.mirror if isinstance(skeleton, Skeleton) else ()
    children = {child for child, _ in bones}
    parents = {parent for _, parent in bones}
    limbs = [(p, c) for c, p in bones if c not in parents and p in children]
    pairs: list[list[int]] = []
    free = set(range(skeleton.num_joints))
    for a, b in [*limbs, *mirror, *((p, c) for c, p in bones)]:
        if a in free and b in free:
            free -= {a, b}
            pairs.append([a, b])
    return [*pairs, *([v] for v in sorted(free))]
