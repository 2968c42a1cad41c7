import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.io import read_kinetics_labels, read_kinetics_skeleton


def person(seed=0):
    generator = np.random.default_rng(seed)
    return {"pose": generator.random(36).round(3).tolist(), "score": [0.5] * 17 + [0.0]}


def content(*frames):
    data = [{"frame_index": i, "skeleton": persons} for i, persons in frames]
    return {"data": data, "label": "abseiling", "label_index": 0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.json"


def test_content(path):
    path.write_text(json.dumps(content((1, [person(0)]), (3, [person(1), person(2)]), (4, []))))
    clip = read_kinetics_skeleton(path)
    assert clip.shape == (2, 5, 18, 3)
    assert clip.dtype == np.float32
    expected = np.array(person(2)["pose"], np.float32).reshape(18, 2)
    np.testing.assert_array_equal(clip[1, 3, :, :2], expected)
    np.testing.assert_array_equal(clip[0, 1, :, 2], np.array(person()["score"], np.float32))
    assert clip.any((2, 3)).tolist() == [[False, True, False, True, False], [False] * 3 + [True, 0]]


def test_nobody(path):
    path.write_text(json.dumps(content((1, []))))
    assert read_kinetics_skeleton(path).shape == (0, 2, 18, 3)
    path.write_text(json.dumps({"data": []}))
    assert read_kinetics_skeleton(path).size == 0


def changed(key, value):
    return content((1, [{**person(), key: value}]))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "expected data in a list, got list"),
        ({"data": 3}, "expected data in a list, got dict"),
        ({"data": [3]}, "data[0].frame_index: expected a number from 0 to 9999, got None"),
        (content((-1, [])), "data[0].frame_index: expected a number from 0 to 9999, got -1"),
        (content((10**9, [])), "data[0].frame_index: expected a number from 0 to 9999, got 10000"),
        (content((True, [])), "data[0].frame_index: expected a number from 0 to 9999, got True"),
        (content((1, [])) | {"data": [{"frame_index": 1}]}, "data[0].skeleton: expected a list of"),
        (content((1, [[]] * 101)), "data[0].skeleton: expected a list of up to 100 persons"),
        (content((1, []), (1, [])), "data[1]: frame 1 is there twice"),
        (content((1, [3])), "data[0].skeleton[0]: expected pose and score, got int"),
        (changed("pose", None), "data[0].skeleton[0].pose: expected 36 numbers, got NoneType"),
        (changed("pose", [1.0] * 50), "data[0].skeleton[0].pose: expected 36 numbers, got 50"),
        (changed("pose", ["a"] * 36), "pose: expected 36 numbers, got something else among them"),
        (changed("pose", [True] * 36), "pose: expected 36 numbers, got something else among them"),
        (changed("score", [float("nan")] * 18), "score[0] is not a finite number"),
        (changed("score", [1e300] * 18), "score[0] is not a finite number"),
        (changed("score", [10**400] * 18), "score: a number is too large"),
    ],
)
def test_other_forms(path, value, message):
    path.write_text(json.dumps(value))
    with pytest.raises(ValueError, match=re.escape(f"{path}: ") + ".*" + re.escape(message)):
        read_kinetics_skeleton(path)


GOOD = json.dumps(content((0, [person()]), (1, []))).encode()


@given(data=st.data())
def test_damaged(path, data):
    begin = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(begin, len(GOOD)))
    fake = data.draw(
        st.sampled_from([b"", b"9", b"-", b"null", b"[", b"]", b"{}", b"NaN", b"\xff"])
    )
    path.write_bytes(GOOD[:begin] + fake + GOOD[end:])
    try:
        clip = read_kinetics_skeleton(path)
    except ValueError as error:
        message = str(error)
        assert message.startswith(str(path))
        assert "\n" not in message
    else:
        assert np.isfinite(clip).all()


def test_labels(path):
    path.write_text(
        json.dumps(
            {
                "x": {"has_skeleton": True, "label": "abseiling", "label_index": 0},
                "y": {"has_skeleton": False, "label": "yoga", "label_index": 399},
            }
        )
    )
    labels = read_kinetics_labels(path)
    assert labels["x"] == ("abseiling", 0, True)
    assert labels["y"] == ("yoga", 399, False)
    for value in ([], {}, {"x": 3}, {"x": {"label": "a"}}, {"x": {"label": 3, "label_index": 1}}):
        path.write_text(json.dumps(value))
        with pytest.raises(ValueError, match=r"a.json: (expected|'x': expected)"):
            read_kinetics_labels(path)


def test_many_persons_and_a_late_frame(tmp_path):
    """Each is there once; the array would have all persons in all frames."""
    person = {"pose": [0] * 36, "score": [0] * 18}
    frames = [{"frame_index": 0, "skeleton": [person] * 100}, {"frame_index": 9999, "skeleton": []}]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"data": frames}))
    with pytest.raises(ValueError, match=r"a.json: takes 216,000,000 bytes of memory, expected"):
        read_kinetics_skeleton(path)
