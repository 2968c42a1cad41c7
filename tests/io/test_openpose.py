import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.io import read_openpose


def person(seed=0, joints=18):
    return {"pose_keypoints_2d": np.random.default_rng(seed).random(3 * joints).round(3).tolist()}


def array(seed=0, joints=18):
    return np.array(person(seed, joints)["pose_keypoints_2d"], np.float32).reshape(joints, 3)


def write(folder, frames):
    for name, people in frames.items():
        (folder / f"{name}.json").write_text(json.dumps({"version": 1.3, "people": people}))


def test_a_folder_of_frames(tmp_path):
    """In the order of their numbers, not of their letters."""
    frames = {
        "clip_9_keypoints": [person(1)],
        "clip_10_keypoints": [person(2), person(3)],
        "clip_0_keypoints": [],
    }
    write(tmp_path, frames)
    (tmp_path / "notes.txt").write_text("not a frame")
    clip = read_openpose(tmp_path)
    assert (clip.shape, clip.dtype) == ((2, 3, 18, 3), np.float32)
    assert clip.any((2, 3)).tolist() == [[False, True, True], [False, False, True]]
    np.testing.assert_array_equal(clip[0, 1:], [array(1), array(2)])
    np.testing.assert_array_equal(clip[1, 2], array(3))


def test_one_frame(tmp_path):
    write(tmp_path, {"a": [person(4, 25)]})
    np.testing.assert_array_equal(read_openpose(tmp_path / "a.json"), array(4, 25)[None, None])


def keypoints(value):
    return {"people": [person(), {"pose_keypoints_2d": value}]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "people: expected a list of up to 100 persons"),
        ({"data": []}, "people: expected a list of up to 100 persons"),
        ({"people": [[]] * 101}, "people: expected a list of up to 100 persons"),
        ({"people": [3]}, "people[0]: expected pose_keypoints_2d, got int"),
        (keypoints(None), "people[1].pose_keypoints_2d: expected 54 or 75 numbers, got NoneType"),
        (keypoints([1.0] * 53), "people[1].pose_keypoints_2d: expected 54 or 75 numbers, got 53"),
        (keypoints([True] * 54), "people[1].pose_keypoints_2d: expected 54 or 75 numbers, got so"),
        (keypoints([0] * 53 + [float("nan")]), "pose_keypoints_2d[53] is not a finite number"),
        (keypoints([1e39] * 75), "people[1].pose_keypoints_2d[0] is not a finite number"),
        (keypoints([10**400] * 54), "people[1].pose_keypoints_2d: a number is too large"),
    ],
)
def test_other_forms(tmp_path, value, message):
    write(tmp_path, {"0": [person()]})
    path = tmp_path / "1.json"
    path.write_text(json.dumps(value))
    with pytest.raises(ValueError, match=f"^{re.escape(f'{path}: ')}.*{re.escape(message)}"):
        read_openpose(tmp_path)


def test_no_clip(tmp_path):
    with pytest.raises(FileNotFoundError, match="expected a JSON file for each of up to 10000"):
        read_openpose(tmp_path)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_openpose(tmp_path / "nowhere")
    write(tmp_path, {"0": []})
    with pytest.raises(ValueError, match="got no person in any frame"):
        read_openpose(tmp_path)
    write(tmp_path, {"0": [person()], "1": [person(0, 25)]})
    with pytest.raises(ValueError, match="got persons of 18 and of 25 joints"):
        read_openpose(tmp_path)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@settings(max_examples=100)
@given(where=st.sampled_from(["file", "people", "person", "list", "number"]), lie=ANYTHING)
def test_a_lie_is_never_half_read(tmp_path, where, lie):
    """Something else in the second of two frames."""
    flat = person()["pose_keypoints_2d"]
    number = [*flat[:30], lie, *flat[31:]]
    content = {
        "file": lie,
        "people": {"people": lie},
        "person": {"people": [person(), lie]},
        "list": keypoints(lie),
        "number": keypoints(number),
    }[where]
    write(tmp_path, {"0": [person()]})
    path = tmp_path / "1.json"
    path.write_text(json.dumps(content))
    try:
        clip = read_openpose(tmp_path)
    except ValueError as error:
        message = str(error)
        assert message.startswith(f"{path}: ")
        assert "\n" not in message
    else:  # not a lie
        assert where == "number" or (where == "people" and lie == [])
        assert np.isfinite(clip).all()
        if where == "number":
            expected = np.array(number, np.float64).astype(np.float32).reshape(18, 3)
            np.testing.assert_array_equal(clip[1, 1], expected)


GOOD = json.dumps({"people": [person(0, 25)]}).encode()


@settings(max_examples=100)
@given(
    cut=st.tuples(st.integers(0, len(GOOD)), st.integers(0, 20)),
    fake=st.sampled_from([b"", b"9", b"-", b"null", b"[", b"]", b"{}", b"NaN", b"\xff"]),
)
def test_damaged(tmp_path, cut, fake):
    path = tmp_path / "a.json"
    path.write_bytes(GOOD[: cut[0]] + fake + GOOD[sum(cut) :])
    try:
        clip = read_openpose(path)
    except ValueError as error:
        message = str(error)
        assert message.startswith(str(path))
    else:
        assert clip.shape == (1, 1, 25, 3)
        assert np.isfinite(clip).all()
