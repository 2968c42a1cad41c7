import re

import numpy as np
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_trc

#: The example of the documentation of OpenSim, shortened; the second marker is lost in frame 2.
OPENSIM = (
    "PathFileType\t4\t(X/Y/Z)\tsubject01_walk1.trc\n"
    "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\t"
    "OrigNumFrames\n"
    "60.00\t60.00\t3\t2\tmm\t60.00\t1\t3\n"
    "Frame#\tTime\tR.ASIS\t\t\tL.ASIS\t\t\n"
    "\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n"
    "\n"
    "1\t0.000\t615.4\t1029.6\t129.4\t615.9\t1017.8\t-120.6\n"
    "2\t0.017\t620.8\t1030.4\t129.2\t\t\t\n"
    "3\t0.033\t626.3\t1031.2\t128.9\t627.1\t1019.3\t-121.3\n"
)
#: Pose2Sim names joints; another software separates by spaces and writes NaN.
POSE2SIM = (
    "PathFileType\t4\t(X/Y/Z)\tx.trc\n"
    "DataRate CameraRate NumFrames NumMarkers Units OrigDataRate OrigDataStartFrame OrigNumFrames\n"
    "30 30 1 4 m 30 0 1\n"
    "Frame# Time CHip RHip RKnee Neck\n"
    "X1 Y1 Z1 X2 Y2 Z2 X3 Y3 Z3 X4 Y4 Z4\n"
    "1 0 0 1 0 0.1 1 0 NaN NaN NaN 0 1.5 0\n"
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "walk.trc"


def test_opensim(path):
    path.write_text(OPENSIM)
    out = read_trc(path)
    assert (out.frame_rate, out.unit, out.up) == (60.0, "mm", None)
    assert out.layout["joints"] == {"R.ASIS": None, "L.ASIS": "R.ASIS"}
    assert out.layout["mirror"] == [["L.ASIS", "R.ASIS"]]
    expected = np.array(
        [
            [[615.4, 1029.6, 129.4], [615.9, 1017.8, -120.6]],
            [[620.8, 1030.4, 129.2], [np.nan] * 3],
            [[626.3, 1031.2, 128.9], [627.1, 1019.3, -121.3]],
        ],
        np.float32,
    )
    np.testing.assert_array_equal(out.joints[0], expected)


def test_names_of_joints_give_bones(path):
    path.write_text(POSE2SIM)
    out = read_trc(path)
    bones = {"CHip": None, "RHip": "CHip", "RKnee": "RHip", "Neck": "CHip"}
    assert out.layout["joints"] == bones
    assert np.isnan(out.joints[0, 0]).any(1).tolist() == [False, False, True, False]
    clip = read(path).to_layout("ntu25")
    assert clip.joints[0, 0, clip.skeleton.joint_id("right_hip")].tolist() == pytest.approx(
        [0.1, 1, 0]
    )


def test_trailing_tabs_and_line_ends(path):
    path.write_text(OPENSIM.replace("\n", "\t\t\r\n"), newline="")
    assert read_trc(path).joints.shape == (1, 3, 2, 3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("PathFileType", "Path", ":1: expected PathFileType"),
        ("60.00\t60.00", "x\t60.00", ":3: DataRate: expected a positive number, got 'x'"),
        ("60.00\t60.00", "0\t60.00", ":3: DataRate: expected a positive number, got '0'"),
        ("\tmm\t", "\tpx\t", ":3: Units: expected m, cm, mm or in, got 'px'"),
        ("\t3\t2\t", "\t3\t3\t", ":4: expected the names of 3 markers, got 2"),
        ("\t3\t2\t", "\t4\t2\t", ":3: NumFrames is 4, the file has 3 frames"),
        ("\t3\t2\t", "\t1\t2\t", ":3: NumFrames is 1, the file has 3 frames"),
        ("Frame#", "Time", ":4: expected Frame#, Time and the markers"),
        ("L.ASIS", "R.ASIS", ":4: the marker 'R.ASIS' is there twice"),
        ("\t1031.2", "", ":9: expected 8 columns, got 7"),
        ("\t1031.2", "\t1\t2", ":9: expected 8 columns, got 9"),
        ("\t1031.2", "\tx", ":9: expected a number, got 'x'"),
        ("\t1031.2", "\tinf", ":9: expected a number up to 1e+09, got 'inf'"),
    ],
)
def test_damaged(path, old, new, message):
    assert old in OPENSIM
    path.write_text(OPENSIM.replace(old, new, 1))
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_trc(path)


def test_truncated(path):
    end = OPENSIM.index("627.1")
    for size in range(0, end, 5):
        path.write_text(OPENSIM[:size])
        with pytest.raises(ValueError, match=re.escape(str(path)) + r":\d+: .+"):
            read_trc(path)
