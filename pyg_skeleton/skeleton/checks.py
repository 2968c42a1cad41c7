"""Checks of body graphs, with errors that name the joint at fault."""

from __future__ import annotations

import reprlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import numpy as np

Joint = str | int
_SINGULAR = {"bones": "bone", "edges": "edge", "links": "link", "part_edges": "link"}


class LayoutError(ValueError):
    """Raised for an invalid skeleton or description of a skeleton.

    Args:
        message (str): The error message.
        section (str, optional): The key of the description at fault, such as :obj:`"bones"`.
        item (str, optional): The name at fault, usually of a joint.
        line (int, optional): The line at fault, if known.
    """

    def __init__(
        self, message: str, section: str = "", item: str = "", line: int | None = None
    ) -> None:
        super().__init__(message)
        self.section = section
        self.item = item
        self.line = line


def show(value: object) -> str:
    """Returns a short representation of a value and its type."""
    return f"{reprlib.repr(value)} ({type(value).__name__})"


def suggest(name: str, known: Iterable[str]) -> str:
    """Returns a hint with the known names that are similar to `name`, or else all known names."""
    known = list(known)
    # Comparing takes time with the square of the length: long names are not compared.
    lower = {other.lower(): other for other in known if len(other) < 100}
    matches = get_close_matches(name.lower(), lower, n=3) if len(name) < 100 else []
    close = [lower[match] for match in matches]
    if close:
        return f"did you mean {' or '.join(map(repr, close))}?"
    return f"expected one of {known}" if len(known) <= 100 else f"expected one of {show(known)}"


def check_names(names: Iterable[str], section: str) -> tuple[str, ...]:
    """Checks that names are non-empty, unique strings."""
    if isinstance(names, (str, bytes)) or not isinstance(names, Iterable):
        raise TypeError(f"{section}: expected a sequence of names, got {show(names)}")
    names = tuple(names)
    for pos, name in enumerate(names):
        if not isinstance(name, str) or not name:
            message = f"{section}: entry {pos} must be a name, got {show(name)}"
            raise LayoutError(message, section, str(name))
    for name, count in Counter(names).items():
        if count > 1:
            raise LayoutError(f"{section}: {name!r} occurs {count} times", section, name)
    return names


def check_joint(
    joint: Joint, joints: Sequence[str], section: str, ids: Mapping[str, int] | None = None
) -> int:
    """The id of a joint that is given by its name or its id; `ids` saves the search by name."""
    if isinstance(joint, str):
        if joint not in (joints if ids is None else ids):
            kind = "part" if section == "part_edges" else "joint"
            hint = suggest(joint, joints)
            raise LayoutError(f"{section}: unknown {kind} {joint!r}; {hint}", section, joint)
        return joints.index(joint) if ids is None else ids[joint]
    if isinstance(joint, bool) or not isinstance(joint, (int, np.integer)):
        raise LayoutError(f"{section}: expected a joint, got {show(joint)}", section)
    if not 0 <= joint < len(joints):
        message = f"{section}: joint {joint} is out of range, there are {len(joints)} joints"
        raise LayoutError(message, section, str(joint))
    return int(joint)


def check_pairs(
    pairs: Iterable[Sequence[Joint]], joints: Sequence[str], section: str
) -> tuple[tuple[int, int], ...]:
    """Checks that pairs consist of two different joints and are unique in either direction."""
    out: list[tuple[int, int]] = []
    seen: set[tuple[int, int]] = set()
    ids = {name: i for i, name in enumerate(joints)}
    for pair in pairs:
        if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
            raise LayoutError(f"{section}: expected a pair, got {show(pair)}", section)
        first, second = (check_joint(joint, joints, section, ids) for joint in pair)
        if first == second:
            name = joints[first]
            raise LayoutError(f"{section}: {name!r} is paired with itself", section, name)
        key = (min(first, second), max(first, second))
        if key in seen:
            noun, ends = _SINGULAR.get(section, "pair"), f"{joints[first]!r}, {joints[second]!r}"
            raise LayoutError(f"{section}: duplicate {noun} {ends}", section, joints[first])
        seen.add(key)
        out.append((first, second))
    return tuple(out)


def check_parts(
    parts: Mapping[str, Iterable[Joint]], joints: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """Checks that parts, if given, are not empty and contain every joint exactly once."""
    if not isinstance(parts, Mapping):
        raise TypeError(f"parts: expected a mapping from names to joints, got {show(parts)}")
    check_names(parts, "parts")
    owner: dict[int, str] = {}
    ids = {name: i for i, name in enumerate(joints)}
    out: dict[str, tuple[int, ...]] = {}
    for part, members in parts.items():
        if isinstance(members, str) or not isinstance(members, Iterable):
            message = f"parts: {part!r} must be a list of joints, got {show(members)}"
            raise LayoutError(message, "parts", part)
        out[part] = tuple(check_joint(joint, joints, "parts", ids) for joint in members)
        if not out[part]:
            raise LayoutError(f"parts: {part!r} has no joint", "parts", part)
        for joint in out[part]:
            if joint in owner:
                where = f"{owner[joint]!r} and {part!r}" if owner[joint] != part else repr(part)
                twice = "overlap: " if owner[joint] != part else ""
                raise LayoutError(
                    f"parts: {twice}joint {joints[joint]!r} occurs twice, in {where}",
                    "parts",
                    joints[joint],
                )
            owner[joint] = part
    left_out = [name for joint, name in enumerate(joints) if joint not in owner]
    if out and left_out:
        raise LayoutError(f"parts: in no part: {', '.join(map(repr, left_out))}", "parts")
    return out


def check_tree(
    bones: Sequence[tuple[int, int]], root: int, joints: Sequence[str]
) -> tuple[int, ...]:
    """Checks that the bones are a tree and returns the parent of each joint (-1 for the root)."""
    parents: dict[int, int] = {}
    for child, parent in bones:
        if child in parents:
            raise LayoutError(
                f"bones: joint {joints[child]!r} has two parents, "
                f"{joints[parents[child]]!r} and {joints[parent]!r}",
                "bones",
                joints[child],
            )
        parents[child] = parent

    touched = set(parents) | set(parents.values())
    for joint, name in enumerate(joints):
        if joint not in touched and len(joints) > 1:
            raise LayoutError(f"bones: no bone touches joint {name!r}", "joints", name)

    rooted: set[int] = set()
    for joint in sorted(parents):
        path: dict[int, None] = {}  # in order
        while joint in parents and joint not in rooted:
            if joint in path:
                order = list(path)
                cycle = [*order[order.index(joint) :], joint]
                names = " -> ".join(joints[i] for i in cycle[:10]) + (" ..." if cycle[10:] else "")
                raise LayoutError(f"bones: cycle {names}", "bones", joints[cycle[0]])
            path[joint] = None
            joint = parents[joint]
        rooted.update(path)

    if root in parents:
        name = joints[root]
        raise LayoutError(
            f"root: {name!r} is not a root, its parent is {joints[parents[root]]!r}", "root", name
        )
    for joint, name in enumerate(joints):
        if joint != root and joint not in parents:
            raise LayoutError(
                f"bones: two roots, neither {joints[root]!r} nor {name!r} has a parent",
                "joints",
                name,
            )
    return tuple(parents.get(joint, -1) for joint in range(len(joints)))


def check_mirror(mirror: Sequence[tuple[int, int]], joints: Sequence[str]) -> None:
    """Checks that no joint is in two mirror pairs."""
    count = Counter(joint for pair in mirror for joint in pair)
    for joint, times in count.items():
        if times > 1:
            name = joints[joint]
            raise LayoutError(f"mirror: joint {name!r} is in {times} pairs", "mirror", name)
