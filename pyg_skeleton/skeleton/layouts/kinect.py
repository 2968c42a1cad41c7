"""Kinect v1 (NW-UCLA) and Kinect v2 (NTU RGB+D, PKU-MMD)."""

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
