"""Human3.6M: the 32 joints of its files and what people keep of them; MPI-INF-3DHP."""

from pyg_skeleton.skeleton.layouts.build import layout

# The names that the toolkit gives to rotations are those of the bone below the joint: RightUpLeg is
# the right hip, LeftArm the left shoulder, LeftShoulder the collar bone. Parts as in DMGNN, with
# its labels of the two legs, which are swapped, put right; what it leaves out goes to the part next
# to it. lower_back (Spine) coincides with the pelvis in the data.
layout(
    "h36m32",
    """
    pelvis
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee
    right_foot:right_ankle right_toe:right_foot
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee
    left_foot:left_ankle left_toe:left_foot
    lower_back:pelvis spine:lower_back thorax:spine head:thorax head_top:head
    left_collar:spine left_shoulder:left_collar left_elbow:left_shoulder left_wrist:left_elbow
    left_thumb:left_wrist left_thumb_tip:left_thumb left_hand:left_wrist left_hand_tip:left_hand
    right_collar:spine right_shoulder:right_collar right_elbow:right_shoulder
    right_wrist:right_elbow right_thumb:right_wrist right_thumb_tip:right_thumb
    right_hand:right_wrist right_hand_tip:right_hand
    """,
    head="thorax head head_top",
    torso="pelvis lower_back spine",
    upper_arm="collar shoulder",
    forearm="elbow wrist thumb thumb_tip hand hand_tip",
    thigh="hip knee",
    crus="ankle foot toe",
)

# DMGNN's twenty joints for motion prediction. The root is left out, so the hips hang on the spine.
layout(
    "h36m20",
    """
    right_hip:lower_back right_knee:right_hip right_ankle:right_knee right_foot:right_ankle
    left_hip:lower_back left_knee:left_hip left_ankle:left_knee left_foot:left_ankle
    lower_back spine:lower_back thorax:spine head:thorax
    left_collar:spine left_shoulder:left_collar left_elbow:left_shoulder left_wrist:left_elbow
    right_collar:spine right_shoulder:right_collar right_elbow:right_shoulder
    right_wrist:right_elbow
    """,
    head="thorax head",
    torso="lower_back spine",
    upper_arm="collar shoulder",
    forearm="elbow wrist",
    thigh="hip knee",
    crus="ankle foot",
)

# The 21 joints of Sym-GNN: those twenty and the root, which we put to the torso.
layout(
    "h36m21",
    """
    pelvis
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee right_foot:right_ankle
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee left_foot:left_ankle
    lower_back:pelvis spine:lower_back thorax:spine head:thorax
    left_collar:spine left_shoulder:left_collar left_elbow:left_shoulder left_wrist:left_elbow
    right_collar:spine right_shoulder:right_collar right_elbow:right_shoulder
    right_wrist:right_elbow
    """,
    head="thorax head",
    torso="pelvis lower_back spine",
    upper_arm="collar shoulder",
    forearm="elbow wrist",
    thigh="hip knee",
    crus="ankle foot",
)

# The 17 joints of VideoPose3D, which hangs the shoulders on the thorax rather than on the spine.
# Its Neck/Nose is joint 14 of the files, their head, and its Head is joint 15, the top of it.
_H36M17 = """
    pelvis
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee
    spine:pelvis thorax:spine head:thorax head_top:head
    left_shoulder:thorax left_elbow:left_shoulder left_wrist:left_elbow
    right_shoulder:thorax right_elbow:right_shoulder right_wrist:right_elbow
"""
layout(
    "h36m17",
    _H36M17,
    head="head head_top",
    torso="pelvis spine thorax",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle",
)

# The graph of LCN: the same joints and four more edges, which make its diameter 6 instead of 8.
# HCSF names no graph, but its "furthest hop is 6" fits this one only.
layout(
    "h36m17-lcn",
    _H36M17,
    head="head head_top",
    torso="pelvis spine thorax",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle",
    links="right_hip:spine left_hip:spine spine:left_shoulder spine:right_shoulder",
)

# SemGCN's: without Neck/Nose.
layout(
    "h36m16",
    """
    pelvis
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee
    spine:pelvis thorax:spine head_top:thorax
    left_shoulder:thorax left_elbow:left_shoulder left_wrist:left_elbow
    right_shoulder:thorax right_elbow:right_shoulder right_wrist:right_elbow
    """,
    head="head_top",
    torso="pelvis spine thorax",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle",
)

# The test joints of MPI-INF-3DHP. No author gives bones; these are those of h36m17, whose thorax is
# what 3DHP calls neck.
layout(
    "mpi-inf-3dhp17",
    """
    head_top:head neck:spine
    right_shoulder:neck right_elbow:right_shoulder right_wrist:right_elbow
    left_shoulder:neck left_elbow:left_shoulder left_wrist:left_elbow
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee
    pelvis spine:pelvis head:neck
    """,
    head="head head_top",
    torso="pelvis spine neck",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle",
)
