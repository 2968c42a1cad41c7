import re

import numpy as np
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_bvh
from pyg_skeleton.io.mocap.bvh import frame_rate_of

#: The form of the conversions of CMU Mocap for MotionBuilder, shortened: tabs, six channels at the
#: root, rotations in the order z, y, x, and a frame time without a leading zero.
CMU = """HIERARCHY
ROOT Hips
{
	OFFSET 0.00000 0.00000 0.00000
	CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation
	JOINT LHipJoint
	{
		OFFSET 0 0 0
		CHANNELS 3 Zrotation Yrotation Xrotation
		JOINT LeftUpLeg
		{
			OFFSET 1.65674 -1.80282 0.62477
			CHANNELS 3 Zrotation Yrotation Xrotation
			JOINT LeftLeg
			{
				OFFSET 2.59720 -7.13576 0.00000
				CHANNELS 3 Zrotation Yrotation Xrotation
				End Site
				{
					OFFSET 0.00000 -6.50000 0.50000
				}
			}
		}
	}
	JOINT LowerBack
	{
		OFFSET 0.00000 2.00000 0.00000
		CHANNELS 3 Zrotation Yrotation Xrotation
		JOINT Head
		{
			OFFSET 0.01000 5.00000 0.10000
			CHANNELS 3 Zrotation Yrotation Xrotation
			End Site
			{
				OFFSET 0.00000 1.50000 0.00000
			}
		}
	}
}
MOTION
Frames: 2
Frame Time: .0083333
9.3722 17.8693 -17.3198 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
9.4 17.9 -17.2 -4.3 12.9 -1.9 1 2 3 10 -20 30 5 6 70 8 9 10 -11 12 -13
"""
NAMES = "Hips LHipJoint LeftUpLeg LeftLeg LeftLeg_end LowerBack Head Head_end"
JOINTS = NAMES.split()


def about_z(degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def about_y(degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def about_x(degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def turn(z, y, x):
    return about_z(z) @ about_y(y) @ about_x(x)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "walk.bvh"


def test_cmu(path):
    path.write_text(CMU)
    out = read_bvh(path)
    assert list(out.layout["joints"]) == JOINTS
    assert out.layout["joints"]["LeftLeg"] == "LeftUpLeg"
    assert out.layout["joints"]["Head_end"] == "Head"
    assert (out.frame_rate, out.up, out.unit, out.name) == (120.0, "y", None, "walk")
    rest = {
        "Hips": [0, 0, 0],
        "LHipJoint": [0, 0, 0],
        "LeftUpLeg": [1.65674, -1.80282, 0.62477],
        "LeftLeg": [4.25394, -8.93858, 0.62477],
        "LeftLeg_end": [4.25394, -15.43858, 1.12477],
        "LowerBack": [0, 2, 0],
        "Head": [0.01, 7, 0.1],
        "Head_end": [0.01, 8.5, 0.1],
    }
    first = np.array([9.3722, 17.8693, -17.3198]) + [rest[joint] for joint in JOINTS]
    np.testing.assert_allclose(out.joints[0, 0], first, atol=1e-5)
    root, place = turn(-4.3, 12.9, -1.9), np.array([9.4, 17.9, -17.2])
    hip = root @ turn(1, 2, 3)
    thigh = hip @ turn(10, -20, 30)
    up_leg = place + hip @ [1.65674, -1.80282, 0.62477]
    leg = up_leg + thigh @ [2.5972, -7.13576, 0]
    back = place + root @ [0, 2, 0]
    head = back + root @ turn(8, 9, 10) @ [0.01, 5, 0.1]
    expected = {
        "LHipJoint": place,
        "LeftUpLeg": up_leg,
        "LeftLeg": leg,
        "LeftLeg_end": leg + thigh @ turn(5, 6, 70) @ [0, -6.5, 0.5],
        "LowerBack": back,
        "Head": head,
        "Head_end": head + root @ turn(8, 9, 10) @ turn(-11, 12, -13) @ [0, 1.5, 0],
    }
    for joint, position in expected.items():
        at = out.joints[0, 1, JOINTS.index(joint)]
        np.testing.assert_allclose(at, position, atol=1e-5, err_msg=joint)


def test_the_order_of_channels_is_that_of_the_file(path):
    text = CMU.replace(
        "CHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation",
        "CHANNELS 6 Xrotation yposition Zrotation Zposition Yrotation Xposition",
    )
    path.write_text(text)
    out = read_bvh(path)
    x, y_position, z, z_position, y, x_position = 9.4, 17.9, -17.2, -4.3, 12.9, -1.9
    root = about_x(x) @ about_z(z) @ about_y(y)
    place = np.array([x_position, y_position, z_position])
    np.testing.assert_allclose(out.joints[0, 1, 5], place + root @ [0, 2, 0], atol=1e-5)


def test_positions_of_a_joint_replace_its_offset(path):
    head = "\t\tJOINT Head\n\t\t{\n\t\t\tOFFSET 0.01000 5.00000 0.10000\n\t\t\tCHANNELS "
    assert head in CMU
    text = CMU.replace(head + "3", head + "5 Yposition Xposition")
    text = text.replace(" -11 12 -13", " 7 3 -11 12 -13").replace("0 0 0\n9.4", "6 2 0 0 0\n9.4")
    path.write_text(text)
    out = read_bvh(path).joints[0]
    place = np.array([9.3722, 17.8693, -17.3198])
    np.testing.assert_allclose(out[0, 6], np.add(place, [2, 8, 0.1]), atol=1e-5)
    root = turn(-4.3, 12.9, -1.9)
    back = [9.4, 17.9, -17.2] + root @ [0, 2, 0]
    np.testing.assert_allclose(out[1, 6], back + root @ turn(8, 9, 10) @ [3, 7, 0.1], atol=1e-5)


def test_names_with_spaces_braces_on_the_line_and_line_ends(path):
    text = CMU.replace("Head\n", "Bip01 Head\n").replace("\n\t\t{", " {").replace("\n", "\r\n")
    path.write_text(text, newline="")
    out = read_bvh(path)
    assert list(out.layout["joints"])[6:] == ["Bip01 Head", "Bip01 Head_end"]
    assert out.joints.shape == (1, 2, 8, 3)


def test_an_end_site_at_its_joint_is_left_out(path):
    path.write_text(CMU.replace("OFFSET 0.00000 1.50000 0.00000", "OFFSET 0 0 0"))
    assert list(read_bvh(path).layout["joints"]) == JOINTS[:-1]


def test_many_frames(path):
    head, _, rows = CMU.partition("Frame Time: .0083333\n")
    count = 700
    text = head.replace("Frames: 2", f"Frames: {count}") + "Frame Time: 0.0333333\n"
    path.write_text(text + rows.splitlines()[1].join(["", "\n"]) * count)
    out = read_bvh(path)
    assert out.joints.shape[1] == count
    assert out.frame_rate == 30
    np.testing.assert_array_equal(out.joints[0, 0], out.joints[0, -1])


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.0333333", 30),
        ("0.033333", 30),
        (".0083333", 120),
        ("0.008333", 120),
        ("0.033", 30),
        ("0.017", 60),
        ("0.03", 30),
        ("0.04", 25),
        ("0.008", 125),
        ("0.0047619", 210),
        ("10", 0.1),
        ("0.016683350", 59.94),
        ("0.033366700", 29.97),
        ("1", 1),
    ],
)
def test_frame_rate(text, rate):
    assert frame_rate_of(text) == pytest.approx(rate, abs=1e-5)
    if isinstance(rate, int):
        assert frame_rate_of(text) == rate


def test_read_converts_by_name(path):
    path.write_text(CMU)
    clip = read(path)
    assert clip.skeleton.num_joints == 8
    out = clip.to_layout("h36m16")
    joints = clip.skeleton.joints
    hip = out.joints[..., out.skeleton.joint_id("left_hip"), :]
    np.testing.assert_array_equal(hip, clip.joints[..., joints.index("LeftUpLeg"), :])
    assert "left_knee" in out.report.splitlines()[1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("HIERARCHY", "HIERARCHIE", ":1: expected HIERARCHY, got 'HIERARCHIE'"),
        ("ROOT Hips", "JOINT Hips", ":2: expected ROOT, got 'JOINT'"),
        ("OFFSET 1.65674", "OFFSET x", ":12: expected a finite number, got 'x'"),
        ("OFFSET 1.65674", "OFFSET nan", ":12: expected a finite number, got 'nan'"),
        ("OFFSET 1.65674", "OFFSET 1e999", ":12: expected a finite number, got '1e999'"),
        ("CHANNELS 6", "CHANNELS 7", ":5: expected up to 6 channels, got 7"),
        ("CHANNELS 6", "CHANNELS 5", ":5: expected OFFSET, CHANNELS, JOINT, End Site or }"),
        ("Zposition Z", "Yposition Z", ":5: expected each of Xposition, Yposition, Zposition"),
        ("JOINT LeftLeg", "JOINT LeftUpLeg", ":15: the hierarchy has a second joint 'LeftUpLeg'"),
        ("End Site", "End Joint", ":18: expected Site, got 'Joint'"),
        ("\n}\nMOTION", "\nMOTION", ":38: the file ends here, expected }"),
        ("\n}\nMOTION", "\n}\nROOT b\nMOTION", ":40: only one root is read, got 'ROOT'"),
        ("MOTION", "NOTION", ":40: expected MOTION, got 'NOTION'"),
        ("Frames: 2", "Frames: two", ":41: expected Frames: and their number, got 'Frames: two'"),
        ("Frames: 2", "Frames: 3", ":41: announces 3 frames, has 2"),
        ("Frames: 2", "Frames: 1", ":41: announces 1 frames, has 2"),
        ("Frames: 2", "Frames: 999999999", ": takes "),
        (".0083333", "0.0", ":42: expected Frame Time: and seconds"),
        (".0083333", "-1", ":42: expected Frame Time: and seconds"),
        (".0083333", "nan", ":42: expected Frame Time: and seconds"),
        (" 12 -13", " 12", ":44: expected 21 numbers, got 20"),
        (" 12 -13", " 12 -13 1", ":44: expected 21 numbers, got more"),
        (" 12 -13", " 12 inf", ":44: expected 21 finite numbers"),
        ("9.4 17.9", "1e300 17.9", ": a joint is farther away than 1e+09"),
    ],
)
def test_damaged(path, old, new, message):
    assert old in CMU
    path.write_text(CMU.replace(old, new, 1))
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_bvh(path)


def test_truncated(path):
    for size in range(0, len(CMU) - 60, 7):
        path.write_text(CMU[:size])
        with pytest.raises(ValueError, match=re.escape(str(path)) + r":\d+: .+"):
            read_bvh(path)


def test_deep_hierarchies_end(path):
    path.write_text("HIERARCHY\nROOT a\n{\n" + "".join(f"JOINT a{i} {{\n" for i in range(2000)))
    with pytest.raises(ValueError, match=r":1003: the hierarchy has more than 1000 joints"):
        read_bvh(path)
