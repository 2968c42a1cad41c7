import itertools
import math

import pytest
import torch

from pyg_skeleton.skeleton.face_and_hand import CENTER, FACE, HAND, LEFT
from pyg_skeleton.skeleton.rest_pose import anatomical_point

# The pairs of iBUG 300-W's 68 points, from 0, that are mirrored; the others lie in the middle.
PAIRS = [
    *((i, 16 - i) for i in range(8)),
    *((17 + i, 26 - i) for i in range(5)),
    *((31, 35), (32, 34)),
    *((36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)),
    *((48, 54), (49, 53), (50, 52), (58, 56), (59, 55)),
    *((60, 64), (61, 63), (67, 65)),
]
MIDDLE = (8, 27, 28, 29, 30, 33, 51, 57, 62, 66)
# Its closed contours, each from the corner on the person's right over the top, and where the other
# corner is in them.
CONTOURS = {
    "right eye": (36, 6, 3),
    "left eye": (42, 6, 3),
    "lips": (48, 12, 6),
    "mouth": (60, 8, 4),
}
FINGERS = ("thumb", "index", "middle", "ring", "pinky")


@pytest.fixture(scope="module")
def face():
    """The places of its points, ``[68, 3]``: x to the person's left, y up, z to the front."""
    return torch.tensor([anatomical_point(name)[1] for name in FACE], dtype=torch.double)


@pytest.fixture(scope="module")
def hand():
    """The places of the points of each finger from the wrist on, ``[5, 5, 3]``."""
    root, *rest = torch.tensor(list(HAND.values()), dtype=torch.double)
    return torch.stack([torch.stack([root, *rest[4 * i : 4 * i + 4]]) for i in range(5)])


def test_the_face_is_mirrored_as_in_its_data_set():
    for right, left in PAIRS:
        assert FACE[right].startswith("right_")
        assert FACE[left] == FACE[right].replace("right_", "left_")
    assert {*range(68)}.difference(*PAIRS) == {*MIDDLE}
    assert not any(FACE[i].startswith(("left_", "right_")) for i in MIDDLE)
    assert len({*FACE}) == len(FACE) == 68


def test_each_half_of_the_face_is_where_its_name_says(face):
    right, left = (list(side) for side in zip(*PAIRS, strict=True))
    assert (face[left, 0] > 0.005).all()
    assert torch.equal(face[left] * torch.tensor([-1.0, 1.0, 1.0]), face[right])
    assert face[list(MIDDLE), 0].abs().max() < 1e-12
    assert torch.pdist(face).min() > 0.001


def test_the_lines_of_the_face(face):
    jaw, brows, bridge, nostrils = face[:17], face[17:27], face[27:31], face[31:36]
    for line in (jaw, brows, nostrils):  # from the person's right to the left
        assert (line[:, 0].diff() > 0).all()
    assert jaw[:, 1].argmin() == 8
    assert (bridge[:, 1].diff() < 0).all()
    assert (bridge[:, 2].diff() > 0).all()  # the tip is in front
    assert bridge[-1, 1] > nostrils[:, 1].max()
    # From the top: brows, eyes, the tip of the nose, lips, chin.
    eyes, lips = face[36:48], face[48:68]
    order = [brows, eyes, bridge[-1:], lips, jaw[8:9]]
    for upper, lower in itertools.pairwise(order):
        assert upper[:, 1].min() > lower[:, 1].max()


@pytest.mark.parametrize("name", CONTOURS)
def test_the_contours_of_the_face(face, name):
    first, size, corner = CONTOURS[name]
    points = face[first : first + size, :2]
    assert points[:, 0].argmin() == 0
    assert points[:, 0].argmax() == corner
    assert (points[1:corner, 1] > points[0, 1]).all()
    assert (points[corner + 1 :, 1] < points[0, 1]).all()
    # Once around the middle, and convex: each turn is in the same direction.
    angle = torch.atan2(*(points - points.mean(0)).flip(1).unbind(1))
    assert angle.diff().remainder(-2 * math.pi).sum() > -2 * math.pi
    edges = points.roll(-1, 0) - points
    nxt = edges.roll(-1, 0)
    assert (edges[:, 0] * nxt[:, 1] - edges[:, 1] * nxt[:, 0] < 0).all()


def test_the_mouth_is_within_the_lips(face):
    lips, mouth = face[48:60, :2], face[60:68, :2]
    assert (mouth.amin(0) > lips.amin(0)).all()
    assert (mouth.amax(0) < lips.amax(0)).all()


def test_the_hand_goes_from_the_wrist_along_each_finger():
    assert next(iter(HAND)) == "hand_root"
    tips = [name for name in HAND if name.endswith("_tip")]
    assert [list(HAND).index(tip) for tip in tips] == [4, 8, 12, 16, 20]
    assert [tip.partition("_")[0] for tip in tips] == list(FINGERS)
    assert list(HAND)[1:5] == ["thumb_cmc", "thumb_mcp", "thumb_ip", "thumb_tip"]
    joints = [name.partition("_")[2] for name in list(HAND)[5:]]
    assert joints == ["mcp", "pip", "dip", "tip"] * 4


def test_a_left_hand_hangs_down(hand):
    assert (hand[..., 0] > 0.19).all()
    assert (hand[:, :, 1].diff() < 0).all()  # each point is below the one before
    # With the thumb in front, and the others in their order behind it.
    assert (hand[:, -1, 2].diff() < 0).all()
    length = (hand[1:, -1] - hand[1:, 1]).norm(dim=1)
    assert length.argmax() == FINGERS.index("middle") - 1
    assert length.argmin() == FINGERS.index("pinky") - 1
    assert ((length > 0.05) & (length < 0.1)).all()
    bones = hand.diff(dim=1).norm(dim=-1)
    assert (bones[1:, 1:].diff(dim=1) < 0).all()  # they get shorter
    assert torch.pdist(hand[:, 1:].flatten(0, 1)).min() > 0.01


def test_what_carries_them():
    """The hand moves with the wrist and the face with the head; without a side, a hand is a left
    one.
    """
    assert {name: LEFT[name] for name in HAND} == {n: ("wrist", p) for n, p in HAND.items()}
    assert {name: CENTER[name] for name in HAND} == {n: ("left_wrist", p) for n, p in HAND.items()}
    assert LEFT.keys() - HAND.keys() == {
        name.removeprefix("left_") for name in FACE if name.startswith("left_")
    }
    assert CENTER.keys() - HAND.keys() == {FACE[i] for i in MIDDLE}
    for carried in (LEFT, CENTER):
        assert {carried[name][0] for name in carried.keys() - HAND.keys()} == {"head"}


def test_both_hands():
    for name, (x, y, z) in HAND.items():
        assert anatomical_point(f"left_{name}") == ("left_wrist", (x, y, z))
        assert anatomical_point(f"right_{name}") == ("right_wrist", (-x, y, z))
        assert anatomical_point(name) == ("left_wrist", (x, y, z))
