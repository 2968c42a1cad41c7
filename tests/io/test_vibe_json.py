import copy
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyg_skeleton.io import read_vibe_json


def track(frames, seed=0):
    joints = np.random.default_rng(seed).normal(0, 1, (len(frames), 49, 3)).round(4)
    boxes = [[1.0, 2.0, 3.0, 4.0]] * len(frames)
    return {"joints3d": joints.tolist(), "frame_ids": list(frames), "bboxes": boxes}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "video.json"


def test_tracks(path):
    content = {"1": track(range(3)), "7": track([0, 2, 5, 6], 1), "9": track([])}
    path.write_text(json.dumps(content))
    out = read_vibe_json(path)
    # Those with most frames first, and who is never seen is not there.
    assert [t.name for t in out] == ["7", "1"]
    assert out[0].frames.tolist() == [0, 2, 5, 6]
    assert out[0].joints.shape == (4, 49, 3)
    assert out[0].joints.dtype == np.float32
    expected = np.array(content["7"]["joints3d"], np.float32)
    np.testing.assert_array_equal(out[0].joints, expected)


def test_nobody(path):
    path.write_text("{}")
    assert read_vibe_json(path) == []


def changed(**fields):
    return {"1": {**track(range(3)), **fields}}


def joints_with(place, value):
    joints = track(range(3))["joints3d"]
    at = joints
    for i in place[:-1]:
        at = at[i]
    at[place[-1]] = value
    return changed(joints3d=joints)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], ": expected a dict of up to 1000 persons"),
        ({"1": []}, ": '1': expected a dict, got list"),
        ({"1": {}}, ": '1': expected frame_ids and joints3d as lists"),
        (changed(frame_ids=[0, 1]), ": '1': has 2 frame_ids and 3 joints3d"),
        (changed(frame_ids=[0, 2, 1]), ": '1'.frame_ids[2]: expected a number from 3 to 9999"),
        (changed(frame_ids=[0, 1, 1]), ": '1'.frame_ids[2]: expected a number from 2 to 9999"),
        (changed(frame_ids=[-1, 1, 2]), ": '1'.frame_ids[0]: expected a number from 0 to 9999"),
        (changed(frame_ids=[0, 1, 10**9]), ": '1'.frame_ids[2]: expected a number from 2"),
        (changed(frame_ids=[0, 1, 2.5]), ": '1'.frame_ids[2]: expected a number from 2"),
        (joints_with([1, 5], [1, 2]), ": '1'.joints3d[1]: expected 49 joints of 3 numbers"),
        (joints_with([2], []), ": '1'.joints3d[2]: expected 49 joints of 3 numbers"),
        (joints_with([0, 0, 0], "1"), ": '1'.joints3d[0]: expected 49 joints of 3 numbers"),
        (joints_with([0, 0, 0], None), ": '1'.joints3d[0]: expected 49 joints of 3 numbers"),
        (
            joints_with([1, 4, 2], float("nan")),
            ": '1'.joints3d: frame 1, joint 4 is not a finite number",
        ),
        (joints_with([1, 4, 2], 1e300), ": '1'.joints3d: frame 1, joint 4 is not a finite number"),
        (joints_with([1, 4, 2], 10**400), ": '1'.joints3d: a number is too large"),
    ],
)
def test_damaged(path, content, message):
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_vibe_json(path)


def test_truncated(path):
    text = json.dumps(changed(), indent=1)
    path.write_text(text[: len(text) // 2])
    with pytest.raises(ValueError, match=re.escape(str(path)) + r":\d+: is not JSON"):
        read_vibe_json(path)


GOOD = {"1": track([0, 1, 4]), "2": track([2, 3], 1)}


@given(st.data())
@settings(max_examples=60)
def test_lies(path, data):
    """Whatever stands in place of a part of the file, it is read or refused with its key."""
    content = copy.deepcopy(GOOD)
    junk = st.one_of(
        st.none(),
        st.integers(),
        st.floats(),
        st.text(max_size=3),
        st.just([]),
        st.just({}),
        st.lists(st.integers(-2, 6), max_size=4),
    )
    place = data.draw(st.sampled_from(["person", "key", "frame", "joint", "number", "id"]))
    person = content[data.draw(st.sampled_from(["1", "2"]))]
    value = data.draw(junk)
    if place == "person":
        content["1"] = value
    elif place == "key":
        person[data.draw(st.sampled_from(["joints3d", "frame_ids", "bboxes"]))] = value
    elif place == "id":
        person["frame_ids"][data.draw(st.integers(0, 1))] = value
    elif place == "frame":
        person["joints3d"][0] = value
    elif place == "joint":
        person["joints3d"][1][data.draw(st.integers(0, 48))] = value
    else:
        person["joints3d"][1][3][data.draw(st.integers(0, 2))] = value
    path.write_text(json.dumps(content))
    message = None
    try:
        out = read_vibe_json(path)
    except ValueError as error:
        message = str(error)
    if message is not None:
        assert re.fullmatch(re.escape(str(path)) + ": .+", message)
        return
    for found in out:
        assert found.joints.shape == (len(found.frames), 49, 3)
        assert np.isfinite(found.joints).all()
        assert (np.diff(found.frames) > 0).all()
