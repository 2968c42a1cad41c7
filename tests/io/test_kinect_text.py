import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.io import (
    read_msr_action3d,
    read_utd_mhad,
    read_utkinect,
    read_utkinect_labels,
)

GENERATOR = np.random.default_rng(0)


def lines(table):
    return "".join(" ".join(f"{value:.7g}" for value in row) + "\n" for row in table)


# MSR Action3D ####################################################################################


def test_msr_action3d(tmp_path):
    table = GENERATOR.normal(size=(60, 4)).astype(np.float32)
    path = tmp_path / "a.txt"
    path.write_text(lines(table))
    clip = read_msr_action3d(path)
    assert clip.dtype == np.float32
    np.testing.assert_allclose(clip, table.reshape(3, 20, 4)[..., :3], rtol=1e-6)


def test_msr_action3d_cut_off(tmp_path):
    path = tmp_path / "a.txt"
    text = lines(np.ones((60, 4)))
    path.write_text(text[:-8])
    with pytest.raises(ValueError, match=r"a.txt:59: the file ends in the middle of a frame: 59 "):
        read_msr_action3d(path)
    path.write_text(text[:-4])
    with pytest.raises(ValueError, match=r"a.txt:60: expected 4 numbers, got 2"):
        read_msr_action3d(path)


# UTKinect ########################################################################################


def test_utkinect(tmp_path):
    table = GENERATOR.normal(size=(4, 61))
    table[:, 0] = [252, 254, 254, 256]  # one frame twice
    path = tmp_path / "joints_s01_e01.txt"
    path.write_text(lines(table))
    frames, joints = read_utkinect(path)
    assert frames.tolist() == [252, 254, 256]
    np.testing.assert_allclose(joints, table[[0, 1, 3], 1:].reshape(3, 20, 3), rtol=1e-6)


@pytest.mark.parametrize("number", [1.5, -1, 1e12])
def test_utkinect_numbers_of_frames(tmp_path, number):
    table = np.ones((2, 61))
    table[1, 0] = number
    path = tmp_path / "a.txt"
    path.write_text(lines(table))
    with pytest.raises(ValueError, match=r"is no number of a frame, in row 2"):
        read_utkinect(path)


LABELS = """s01_e01
walk: 252 390
sitDown: 572 686

s10_e02
walk: 1 5
carry: NaN NaN
"""


def test_utkinect_labels(tmp_path):
    path = tmp_path / "actionLabel.txt"
    path.write_text(LABELS)
    assert read_utkinect_labels(path) == [
        ("s01_e01", "walk", 252, 390),
        ("s01_e01", "sitDown", 572, 686),
        ("s10_e02", "walk", 1, 5),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: names no action"),
        ("walk: 1 2\n", ":1: expected a recording or 'action: first last', got 'walk: 1 2'"),
        ("s01_e01\nwalk 1 2\n", ":2: expected a recording or 'action: first last'"),
        ("s01_e01\nwalk: 1 -2\n", ":2: expected a recording or 'action: first last'"),
        ("s01_e01\nwalk: 5 2\n", ":2: the action ends before it begins"),
    ],
)
def test_utkinect_labels_that_lie(tmp_path, text, message):
    path = tmp_path / "actionLabel.txt"
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(f"{path}{message}")):
        read_utkinect_labels(path)


# UTD-MHAD ########################################################################################


@pytest.fixture
def mat(tmp_path):
    io = pytest.importorskip("scipy.io")

    def write(**arrays):
        path = tmp_path / "a1_s1_t1_skeleton.mat"
        io.savemat(path, arrays, do_compression=True)
        return path

    return write


def test_utd_mhad(mat):
    joints = GENERATOR.normal(size=(20, 3, 7))
    np.testing.assert_array_equal(
        read_utd_mhad(mat(d_skel=joints)), joints.transpose(2, 0, 1).astype(np.float32)
    )
    assert read_utd_mhad(mat(d_skel=joints[..., 0])).shape == (1, 20, 3)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"other": np.ones(3)}, "has no array d_skel"),
        ({"d_skel": np.ones((20, 3, 7, 2))}, "d_skel: expected [20, 3, T], got [20, 3, 7, 2]"),
        ({"d_skel": np.ones((19, 3, 7))}, "expected [T, 20, 3], got [7, 19, 3]"),
        ({"d_skel": np.full((20, 3, 7), np.nan)}, "frame 0, joint 0 is not a finite number"),
        ({"d_skel": "text"}, "d_skel"),
        ({"d_skel": {"a": 1}}, "d_skel"),
    ],
)
def test_utd_mhad_of_another_form(mat, arrays, message):
    path = mat(**arrays)
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        read_utd_mhad(path)
    assert str(error.value).startswith(f"{path}: ")


@given(data=st.data())
def test_utd_mhad_damaged(mat, data):
    path = mat(d_skel=np.arange(120.0).reshape(20, 3, 2))
    content = path.read_bytes()
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, len(content)))
    path.write_bytes(content[:begin] + data.draw(st.binary(max_size=4)) + content[end:])
    try:
        clip = read_utd_mhad(path)
    except ValueError as error:
        message = str(error)
        assert message.startswith(str(path))
        assert "\n" not in message
    else:
        assert clip.shape[1:] == (20, 3)
