"""Bodies with feet, face and hands: COCO-WholeBody, Halpe, OpenPose with hands, and a hand."""

from pyg_skeleton.skeleton.face_and_hand import FACE, HAND
from pyg_skeleton.skeleton.layouts.build import layout
from pyg_skeleton.skeleton.layouts.keypoints import BODY25, OPENPOSE18, TORSO_PARTS
from pyg_skeleton.skeleton.registry import register_skeleton
from pyg_skeleton.skeleton.skeleton import Skeleton

_FINGERS = ("thumb", "index", "middle", "ring", "pinky")


def _hand(side: str = "") -> str:
    """The joints of a hand with their parents: each finger is a chain from the wrist."""
    tokens, before = [], dict.fromkeys(_FINGERS, f"{side}hand_root")
    for name in HAND:
        finger = name.partition("_")[0]
        if finger in before:
            tokens.append(f"{side}{name}:{before[finger]}")
            before[finger] = f"{side}{name}"
        else:
            tokens.append(f"{side}{name}:{side}wrist" if side else name)
    return " ".join(tokens)


_HANDS = f"{_hand('left_')} {_hand('right_')}"
_FACE = " ".join(f"{name}:nose" for name in FACE)
_COCO_BODY = """
    nose left_eye:nose right_eye:nose left_ear:left_eye right_ear:right_eye
    left_shoulder:nose right_shoulder:nose left_elbow:left_shoulder right_elbow:right_shoulder
    left_wrist:left_elbow right_wrist:right_elbow
    left_hip:left_shoulder right_hip:right_shoulder left_knee:left_hip right_knee:right_hip
    left_ankle:left_knee right_ankle:right_knee
"""
_HALPE_BODY = """
    nose:neck left_eye:nose right_eye:nose left_ear:left_eye right_ear:right_eye
    left_shoulder:neck right_shoulder:neck left_elbow:left_shoulder right_elbow:right_shoulder
    left_wrist:left_elbow right_wrist:right_elbow
    left_hip:pelvis right_hip:pelvis left_knee:left_hip right_knee:right_hip
    left_ankle:left_knee right_ankle:right_knee
    head_top:nose neck pelvis:neck
    left_big_toe:left_ankle right_big_toe:right_ankle
    left_small_toe:left_big_toe right_small_toe:right_big_toe
    left_heel:left_ankle right_heel:right_ankle
"""
_HEAD = "nose left_eye right_eye left_ear right_ear"

# The 17 joints of coco17 with its bones, then six of the feet, 68 of the face and 21 of each hand,
# see https://github.com/jin-s13/COCO-WholeBody. The tree of the hands follows OpenPose; the points
# of the face are attached to the nose.
layout(
    "coco-wholebody133",
    f"""
    {_COCO_BODY}
    left_big_toe:left_ankle left_small_toe:left_big_toe left_heel:left_ankle
    right_big_toe:right_ankle right_small_toe:right_big_toe right_heel:right_ankle
    {_FACE} {_HANDS}
    """,
    head=f"{_HEAD} {' '.join(FACE)}",
    torso="left_shoulder right_shoulder left_hip right_hip",
    upper_arm="elbow",
    forearm=f"wrist {' '.join(HAND)}",
    thigh="knee",
    crus="ankle big_toe small_toe heel",
)

# The order of https://github.com/Fang-Haoshu/Halpe-FullBody, whose Head is the top of the head and
# whose Hip the pelvis, with the bones of body25.
layout(
    "halpe26",
    _HALPE_BODY,
    head=f"{_HEAD} head_top",
    torso="neck pelvis",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle big_toe small_toe heel",
)
layout(
    "halpe136",
    f"{_HALPE_BODY} {_FACE} {_HANDS}",
    head=f"{_HEAD} head_top {' '.join(FACE)}",
    torso="neck pelvis",
    upper_arm="shoulder elbow",
    forearm=f"wrist {' '.join(HAND)}",
    thigh="hip knee",
    crus="ankle big_toe small_toe heel",
)

# OpenPose with `--hand`: openpose18 or body25, then the left and the right hand.
layout(
    "openpose60",
    f"{OPENPOSE18} {_HANDS}",
    head=_HEAD,
    torso="neck",
    upper_arm="shoulder elbow",
    forearm=f"wrist {' '.join(HAND)}",
    thigh="hip knee",
    crus="ankle",
    part_edges=TORSO_PARTS,
)
layout(
    "openpose67",
    f"{BODY25} {_HANDS}",
    head=_HEAD,
    torso="neck pelvis",
    upper_arm="shoulder elbow",
    forearm=f"wrist {' '.join(HAND)}",
    thigh="hip knee",
    crus="ankle big_toe small_toe heel",
)

# One hand, left or right, in the order of OpenPose, MediaPipe and COCO-WholeBody.
register_skeleton(
    Skeleton.from_dict(
        {
            "name": "hand21",
            "joints": {
                child: parent or None
                for child, _, parent in (token.partition(":") for token in _hand().split())
            },
            "parts": {
                "palm": ["hand_root"],
                **{
                    finger: [name for name in HAND if name.startswith(finger)]
                    for finger in _FINGERS
                },
            },
        }
    )
)
