import re

import numpy as np
import pandas as pd
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_csv, write_csv

TIDY = """frame,person,joint,x,y,z
10,ann,left_hip,0.1,1,0
10,ann,left_knee,0.1,0.5,0.25
10,0,left_hip,3,4,5
12,ann,left_knee,,,
12,ann,left_hip,1e-1,NaN,0
"""
WIDE = """time;LeftHip_x;LeftHip_y;LeftHip_Score;label;LeftKnee_x;LeftKnee_y;LeftKnee_score
0.00;1;2;0.5;walk;3;4;1
0.04;1.5;2;0.75;walk;;;0
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clip.csv"


@pytest.mark.parametrize("channels", [2, 3])
@pytest.mark.parametrize("confidence", [False, True])
def test_what_is_written_is_read(path, recording, check_same, channels, confidence):
    expected = recording(channels, confidence, unit=None, up=None, image_size=None, name="clip")
    expected.persons = ("7", "b")
    write_csv(path, expected)
    check_same(read_csv(path), expected)


def test_the_form_of_the_table(path, recording):
    expected = recording(persons=(0, 1))
    write_csv(path, expected)
    table = pd.read_csv(path)
    assert " ".join(table) == "frame time person joint parent x y z confidence"
    assert len(table) == expected.joints[..., 0].size
    wide = table.pivot_table(index=["person", "frame"], columns="joint", values="x", dropna=False)
    np.testing.assert_allclose(wide["head"].to_numpy(), expected.joints[..., 3, 0].ravel(), 1e-6)
    assert read_csv(path).persons == (0, 1)


def test_without_frame_rate(path, recording):
    write_csv(path, recording(frame_rate=None))
    assert read_csv(path).frame_rate is None


def test_tidy(path):
    path.write_text(TIDY)
    out = read_csv(path)
    assert out.persons == ("ann", "0")
    assert out.joints.shape == (2, 3, 2, 3)
    assert out.layout["joints"] == {"left_hip": None, "left_knee": "left_hip"}
    np.testing.assert_array_equal(out.joints[0, 0], np.float32([[0.1, 1, 0], [0.1, 0.5, 0.25]]))
    np.testing.assert_array_equal(out.joints[1, 0, 0], [3, 4, 5])
    missing = np.isnan(out.joints).any(-1)
    assert missing.sum() == 12 - 3
    assert (out.frame_rate, out.confidence, out.unit) == (None, None, None)


def test_wide(path):
    path.write_text(WIDE)
    out = read_csv(path)
    np.testing.assert_array_equal(out.joints[0, :, 0], [[1, 2], [1.5, 2]])
    np.testing.assert_array_equal(out.joints[0, 0, 1], [3, 4])
    assert np.isnan(out.joints[0, 1, 1]).all()
    np.testing.assert_array_equal(out.confidence[0], [[0.5, 1], [0.75, 0]])
    assert out.frame_rate == 25
    assert list(out.layout["joints"]) == ["LeftHip", "LeftKnee"]
    clip = read(path).to_layout("coco17")
    assert clip.joints[0, 0, clip.skeleton.joint_id("left_knee")].tolist() == [3, 4]


def test_rows_without_frames_are_those_of_their_person(path):
    path.write_text("person,parent,a_x,a_y,b_x,b_y\nu,p,1,2,3,4\n\nv,p,5,6,7,8\nu,p,1,1,1,1\n")
    out = read_csv(path)
    assert out.persons == ("u", "v")
    np.testing.assert_array_equal(out.joints[0, :, 0], [[1, 2], [1, 1]])
    np.testing.assert_array_equal(out.joints[1, :, 0], [[5, 6], [np.nan, np.nan]])


def test_parents_are_bones(path):
    path.write_text("frame\tjoint\tparent\tx\ty\n0\ta\t\t1\t2\n0\tb\ta\t1\t2\n0\tc\ta\t3\t4\n")
    assert read_csv(path).layout["joints"] == {"a": None, "b": "a", "c": "a"}


def test_a_layout_with_other_bones_is_another(path, recording):
    write_csv(path, recording())
    text = path.read_text()
    assert ",head,neck," in text
    path.write_text(text.replace(",head,neck,", ",head,pelvis,"))
    assert read_csv(path).layout["joints"]["head"] == "pelvis"


def test_names_are_kept(path):
    path.write_text("frame,person,joint,x,y\n0,007,None,1,2\n0,007,NA,3,4\n")
    out = read_csv(path)
    assert out.persons == ("007",)
    assert list(out.layout["joints"]) == ["None", "NA"]


def test_a_byte_order_mark_and_quotes(path):
    path.write_text('\ufeffframe,joint,x,y\n0,"a, b",1,2\n0,c,1,2\n', encoding="utf-8")
    assert list(read_csv(path).layout["joints"]) == ["a, b", "c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: expected columns x, y, ... of each joint"),
        ("a,b\n1,2\n", ":1: expected columns x, y, ... of each joint, got 'a, b'"),
        (
            "a_x,a_y,b_x,b_y,b_z\n1,2,3,4,5\n",
            ":1: expected columns x, y, ... of each joint, got oth",
        ),
        (TIDY.splitlines()[0], ":2: the table has no rows"),
        (TIDY.replace("3,4,5", "3,4"), ":4: expected 6 cells, got 5"),
        (TIDY.replace("3,4,5", "3,4,5,6"), ":4: expected 6 cells, got 7"),
        (TIDY.replace("3,4,5", "3,4,x"), ":4: z: expected a number up to 1e+09, got 'x'"),
        (TIDY.replace("3,4,5", "3,4,1e99"), ":4: z: expected a number up to 1e+09, got '1e99'"),
        (TIDY.replace("12,ann,left_k", "1.5,ann,left_k"), ":5: frame: expected a whole number"),
        (TIDY.replace("12,ann,left_k", "10,ann,left_k"), ":5: 'left_knee' is there twice"),
        (TIDY.replace("12,ann,left_k", "9999999999,ann,left_k"), ": takes "),
        (TIDY.replace("left_knee", ""), ":3: expected the name of a joint"),
        (WIDE.replace("0.75", "1.75"), ": confidence: expected numbers from 0 to 1, got 0 to 1.75"),
        ("frame,joint,parent,x,y\n0,a,b,1,2\n", ": parent: no joint 'b', as of 'a'"),
        (
            "frame,joint,x,y\n" + "".join(f"0,{i},1,2\n" for i in range(1001)),
            ":1002: joint: expect",
        ),
    ],
)
def test_damaged(path, text, message):
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_csv(path)


def test_huge_cells(path):
    path.write_text("frame,joint,x,y\n0,a,1," + "1" * 200_000 + "\n")
    with pytest.raises(ValueError, match=re.escape(f"{path}:2: ")):
        read_csv(path)


def test_channels(path, recording):
    bad = recording()
    bad.joints = bad.joints[..., :1]
    with pytest.raises(ValueError, match="got 1 channels"):
        write_csv(path, bad)
    assert not path.exists()
