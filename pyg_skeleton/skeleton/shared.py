"""What two layouts have in common."""

from __future__ import annotations

from collections.abc import Sequence

from pyg_skeleton.skeleton.converter import JointConverter
from pyg_skeleton.skeleton.skeleton import Skeleton


def shared_skeleton(
    a: Skeleton, b: Skeleton, name: str | None = None, derive: bool = False
) -> Skeleton:
    r"""The body that two layouts share, on which clips of both can be compared.

    Its joints are those that both have by name, in the order of **a**. The parent of each is the
    nearest shared joint on its way to the root. The root of **a** stays the root if it is shared;
    else the shared joint next to it is, and a joint with no shared joint above it hangs on that.
    Parts and mirror pairs are carried over. Convert clips to it by
    :meth:`~Skeleton.converter_from`.

    Args:
        a (Skeleton): A layout.
        b (Skeleton): Another one.
        name (str, optional): The name of the result, :obj:`"shared-{a}-{b}"` by default.
            (default: :obj:`None`)
        derive (bool, optional): Also takes joints that one of the two has and the other one can
            derive from its own (see :class:`JointConverter`), unless that would only repeat a
            shared joint under another name. (default: :obj:`False`)

    Raises:
        ValueError: If they share no joint; the message has the joints of both.
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
    """Takes the joints of one layout that the other one derives, but none twice in any of them."""
    forth, back = JointConverter(other, have).derived, JointConverter(have, other).derived
    seen = taken | {forth.get(joint, joint) for joint in taken}
    seen |= {back[joint] for joint in taken if joint in back}
    for joint in have.joints:
        formula = forth.get(joint)
        if formula is not None and joint not in seen and formula not in seen:
            taken.add(joint)
            seen |= {joint, formula}


def _ancestors(skeleton: Skeleton, joint: str) -> list[str]:
    """The joints on the way to the root, the nearest one first."""
    parents, out = skeleton.parents, []
    at = parents[skeleton.joint_id(joint)]
    while at >= 0:
        out.append(skeleton.joints[at])
        at = parents[at]
    return out


def _steps_to_root(skeleton: Skeleton, joint: str) -> int:
    return len(_ancestors(skeleton, joint))


def _parts(a: Skeleton, b: Skeleton, joints: Sequence[str]) -> dict[str, list[str]]:
    """The part of each joint in the layout that has it, none if one of them has no parts."""
    part_of = {s.joints[j]: part for s in (b, a) for part, ids in s.parts.items() for j in ids}
    if any(joint not in part_of for joint in joints):
        return {}
    names = dict.fromkeys([*a.parts, *b.parts])
    members = {part: [j for j in joints if part_of[j] == part] for part in names}
    return {part: ids for part, ids in members.items() if ids}
