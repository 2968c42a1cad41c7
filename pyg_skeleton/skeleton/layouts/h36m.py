"""Human3.6M: the 32 joints of the files and the subsets in use; MPI-INF-3DHP."""

from pyg_skeleton.skeleton.layouts.build import layout

# The toolkit names a rotation after the bone below the joint: RightUpLeg is the right hip, LeftArm
# the left shoulder, LeftShoulder the collar bone. The parts follow DMGNN, except that its swapped
# labels of the legs are corrected and the joints it omits belong to the nearest part. lower_back
# (Spine) coincides with the pelvis in the data.
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

# The 20 joints of DMGNN for motion prediction. They omit the root, so the hips are attached to the
# lower back.
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

# The 21 joints of Sym-GNN: h36m20 and the root, which here belongs to the torso.
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

# The 17 joints of VideoPose3D, whose shoulders are attached to the thorax rather than the spine.
# Its Neck/Nose is joint 14 of the files (head) and its Head is joint 15 (head_top).
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

# The graph of LCN: h36m17 with four more edges, which reduce the diameter from 8 to 6. The HCSF
# paper does not specify its graph, but "furthest hop is 6" fits only this one.
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

# The joints of SemGCN: h36m17 without Neck/Nose.
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

# The test joints of MPI-INF-3DHP. The authors give no bones; these follow h36m17, whose thorax is
# the neck of 3DHP.
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
