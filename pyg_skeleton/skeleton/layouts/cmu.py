"""CMU Mocap as exponential maps: all 38 joints of the files and the 26 that move."""

from pyg_skeleton.skeleton.layouts.build import layout

# The files name a rotation after the bone below the joint: LeftUpLeg is the left hip (LHipJoint,
# here hip_base, is a helper between it and the root), LeftArm the left shoulder, LeftShoulder the
# collar bone; LowerBack, Spine and Spine1 are lower_back, spine and chest.
layout(
    "cmu38",
    """
    pelvis
    left_hip_base:pelvis left_hip:left_hip_base left_knee:left_hip left_ankle:left_knee
    left_foot:left_ankle left_toe:left_foot
    right_hip_base:pelvis right_hip:right_hip_base right_knee:right_hip right_ankle:right_knee
    right_foot:right_ankle right_toe:right_foot
    lower_back:pelvis spine:lower_back chest:spine
    neck:chest upper_neck:neck head:upper_neck head_top:head
    left_collar:chest left_shoulder:left_collar left_elbow:left_shoulder left_wrist:left_elbow
    left_hand:left_wrist left_index:left_hand left_hand_tip:left_index
    left_thumb:left_wrist left_thumb_tip:left_thumb
    right_collar:chest right_shoulder:right_collar right_elbow:right_shoulder
    right_wrist:right_elbow right_hand:right_wrist right_index:right_hand
    right_hand_tip:right_index right_thumb:right_wrist right_thumb_tip:right_thumb
    """,
    head="neck upper_neck head head_top",
    torso="pelvis lower_back spine chest",
    upper_arm="collar shoulder elbow",
    forearm="wrist hand index hand_tip thumb thumb_tip",
    thigh="hip_base hip knee",
    crus="ankle foot toe",
)

# The nodes and parts of DMGNN. Its code attaches the right arm to the neck and the left arm to the
# chest; here both are attached to the chest, as in the files and in its older list of 27 nodes.
layout(
    "cmu26",
    """
    left_hip:lower_back left_knee:left_hip left_ankle:left_knee left_foot:left_ankle
    right_hip:lower_back right_knee:right_hip right_ankle:right_knee right_foot:right_ankle
    lower_back spine:lower_back chest:spine neck:chest upper_neck:neck head:upper_neck
    left_shoulder:chest left_elbow:left_shoulder left_wrist:left_elbow
    left_hand:left_wrist left_index:left_hand left_thumb:left_wrist
    right_shoulder:chest right_elbow:right_shoulder right_wrist:right_elbow
    right_hand:right_wrist right_index:right_hand right_thumb:right_wrist
    """,
    head="neck upper_neck head",
    torso="lower_back spine chest",
    upper_arm="shoulder elbow",
    forearm="wrist hand index thumb",
    thigh="hip knee",
    crus="ankle foot",
)
