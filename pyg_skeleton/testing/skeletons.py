"""Random skeletons."""

from __future__ import annotations

import random

from pyg_skeleton.skeleton.skeleton import Skeleton


def random_skeleton(num_joints: int, seed: int = 0) -> Skeleton:
    r"""A random tree of joints with random parts, the same one for the same arguments.

    Joints come in no particular order: the root is anywhere, and a parent may come after its
    child. Nothing is mirrored.

    Args:
        num_joints (int): Number of joints, at least one.
        seed (int, optional): Seed. (default: :obj:`0`)

    Raises:
        ValueError: If there are less than one joint.
    """
    if num_joints < 1:
        raise ValueError(f"A skeleton has at least one joint (got {num_joints})")
    draw = random.Random(f"{num_joints} {seed}")
    order = draw.sample(range(num_joints), num_joints)
    bones = [(order[i], order[draw.randrange(i)]) for i in range(1, num_joints)]
    draw.shuffle(bones)
    members = draw.sample(range(num_joints), num_joints)
    num_parts = draw.randint(1, min(5, num_joints))
    cuts = [0, *sorted(draw.sample(range(1, num_joints), num_parts - 1)), num_joints]
    parts = {f"part_{i}": tuple(sorted(members[cuts[i] : cuts[i + 1]])) for i in range(num_parts)}
    return Skeleton(
        name=f"random{num_joints}-{seed}",
        joints=tuple(f"joint_{i}" for i in range(num_joints)),
        bones=tuple(bones),
        root=order[0],
        parts=parts,
    )
