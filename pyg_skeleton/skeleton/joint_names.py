"""The names that other tools give to joints, and layouts of named joints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

#: Our joints with the names that other tools give them, in lower case and without side, signs and
#: spaces. Joints and names are tried in this order, and a joint of a file is taken once: LeftHand
#: is the wrist of CMU and Mixamo, which have no LeftWrist, and the hand where there is one.
_CENTER = {
    "pelvis": "pelvis hips spinebase midhip chip hip root",
    "spine_shoulder": "spineshoulder",
    "thorax": "thorax",
    "neck": "neck neck1 neckbase",
    "upper_neck": "upperneck neck1 neck2",
    "head": "head",
    "nose": "nose",
    "jaw": "jaw",
    "head_top": "headtop headtopend headend headnub topofhead",
}
_PAIRED = {
    "hip_base": "hipbase hipjoint",
    "hip": "upleg upperleg thigh hip",
    "knee": "knee leg lowerleg lowleg shin calf",
    "ankle": "ankle foot",
    "foot": "toebase toe0 toes ball foot",
    "toe": "toe toebaseend toeend toe0nub footindex ankleend footend",
    "big_toe": "bigtoe",
    "small_toe": "smalltoe",
    "heel": "heel",
    "shoulder": "arm upperarm uparm shldr shoulder",
    "collar": "collar clavicle shoulder",
    "elbow": "elbow forearm lowerarm lowarm",
    "wrist": "wrist hand",
    "hand": "hand palm fingerbase handmiddle1",
    "index": "index handindex1",
    "hand_tip": "handtip handindex1end handmiddle4 handmiddle3end wristend handend",
    "thumb": "thumb handthumb1",
    "thumb_tip": "thumbtip thumbend handthumb4 handthumb3end",
    "pinky": "pinky",
    "eye": "eye",
    "eye_inner": "eyeinner",
    "eye_outer": "eyeouter",
    "ear": "ear",
    "mouth": "mouth",
}
#: The joints between pelvis and neck, of which bodies have one to six.
_TRUNK = re.compile(r"lowerback|lumbar|abdomen|spine(navel|mid|chest)|(spine|chest)\d?|[lt]\d+")
_OUR_TRUNK = {
    "lowerback": "lower_back",
    "lumbar": "lumbar",
    "spine": "spine",
    "chest": "chest",
}
_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right"}
#: Words before the names of a whole file.
_PREFIXES = {"mixamorig", "bip", "bip01", "joint", "m", "f", "avg"}
#: The joints of which the first is the root, where a file does not say it.
_ROOTS = ("pelvis", "lower_back", "spine", "chest", "thorax", "spine_shoulder", "neck", "head")

#: The joint above each, which stands for it where it is missing.
_ABOVE = {
    "lower_back": "pelvis",
    "lumbar": "lower_back",
    "spine": "lumbar",
    "chest": "spine",
    "thorax": "chest",
    "spine_shoulder": "thorax",
    "neck": "spine_shoulder",
    "upper_neck": "neck",
    "head": "upper_neck",
    "nose": "head",
    "jaw": "head",
    "head_top": "head",
    "eye": "nose",
    "eye_inner": "eye",
    "eye_outer": "eye",
    "ear": "eye",
    "mouth": "nose",
    "collar": "neck",
    "shoulder": "collar",
    "elbow": "shoulder",
    "wrist": "elbow",
    "hand": "wrist",
    "index": "hand",
    "pinky": "hand",
    "hand_tip": "index",
    "thumb": "wrist",
    "thumb_tip": "thumb",
    "hip_base": "pelvis",
    "hip": "hip_base",
    "knee": "hip",
    "ankle": "knee",
    "heel": "ankle",
    "foot": "ankle",
    "toe": "foot",
    "big_toe": "foot",
    "small_toe": "foot",
}


def common_names(joints: Sequence[str]) -> tuple[str, ...]:
    """The names of this package for the joints of a file of another tool.

    Known are the names of the BVH files of CMU, Mixamo, 3ds Max, Unreal and Xsens, of MVNX, of both
    Kinects, and of most detectors: :obj:`"LeftUpLeg"`, :obj:`"mixamorig:LeftUpLeg"`,
    :obj:`"thigh_l"`, :obj:`"Bip01 L Thigh"`, :obj:`"LHip"` and :obj:`"HIP_LEFT"` are all
    :obj:`"left_hip"`. What a name means depends on the others: :obj:`"LeftShoulder"` is the collar
    of a body with a :obj:`"LeftArm"`. Names of this package and unknown ones stay as they are.

    Args:
        joints (sequence of str): The names of all joints of the body.
    """
    keys = [_key(joint) for joint in joints]
    index = {key: joint for joint, key in reversed(list(enumerate(keys)))}
    found: dict[int, str] = {}
    for side, table in (("", _CENTER), ("left", _PAIRED), ("right", _PAIRED)):
        for ours, names in table.items():
            at = [index[side, name] for name in names.split() if (side, name) in index]
            free = [joint for joint in at if joint not in found]
            if free:
                found[free[0]] = f"{side}_{ours}" if side else ours
    trunk = [j for j, (side, base) in enumerate(keys) if not side and _TRUNK.fullmatch(base)]
    if all(keys[joint][1] in _OUR_TRUNK for joint in trunk):
        found |= {joint: _OUR_TRUNK[keys[joint][1]] for joint in trunk}
    else:
        found |= {trunk[-1]: "chest", trunk[0]: "lower_back" if len(trunk) > 2 else "spine"}
        if len(trunk) > 2:
            found[trunk[len(trunk) // 2]] = "spine"
        if len(trunk) == 4:
            found[trunk[1]] = "lumbar"
    taken = set(found.values())
    own = (f"{name}#{joint}" if name in taken else name for joint, name in enumerate(joints))
    return tuple(found.get(joint, name) for joint, name in enumerate(own))


def mirror_pairs(joints: Sequence[str]) -> list[tuple[str, str]]:
    """The (left, right) joints of a body, told by their names."""
    sides = {_key(joint): joint for joint in joints}
    return [
        (joint, sides["right", base])
        for (side, base), joint in sides.items()
        if side == "left" and ("right", base) in sides
    ]


def layout_from_names(
    name: str, joints: Sequence[str], bones: Iterable[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The description of a layout of which names and perhaps bones are known.

    Joints without a bone are attached to the nearest joint of the body above them, which their
    :func:`common_names` tell, or else to the root. A bone that closes a cycle becomes a link.

    Args:
        name (str): The name of the layout.
        joints (sequence of str): The names of the joints, each once, in the order of the data.
        bones (iterable of pairs of str, optional): Joints that are connected, in any direction.
            (default: :obj:`()`)

    Returns:
        A description for :meth:`~pyg_skeleton.skeleton.Skeleton.from_dict`.
    """
    common = dict(zip(common_names(joints), joints, strict=True))
    tops = [ours for ours in common if _anatomical_parent(ours, common) is None]
    root = common[next((ours for ours in _ROOTS if ours in common), tops[0])]
    group = {joint: joint for joint in joints}

    def top(joint: str) -> str:
        while group[joint] != joint:
            group[joint] = joint = group[group[joint]]
        return joint

    edges: dict[str, list[str]] = {joint: [] for joint in joints}
    links: list[tuple[str, str]] = []
    given = {(a, b) if a < b else (b, a): (a, b) for a, b in bones if a != b}
    above = [(joint, _anatomical_parent(ours, common)) for ours, joint in common.items()]
    stars = [(joint, root) for joint in joints]
    for number, (a, b) in enumerate([*given.values(), *above, *stars]):
        if b is None or top(a) == top(b):
            if number < len(given):
                links.append((a, str(b)))
            continue
        group[top(a)] = top(b)
        edges[a].append(b)
        edges[b].append(a)
    parents: dict[str, str | None] = {root: None}
    queue = [root]
    for joint in queue:
        for other in edges[joint]:
            if other not in parents:
                parents[other] = joint
                queue.append(other)
    return {
        "name": name,
        "joints": {joint: parents[joint] for joint in joints},
        "mirror": [list(pair) for pair in mirror_pairs(joints)],
        "links": [list(pair) for pair in links],
    }


def _anatomical_parent(ours: str, common: dict[str, str]) -> str | None:
    """The joint of the file that is nearest above one of ours."""
    side, _, base = ours.partition("_")
    if side not in ("left", "right"):
        side, base = "", ours
    while base in _ABOVE:
        base = _ABOVE[base]
        for name in (f"{side}_{base}", base):
            if name in common:
                return common[name]
    return None


def _key(name: str) -> tuple[str, str]:
    """The side of a joint, empty for those in the middle, and its name without it."""
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name.rpartition(":")[2])
    words = [word.lower().lstrip("0") or "0" for word in found]
    # "leftear" is two words, which nothing but the side tells.
    words = [part for word in words for part in re.split(r"^(left|right)(?=..)", word) if part]
    while len(words) > 1 and words[0] in _PREFIXES:
        words = words[2:] if words[1].isdigit() and len(words) > 2 else words[1:]
    for place, word in enumerate(words):
        last = place + 1 == len(words)
        if word in _SIDES and len(words) > 1 and (last or not words[place + 1].isdigit()):
            return _SIDES[word], "".join(words[:place] + words[place + 1 :])
    return "", "".join(words)
