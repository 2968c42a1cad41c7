"""The joints that two layouts share."""

from __future__ import annotations

from collections.abc import Sequence

from pyg_skeleton.skeleton.converter import JointConverter
from pyg_skeleton.skeleton.skeleton import Skeleton


def shared_skeleton(
    a: Skeleton, b: Skeleton, name: str | None = None, derive: bool = False
) -> Skeleton:
    r"""Builds the skeleton of the joints that two layouts share, to compare clips of both.

    Joints are matched by name and keep the order of **a**. The parent of a joint is its nearest
    shared ancestor. The root is the root of **a** if it is shared, otherwise the shared joint
    closest to it; joints without a shared ancestor are attached to the root. Parts and mirror pairs
    are kept. Use :meth:`~Skeleton.converter_from` to convert clips to it.

    Args:
        a (Skeleton): The first layout.
        b (Skeleton): The second layout.
        name (str, optional): The name of the skeleton. If :obj:`None`, :obj:`"shared-{a}-{b}"`.
            (default: :obj:`None`)
        derive (bool, optional): If set to :obj:`True`, includes joints that exist in one layout and
            can be derived in the other (see :class:`JointConverter`), unless they repeat a shared
            joint under another name. (default: :obj:`False`)

    Raises:
        ValueError: If the layouts share no joint; the message lists the joints of both.
    """
    from_a = [joint for joint in a.joints if joint in b.joints]
    from_b: list[str] = []
    if derive:
        taken = set(from_a)
        _take_derivable(a, b, taken)
        from_a = [joint for joint in a.joints if joint in taken]
        _take_derivable(b, a, taken)
        from_b = [joint for joint in b.joints if joint in taken.difference(from_a)]
    joints = from_a + from_b
    if not joints:
        raise ValueError(
            f"{a.name!r} and {b.name!r} share no joint: {', '.join(a.joints)} against "
            f"{', '.join(b.joints)}"
        )
    root = min(from_a or from_b, key=lambda joint: _steps_to_root(a if from_a else b, joint))
    bones = []
    for joint in joints:
        above = [up for up in _ancestors(a if joint in from_a else b, joint) if up in joints]
        if joint != root:
            bones.append((joint, above[0] if above else root))
    pairs = dict.fromkeys(
        (s.joints[left], s.joints[right]) for s in (a, b) for left, right in s.mirror
    )
    mirror = [pair for pair in pairs if set(pair) <= set(joints)]
    name = name or f"shared-{a.name}-{b.name}"
    return Skeleton(name, joints, bones, root, _parts(a, b, joints), mirror)


def _take_derivable(have: Skeleton, other: Skeleton, taken: set[str]) -> None:
    """Adds the joints of `have` that `other` can derive, without duplicates in either layout."""
    forth, back = JointConverter(other, have).derived, JointConverter(have, other).derived
    seen = taken | {forth.get(joint, joint) for joint in taken}
    seen |= {back[joint] for joint in taken if joint in back}
    for joint in have.joints:
        formula = forth.get(joint)
        if formula is not None and joint not in seen and formula not in seen:
            taken.add(joint)
            seen |= {joint, formula}


def _ancestors(skeleton: Skeleton, joint: str) -> list[str]:
    """Returns the ancestors of a joint, starting with its parent."""
    parents, out = skeleton.parents, []
    at = parents[skeleton.joint_id(joint)]
    while at >= 0:
        out.append(skeleton.joints[at])
        at = parents[at]
    return out


def _steps_to_root(skeleton: Skeleton, joint: str) -> int:
    return len(_ancestors(skeleton, joint))


def _parts(a: Skeleton, b: Skeleton, joints: Sequence[str]) -> dict[str, list[str]]:
    """Returns the joints of each part, empty if a joint belongs to no part."""
    part_of = {s.joints[j]: part for s in (b, a) for part, ids in s.parts.items() for j in ids}
    if any(joint not in part_of for joint in joints):
        return {}
    names = dict.fromkeys([*a.parts, *b.parts])
    members = {part: [j for j in joints if part_of[j] == part] for part in names}
    return {part: ids for part, ids in members.items() if ids}
