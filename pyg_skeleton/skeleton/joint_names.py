"""The names that other tools give to joints, and layouts of named joints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

#: Our joints with the names that other tools give them, in lower case and without side, signs and
#: spaces. Joints and names are tried in this order, and a joint of a file is taken once: LeftHand is
#: the wrist of CMU and Mixamo, which have no LeftWrist, and the hand where there is one.
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
    "foot": "toebase footindex toe0 toes ball toe foot",
    "toe": "toebaseend toeend toe0nub toe",
    "big_toe": "bigtoe",
    "small_toe": "smalltoe",
    "heel": "heel",
    "shoulder": "arm upperarm uparm shldr shoulder",
    "collar": "collar clavicle shoulder",
    "elbow": "elbow forearm lowerarm lowarm",
    "wrist": "wrist hand",
    "hand": "hand palm fingerbase handmiddle1",
    "index": "index handindex1",
    "hand_tip": "handtip handindex1end handmiddle4 handmiddle3end",
    "thumb": "thumb handthumb1",
    "thumb_tip": "thumbtip thumbend handthumb4 handthumb3end",
    "eye": "eye",
    "ear": "ear",
}
_OURS = {"left_toe": "foot", "right_toe": "foot"}
#: The joints between pelvis and neck, of which bodies have one to six; see `_trunk`.
_TRUNK = re.compile(r"(lowerback|abdomen|belly|spinenavel|spinemid|spinechest|(spine|chest)\d?)|[lt]\d+")
_TRUNK_NAMES = ("lower_back", "spine", "chest")

#: The joint above each, which stands for it where it is missing.
_ABOVE = {
    "lower_back": "pelvis",
    "spine": "lower_back",
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
    "ear": "eye",
    "collar": "neck",
    "shoulder": "collar",
    "elbow": "shoulder",
    "wrist": "elbow",
    "hand": "wrist",
    "index": "hand",
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
