"""Between what the corpora of cross-domain recognition have: Kinect V2, VIBE, OpenPose, COCO, and
between all bodies.
"""

import math
from functools import cache

import pytest
import torch

from pyg_skeleton.datasets import SyntheticMotion
from pyg_skeleton.skeleton import Skeleton, list_skeletons

BODIES = [name for name in list_skeletons() if Skeleton.get(name).mirror]

# The Kinect joints, from 0, of the 15 that CoDT shares between Kinect and VIBE.
KINECT15 = [3, 20, 8, 9, 10, 4, 5, 6, 0, 16, 17, 18, 12, 13, 14]
# OpenPose's 18 joints from COCO's 17; the neck is the mean of two.
OPENPOSE_FROM_COCO = [0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3]
NECK = "mean(left_shoulder, right_shoulder)"
PELVIS = "mean(left_hip, right_hip)"
TOES = {f"{side}_foot": f"mean({side}_big_toe, {side}_small_toe)" for side in ("left", "right")}
FACE = {"left_eye", "right_eye", "left_ear", "right_ear"}
FEET = {
    f"{side}_{joint}" for side in ("left", "right") for joint in ("big_toe", "small_toe", "heel")
}
HANDS = {f"{side}_{joint}" for side in ("left", "right") for joint in ("hand", "hand_tip", "thumb")}


def converter(source, target):
    return Skeleton.get(target).converter_from(Skeleton.get(source))


@pytest.mark.parametrize(
    ("source", "target", "copied", "derived", "missing"),
    [
        ("ntu25", "shared15", 14, {"nose": "head"}, set()),
        ("body25", "shared15", 14, {"spine_shoulder": "neck"}, set()),
        ("vibe49", "shared15", 14, {"spine_shoulder": "neck"}, set()),
        ("openpose18", "shared15", 13, {"spine_shoulder": "neck", "pelvis": PELVIS}, set()),
        ("coco17", "shared15", 13, {"spine_shoulder": NECK, "pelvis": PELVIS}, set()),
        ("vibe49", "body25", 25, {}, set()),
        ("coco17", "openpose18", 17, {"neck": NECK}, set()),
        ("openpose18", "coco17", 17, {}, set()),
        ("body25", "openpose18", 18, {}, set()),
        ("openpose18", "body25", 18, {"pelvis": PELVIS}, FEET),
        ("coco17", "body25", 17, {"neck": NECK, "pelvis": PELVIS}, FEET),
        ("ntu25", "body25", 14, {"nose": "head"}, FACE | FEET),
        ("ntu25", "openpose18", 13, {"nose": "head"}, FACE),
        ("ntu25", "coco17", 12, {"nose": "head"}, FACE),
        (
            "body25",
            "ntu25",
            14,
            {
                "spine": "mean(pelvis, neck)",
                "head": "mean(left_ear, right_ear)",
                "spine_shoulder": "neck",
                **TOES,
            },
            HANDS,
        ),
        (
            "coco17",
            "ntu25",
            12,
            {
                "pelvis": PELVIS,
                "spine": "mean(left_hip, right_hip, left_shoulder, right_shoulder)",
                "neck": NECK,
                "head": "mean(left_ear, right_ear)",
                "spine_shoulder": NECK,
            },
            HANDS | {"left_foot", "right_foot"},
        ),
    ],
)
def test_report(source, target, copied, derived, missing):
    found = converter(source, target)
    assert len(found.copied) == copied
    assert found.derived == derived
    assert set(found.missing) == missing
    lines = found.report().splitlines()
    assert lines[0] == f"{source} -> {target}"
    assert lines[1].startswith(f"  copied ({copied}): ")
    assert lines[2].startswith(f"  derived ({len(derived)}): ")
    assert all(f"{name} = {formula}" in lines[2] for name, formula in derived.items())
    assert lines[3].startswith(f"  missing ({len(missing)}): ")
    assert all(name in lines[3] for name in missing)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("ntu25", "shared15", KINECT15),
        ("body25", "shared15", list(range(15))),
        ("vibe49", "shared15", list(range(15))),
        ("vibe49", "body25", list(range(25))),
        ("coco17", "openpose18", OPENPOSE_FROM_COCO),
    ],
)
def test_joints_by_number(source, target, expected):
    assert converter(source, target).gather.tolist() == expected


@cache
def film(name):
    """The embedded people in each of their movements, without noise, ``[V, B, T, 3]``."""
    clips = SyntheticMotion(name, num_observed=6, num_future=0, clips_per_class=1, noise=0.0)
    return torch.stack([clips[i].x for i in range(len(clips))], dim=1)


@pytest.mark.parametrize("source", BODIES)
def test_the_same_people_in_another_layout(source):
    """A joint is where the target has it: exactly, or within a hand's breadth if it is derived."""
    x = film(source)
    for target in BODIES:
        found = converter(source, target)
        error = (found(x, fill=math.nan) - film(target)).norm(dim=-1).amax((1, 2))
        error = dict(zip(Skeleton.get(target).joints, error.tolist(), strict=True))
        assert all(error[name] < 1e-4 for name in found.copied)
        assert all(error[name] < 0.12 for name in found.derived)
        assert all(math.isnan(error[name]) for name in found.missing)
        assert len(found.copied) + len(found.derived) >= 10


def test_kinect_and_back():
    there = converter("ntu25", "kinect20")
    assert there.missing == ()
    assert there.derived == {}
    back = converter("kinect20", "ntu25")
    assert back.derived == {"neck": NECK}
    assert set(back.missing) == {
        f"{side}_{joint}" for side in ("left", "right") for joint in ("hand_tip", "thumb")
    }
