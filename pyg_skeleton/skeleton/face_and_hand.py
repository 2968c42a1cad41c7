"""The points of a face and of a hand in the orders that detectors share, on a person at rest."""

from __future__ import annotations

import math

Point = tuple[float, float, float]

#: The 21 points of a hand, as in OpenPose, MediaPipe and COCO-WholeBody, of a left arm that hangs
#: down: places in meters as in :func:`~pyg_skeleton.skeleton.rest_pose`.
HAND: dict[str, Point] = {
    "hand_root": (0.22, 0.85, 0.0),
    "thumb_cmc": (0.215, 0.835, 0.02),
    "thumb_mcp": (0.21, 0.81, 0.045),
    "thumb_ip": (0.205, 0.785, 0.065),
    "thumb_tip": (0.20, 0.76, 0.08),
    **{
        f"{finger}_{joint}": (0.225, 0.77 - length * down, 0.03 - 0.02 * row)
        for row, (finger, length) in enumerate(
            {"index": 0.9, "middle": 1.0, "ring": 0.95, "pinky": 0.75}.items()
        )
        for joint, down in {"mcp": 0.0, "pip": 0.045, "dip": 0.07, "tip": 0.09}.items()
    },
}


def _arc(number: int, step: int, wide: float, high: float, middle: Point) -> Point:
    """A point of an ellipse, from the left corner over the top."""
    angle = 2 * math.pi * step / number
    x, y, z = middle
    return x + wide * math.cos(angle), y + high * math.sin(angle), z


def _jaw(step: int) -> Point:
    angle = step * math.pi / 16
    return 0.07 * math.cos(angle), 1.6 - 0.1 * math.sin(angle), 0.02 + 0.07 * math.sin(angle)


#: The points of the left half of a face and of its middle, with places as above.
_FACE: dict[str, Point] = {
    **{f"left_jaw_{i}": _jaw(i) for i in range(8)},
    "chin": _jaw(8),
    **{f"left_brow_{i}": (0.06 - 0.012 * i, 1.645, 0.08 + 0.005 * i) for i in range(5)},
    **{f"nose_bridge_{i}": (0.0, 1.63 - 0.017 * i, 0.10 + 0.004 * i) for i in range(4)},
    "left_nostril_0": (0.016, 1.57, 0.095),
    "left_nostril_1": (0.008, 1.568, 0.1),
    "nose_base": (0.0, 1.567, 0.103),
    **{f"left_eyelid_{i}": _arc(6, i, 0.015, 0.006, (0.033, 1.62, 0.095)) for i in range(6)},
    **{f"left_lip_{i}": _arc(12, i, 0.025, 0.012, (0.0, 1.54, 0.1)) for i in (0, 1, 2, 10, 11)},
    "lip_top": (0.0, 1.552, 0.1),
    "lip_bottom": (0.0, 1.528, 0.1),
    **{f"left_mouth_{i}": _arc(8, i, 0.018, 0.005, (0.0, 1.54, 0.098)) for i in (0, 1, 7)},
    "mouth_top": (0.0, 1.545, 0.098),
    "mouth_bottom": (0.0, 1.535, 0.098),
}


def _both(name: str, order: str) -> list[str]:
    """Names from a pattern such as ``left_jaw`` and ``R0 R1 L1 L0``."""
    sides = {"L": "left", "R": "right"}
    return [f"{sides[entry[0]]}_{name}_{entry[1:]}" for entry in order.split()]


#: The 68 points of a face in the order of iBUG 300-W, from the person's right to the left.
FACE: tuple[str, ...] = (
    *_both("jaw", "R0 R1 R2 R3 R4 R5 R6 R7"),
    "chin",
    *_both("jaw", "L7 L6 L5 L4 L3 L2 L1 L0"),
    *_both("brow", "R0 R1 R2 R3 R4 L4 L3 L2 L1 L0"),
    *(f"nose_bridge_{i}" for i in range(4)),
    *_both("nostril", "R0 R1"),
    "nose_base",
    *_both("nostril", "L1 L0"),
    *_both("eyelid", "R0 R1 R2 R3 R4 R5"),
    *_both("eyelid", "L3 L2 L1 L0 L5 L4"),
    *_both("lip", "R0 R1 R2"),
    "lip_top",
    *_both("lip", "L2 L1 L0 L11 L10"),
    "lip_bottom",
    *_both("lip", "R10 R11"),
    *_both("mouth", "R0 R1"),
    "mouth_top",
    *_both("mouth", "L1 L0 L7"),
    "mouth_bottom",
    *_both("mouth", "R7"),
)

#: What carries the points of both and where they are, by name: those of the left side, without it,
#: and those in the middle. A hand without a side is a left one.
LEFT: dict[str, tuple[str, Point]] = {
    **{name: ("wrist", place) for name, place in HAND.items()},
    **{
        name.removeprefix("left_"): ("head", place)
        for name, place in _FACE.items()
        if name.startswith("left_")
    },
}
CENTER: dict[str, tuple[str, Point]] = {
    **{name: ("left_wrist", place) for name, place in HAND.items()},
    **{name: ("head", place) for name, place in _FACE.items() if not name.startswith("left_")},
}
