"""Kinect v1 (NW-UCLA), Kinect v2 (NTU RGB+D, PKU-MMD), Azure Kinect, and Xsens MVN."""

from pyg_skeleton.skeleton.layouts.build import layout

# Bones and root follow ST-GCN and its successors: the root is the base of the neck, and the tip of
# the hand is attached to the thumb (to the hand in pyskl). The Sym-GNN paper does not list the
# parts of this body; these follow its Fig. 5, where a thigh is hip and knee.
layout(
    "ntu25",
    """
    pelvis:spine spine:spine_shoulder neck:spine_shoulder head:neck
    left_shoulder:spine_shoulder left_elbow:left_shoulder
    left_wrist:left_elbow left_hand:left_wrist
    right_shoulder:spine_shoulder right_elbow:right_shoulder
    right_wrist:right_elbow right_hand:right_wrist
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee left_foot:left_ankle
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee right_foot:right_ankle
    spine_shoulder
    left_hand_tip:left_thumb left_thumb:left_hand
    right_hand_tip:right_thumb right_thumb:right_hand
    """,
    head="neck head",
    torso="pelvis spine spine_shoulder",
    upper_arm="shoulder elbow",
    forearm="wrist hand hand_tip thumb",
    thigh="hip knee",
    crus="ankle foot",
)

# The root is the center of the shoulders, as in CTR-GCN.
layout(
    "kinect20",
    """
    pelvis:spine spine:spine_shoulder spine_shoulder head:spine_shoulder
    left_shoulder:spine_shoulder left_elbow:left_shoulder
    left_wrist:left_elbow left_hand:left_wrist
    right_shoulder:spine_shoulder right_elbow:right_shoulder
    right_wrist:right_elbow right_hand:right_wrist
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee left_foot:left_ankle
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee right_foot:right_ankle
    """,
    head="head",
    torso="pelvis spine spine_shoulder",
    upper_arm="shoulder elbow",
    forearm="wrist hand",
    thigh="hip knee",
    crus="ankle foot",
)

# The order and the tree of
# https://learn.microsoft.com/en-us/previous-versions/azure/kinect-dk/body-joints.
layout(
    "azure32",
    """
    pelvis spine:pelvis chest:spine neck:chest
    left_collar:chest left_shoulder:left_collar left_elbow:left_shoulder left_wrist:left_elbow
    left_hand:left_wrist left_hand_tip:left_hand left_thumb:left_wrist
    right_collar:chest right_shoulder:right_collar right_elbow:right_shoulder
    right_wrist:right_elbow right_hand:right_wrist right_hand_tip:right_hand
    right_thumb:right_wrist
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee left_foot:left_ankle
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee right_foot:right_ankle
    head:neck nose:head left_eye:head left_ear:head right_eye:head right_ear:head
    """,
    head="neck head nose left_eye left_ear right_eye right_ear",
    torso="pelvis spine chest",
    upper_arm="collar shoulder elbow",
    forearm="wrist hand hand_tip thumb",
    thigh="hip knee",
    crus="ankle foot",
)

# The segments of Xsens MVN, each at its origin, the joint to the segment before it (MVN User
# Manual, chapter 19.7): L5, L3, T12 and T8 are lower_back, lumbar, spine and chest, a shoulder is
# the collar, an upper arm the shoulder, a toe the ball of the foot.
layout(
    "xsens23",
    """
    pelvis lower_back:pelvis lumbar:lower_back spine:lumbar chest:spine neck:chest head:neck
    right_collar:chest right_shoulder:right_collar right_elbow:right_shoulder
    right_wrist:right_elbow
    left_collar:chest left_shoulder:left_collar left_elbow:left_shoulder left_wrist:left_elbow
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee right_foot:right_ankle
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee left_foot:left_ankle
    """,
    head="neck head",
    torso="pelvis lower_back lumbar spine chest",
    upper_arm="collar shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle foot",
)
