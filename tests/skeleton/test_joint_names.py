import pytest

from pyg_skeleton.skeleton import Skeleton, common_names, layout_from_names, list_skeletons
from pyg_skeleton.skeleton.joint_names import mirror_pairs


@pytest.mark.parametrize("name", list_skeletons())
def test_our_names_stay(name):
    joints = Skeleton.get(name).joints
    assert common_names(joints) == joints


#: The joints of a body as tools name them, in our order.
OURS = (
    "pelvis spine chest neck head left_collar left_shoulder left_elbow left_wrist "
    "right_hip right_knee right_ankle"
)
TOOLS = {
    "cmu": (
        "Hips Spine Spine1 Neck Head LeftShoulder LeftArm LeftForeArm LeftHand RightUpLeg RightLeg "
        "RightFoot"
    ),
    "mixamo": (
        "mixamorig:Hips mixamorig:Spine mixamorig:Spine1 mixamorig:Neck mixamorig:Head "
        "mixamorig:LeftShoulder mixamorig:LeftArm mixamorig:LeftForeArm mixamorig:LeftHand "
        "mixamorig:RightUpLeg mixamorig:RightLeg mixamorig:RightFoot"
    ),
    "xsens": (
        "Hips Chest Chest2 Neck Head LeftCollar LeftShoulder LeftElbow LeftWrist RightHip "
        "RightKnee RightAnkle"
    ),
    "mvnx": (
        "Pelvis L5 T8 Neck Head LeftShoulder LeftUpperArm LeftForeArm LeftHand RightUpperLeg "
        "RightLowerLeg RightFoot"
    ),
    "azure": (
        "PELVIS SPINE_NAVEL SPINE_CHEST NECK HEAD CLAVICLE_LEFT SHOULDER_LEFT ELBOW_LEFT "
        "WRIST_LEFT HIP_RIGHT KNEE_RIGHT ANKLE_RIGHT"
    ),
    "unreal": (
        "pelvis spine_01 spine_02 neck_01 head clavicle_l upperarm_l lowerarm_l hand_l thigh_r "
        "calf_r foot_r"
    ),
    "blender": (
        "hips spine chest neck head clavicle.L upper_arm.L forearm.L hand.L thigh.R shin.R foot.R"
    ),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_names_of_tools(tool):
    assert common_names(TOOLS[tool].split()) == tuple(OURS.split())


def test_mediapipe():
    """Its landmarks, as pose-format stores them."""
    joints = Skeleton.get("mediapipe33").joints
    names = [joint.upper().replace("TOE", "FOOT_INDEX") for joint in joints]
    assert common_names(names) == joints


def test_names_with_spaces():
    names = ["Bip01 Pelvis", "Bip01 Spine", "Bip01 L Thigh", "Bip01 L Calf", "Bip01 L Foot"]
    expected = ("pelvis", "spine", "left_hip", "left_knee", "left_ankle")
    assert common_names(names) == expected


def test_a_name_depends_on_the_others():
    assert common_names(["LeftShoulder", "LeftElbow"]) == ("left_shoulder", "left_elbow")
    assert common_names(["LeftShoulder", "LeftArm"]) == ("left_collar", "left_shoulder")
    assert common_names(["LeftWrist", "LeftHand"]) == ("left_wrist", "left_hand")


def test_the_trunk_by_its_number_of_joints():
    assert common_names(["Spine"]) == ("spine",)
    assert common_names(["LowerBack", "Spine", "Spine1"]) == ("lower_back", "spine", "chest")
    assert common_names(["L5", "L3", "T12", "T8"]) == ("lower_back", "lumbar", "spine", "chest")
    five = common_names([f"spine_0{i}" for i in range(1, 6)])
    assert five == ("lower_back", "spine_02", "spine", "spine_04", "chest")


def test_unknown_names_stay_and_stay_apart():
    assert common_names(["LASI", "L5", "tail", "head", "Head"])[0] == "LASI"
    out = common_names(["tail", "Head", "head"])
    assert out[0] == "tail"
    assert len(set(out)) == 3


def test_mirror_pairs():
    joints = ["Hips", "RightUpLeg", "LHipJoint", "LeftUpLeg", "RHipJoint", "LeftHand"]
    assert mirror_pairs(joints) == [("LHipJoint", "RHipJoint"), ("LeftUpLeg", "RightUpLeg")]


def test_conversion_by_name_of_another_tool():
    cmu = layout_from_names("cmu", TOOLS["cmu"].split())
    body = Skeleton.from_dict(cmu)
    convert = Skeleton.get("cmu38").converter_from(body)
    assert "left_elbow" in convert.copied
    assert convert.gather[Skeleton.get("cmu38").joint_id("left_elbow")] == body.joint_id(
        "LeftForeArm"
    )


def test_bones_by_anatomy():
    layout = layout_from_names("x", ["LKnee", "LHip", "LAnkle", "MidHip", "Neck", "Nose", "C7"])
    expected = {
        "LKnee": "LHip",
        "LHip": "MidHip",
        "LAnkle": "LKnee",
        "MidHip": None,
        "Neck": "MidHip",
        "Nose": "Neck",
        "C7": "MidHip",
    }
    assert layout["joints"] == expected
    Skeleton.from_dict(layout)


def test_bones_of_the_file_come_first():
    bones = [("a", "b"), ("b", "c"), ("c", "a")]
    layout = layout_from_names("x", ["a", "b", "c", "d"], bones)
    assert layout["joints"] == {"a": None, "b": "a", "c": "b", "d": "a"}
    assert layout["links"] == [["c", "a"]]
    assert Skeleton.from_dict(layout).num_joints == 4


@pytest.mark.parametrize("name", list_skeletons())
def test_every_layout_has_a_tree(name):
    skeleton = Skeleton.get(name)
    bones = [(skeleton.joints[a], skeleton.joints[b]) for a, b in skeleton.bones]
    again = Skeleton.from_dict(layout_from_names(name, skeleton.joints, bones))
    edges = {frozenset(bone) for bone in skeleton.bones}
    assert {frozenset(bone) for bone in again.bones} == edges
    assert Skeleton.from_dict(layout_from_names(name, skeleton.joints)).num_joints == len(
        skeleton.joints
    )
