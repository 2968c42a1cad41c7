"""Body models and joints regressed from them: SMPL, VIBE and the shared joints of CoDT."""

from pyg_skeleton.skeleton.layouts.build import layout

# The joints spine1, spine2 and spine3 of SMPL are lower_back, spine and chest.
layout(
    "smpl24",
    """
    pelvis left_hip:pelvis right_hip:pelvis lower_back:pelvis
    left_knee:left_hip right_knee:right_hip spine:lower_back
    left_ankle:left_knee right_ankle:right_knee chest:spine
    left_foot:left_ankle right_foot:right_ankle
    neck:chest left_collar:chest right_collar:chest head:neck
    left_shoulder:left_collar right_shoulder:right_collar
    left_elbow:left_shoulder right_elbow:right_shoulder
    left_wrist:left_elbow right_wrist:right_elbow
    left_hand:left_wrist right_hand:right_wrist
    """,
    head="neck head",
    torso="pelvis lower_back spine chest",
    upper_arm="collar shoulder elbow",
    forearm="wrist hand",
    thigh="hip knee",
    crus="ankle foot",
)

# The 49 joints of VIBE: the 25 of OpenPose, then those of other corpora. Duplicates carry the name
# of their corpus (lsp, mpii, coco) and are attached to their original. The authors give no bones;
# the first 25 joints have the bones of body25.
layout(
    "vibe49",
    """
    nose:neck neck
    right_shoulder:neck right_elbow:right_shoulder right_wrist:right_elbow
    left_shoulder:neck left_elbow:left_shoulder left_wrist:left_elbow
    pelvis:neck
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee
    right_eye:nose left_eye:nose right_ear:nose left_ear:nose
    left_big_toe:left_ankle left_small_toe:left_big_toe left_heel:left_ankle
    right_big_toe:right_ankle right_small_toe:right_big_toe right_heel:right_ankle
    right_ankle_lsp:right_ankle right_knee_lsp:right_knee right_hip_lsp:right_hip
    left_hip_lsp:left_hip left_knee_lsp:left_knee left_ankle_lsp:left_ankle
    right_wrist_lsp:right_wrist right_elbow_lsp:right_elbow right_shoulder_lsp:right_shoulder
    left_shoulder_lsp:left_shoulder left_elbow_lsp:left_elbow left_wrist_lsp:left_wrist
    neck_lsp:neck head_top:head pelvis_mpii:pelvis thorax:neck spine:pelvis jaw:head head:neck
    nose_coco:nose left_eye_coco:left_eye right_eye_coco:right_eye
    left_ear_coco:left_ear right_ear_coco:right_ear
    """,
    head="""
    nose right_eye left_eye right_ear left_ear head_top jaw head
    nose_coco left_eye_coco right_eye_coco left_ear_coco right_ear_coco
    """,
    torso="neck pelvis neck_lsp pelvis_mpii thorax spine",
    upper_arm="shoulder elbow shoulder_lsp elbow_lsp",
    forearm="wrist wrist_lsp",
    thigh="hip knee hip_lsp knee_lsp",
    crus="ankle big_toe small_toe heel ankle_lsp",
)

# The joints shared by Kinect and VIBE in the domain-shared branch of CoDT: the first 15 of VIBE,
# with the bones and root of CoDT. The neck of OpenPose is the middle of the shoulders and thus
# called spine_shoulder, as in Kinect; its nose corresponds to Kinect's head. (Both matches are
# inferred, as the picture of the Kinect joints in the supplement is not available.)
layout(
    "shared15",
    """
    nose:spine_shoulder spine_shoulder
    right_shoulder:spine_shoulder right_elbow:right_shoulder right_wrist:right_elbow
    left_shoulder:spine_shoulder left_elbow:left_shoulder left_wrist:left_elbow
    pelvis:spine_shoulder
    right_hip:pelvis right_knee:right_hip right_ankle:right_knee
    left_hip:pelvis left_knee:left_hip left_ankle:left_knee
    """,
    head="nose",
    torso="spine_shoulder pelvis",
    upper_arm="shoulder elbow",
    forearm="wrist",
    thigh="hip knee",
    crus="ankle",
)
