"""The keypoints of 2-D detectors: OpenPose, COCO, MPII, CrowdPose, AI Challenger, MediaPipe."""

from pyg_skeleton.skeleton.layouts.build import layout

# Kinetics-Skeleton. In ST-GCN the root is the neck and the hips are attached to the shoulders, as
# there is no joint in between. The bones would connect thighs and upper arms, so the edges between
# parts are explicit.
TORSO_PARTS = """
    head:torso
    torso:left_upper_arm left_upper_arm:left_forearm
    torso:right_upper_arm right_upper_arm:right_forearm
    torso:left_thigh left_thigh:left_crus
    torso:right_thigh right_thigh:right_crus
"""
OPENPOSE18 = """
    nose:neck neck
    right_shoulder:neck right_elbow:right_shoulder right_wrist:right_elbow
    left_shoulder:neck left_elbow:left_shoulder left_wrist:left_elbow
    right_hip:right_shoulder right_knee:right_hip right_ankle:right_knee
    left_hip:left_shoulder left_knee:left_hip left_ankle:left_knee
    right_eye:nose left_eye:nose right_ear:right_eye left_ear:left_eye
    """
layout(
    "openpose18",
    OPENPOSE18,
    head="nose right_eye left_eye right_ear left_ear",
    torso="neck",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle",
    part_edges=TORSO_PARTS,
)

# Skeletics-152 and other output of OpenPose with 25 joints. Bones and root follow CoDT, where the
# ears are attached to the nose (to the eyes in OpenPose itself and openpose18).
BODY25 = """
    nose:neck neck
    right_shoulder:neck right_elbow:right_shoulder right_wrist:right_elbow
    left_shoulder:neck left_elbow:left_shoulder left_wrist:left_elbow
    pelvis:neck
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee
    right_eye:nose left_eye:nose right_ear:nose left_ear:nose
    left_big_toe:left_ankle left_small_toe:left_big_toe left_heel:left_ankle
    right_big_toe:right_ankle right_small_toe:right_big_toe right_heel:right_ankle
    """
layout(
    "body25",
    BODY25,
    head="nose right_eye left_eye right_ear left_ear",
    torso="neck pelvis",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle big_toe small_toe heel",
)

# The order of COCO with the bones and root of pyskl. The torso consists of shoulders and hips, as
# it has no other joints, so an upper arm is only its elbow and a thigh only its knee.
layout(
    "coco17",
    """
    nose left_eye:nose right_eye:nose left_ear:left_eye right_ear:right_eye
    left_shoulder:nose right_shoulder:nose left_elbow:left_shoulder right_elbow:right_shoulder
    left_wrist:left_elbow right_wrist:right_elbow
    left_hip:left_shoulder right_hip:right_shoulder left_knee:left_hip right_knee:right_hip
    left_ankle:left_knee right_ankle:right_knee
    """,
    head="nose left_eye right_eye left_ear right_ear",
    torso="left_shoulder right_shoulder left_hip right_hip",
    upper_arm="elbow",
    forearm="wrist",
    thigh="knee",
    crus="ankle",
)

# The order of MPII in the hourglass detections used by SemGCN, with SemGCN's names and bones of
# Human3.6M. In MPII, spine, thorax and head_top are called thorax, upper neck and head top.
layout(
    "mpii16",
    """
    right_ankle:right_knee right_knee:right_hip right_hip:pelvis
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee
    pelvis spine:pelvis thorax:spine head_top:thorax
    right_wrist:right_elbow right_elbow:right_shoulder right_shoulder:thorax
    left_shoulder:thorax left_elbow:left_shoulder left_wrist:left_elbow
    """,
    head="head_top",
    torso="pelvis spine thorax",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle",
)

# CrowdPose (https://github.com/Jeff-sjtu/CrowdPose) and AI Challenger
# (https://arxiv.org/abs/1711.06475) have the same joints in another order. There is no joint
# between the hips, so the bones are those of openpose18.
layout(
    "crowdpose14",
    """
    left_shoulder:neck right_shoulder:neck left_elbow:left_shoulder right_elbow:right_shoulder
    left_wrist:left_elbow right_wrist:right_elbow
    left_hip:left_shoulder right_hip:right_shoulder left_knee:left_hip right_knee:right_hip
    left_ankle:left_knee right_ankle:right_knee head_top:neck neck
    """,
    head="head_top",
    torso="neck",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle",
    part_edges=TORSO_PARTS,
)
layout(
    "aic14",
    """
    right_shoulder:neck right_elbow:right_shoulder right_wrist:right_elbow
    left_shoulder:neck left_elbow:left_shoulder left_wrist:left_elbow
    right_hip:right_shoulder right_knee:right_hip right_ankle:right_knee
    left_hip:left_shoulder left_knee:left_hip left_ankle:left_knee head_top:neck neck
    """,
    head="head_top",
    torso="neck",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle",
    part_edges=TORSO_PARTS,
)

# MediaPipe Pose (https://arxiv.org/abs/2006.10204). Its index, pinky and thumb are knuckles, its
# foot index is the tip of the foot. The bones of the body are those of coco17.
layout(
    "mediapipe33",
    """
    nose
    left_eye_inner:nose left_eye:left_eye_inner left_eye_outer:left_eye
    right_eye_inner:nose right_eye:right_eye_inner right_eye_outer:right_eye
    left_ear:left_eye_outer right_ear:right_eye_outer left_mouth:nose right_mouth:nose
    left_shoulder:nose right_shoulder:nose left_elbow:left_shoulder right_elbow:right_shoulder
    left_wrist:left_elbow right_wrist:right_elbow left_pinky:left_wrist right_pinky:right_wrist
    left_index:left_wrist right_index:right_wrist left_thumb:left_wrist right_thumb:right_wrist
    left_hip:left_shoulder right_hip:right_shoulder left_knee:left_hip right_knee:right_hip
    left_ankle:left_knee right_ankle:right_knee left_heel:left_ankle right_heel:right_ankle
    left_toe:left_ankle right_toe:right_ankle
    """,
    head="""
    nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer
    left_ear right_ear left_mouth right_mouth
    """,
    torso="left_shoulder right_shoulder left_hip right_hip",
    upper_arm="elbow",
    forearm="wrist pinky index thumb",
    thigh="knee",
    crus="ankle heel toe",
)
