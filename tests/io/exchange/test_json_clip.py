import json
import re

import numpy as np
import pytest

from pyg_skeleton import read
from pyg_skeleton.io import read_json_clip, write_json_clip
from pyg_skeleton.skeleton import Skeleton


@pytest.fixture
def path(tmp_path):
    return tmp_path / "clip.json"


@pytest.mark.parametrize("channels", [2, 3])
@pytest.mark.parametrize("confidence", [False, True])
def test_what_is_written_is_read(path, recording, check_same, channels, confidence):
    expected = recording(channels, confidence)
    write_json_clip(path, expected)
    check_same(read_json_clip(path), expected)


def test_a_layout_of_ones_own(path, recording):
    layout = Skeleton("x", ["a", "b"], [("b", "a")], "a").to_dict()
    expected = recording(layout=layout, persons=(), frame_rate=None, unit=None)
    expected.joints, expected.confidence = expected.joints[:, :, :2].copy(), None
    write_json_clip(path, expected)
    out = read_json_clip(path)
    assert out.layout == layout
    assert (out.persons, out.frame_rate, out.unit) == ((), None, None)
    assert read(path).skeleton.joints == ("a", "b")


def test_the_form_of_the_file(path):
    content = {
        "format": "pyg_skeleton clip",
        "layout": "coco17",
        "channels": 2,
        "joints": [[[0, 1] * 17, [None, 1.5] * 17]],
    }
    path.write_text(json.dumps(content))
    clip = read(path)
    assert clip.joints.shape == (1, 2, 17, 2)
    assert clip.joints[0, 0, 5].tolist() == [0, 1]
    assert not clip.visible[0, 1].any()
    assert clip.name == "clip"


def test_nothing_is_left_after_an_error(path, recording):
    bad = recording(frame_rate=float("nan"))
    path.write_text("before")
    with pytest.raises(ValueError, match="JSON"):
        write_json_clip(path, bad)
    assert [file.name for file in path.parent.iterdir()] == ["clip.json"]
    assert path.read_text() == "before"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": None}, ": channels: expected a number up to 10, got None"),
        ({"channels": 2}, ": joints: expected 2 numbers for each joint, got 75"),
        ({"joints": []}, ": joints: expected a list of frames for each person, got []"),
        ({"joints": [[]]}, ": joints[0]: expected 0 frames, got 0"),
        ({"joints": [[[1] * 75], []]}, ": joints[1]: expected 1 frames, got 0"),
        ({"joints": [[[1] * 75, [1]]]}, ": joints[0][1]: expected 75 numbers, got [1]"),
        ({"joints": [[["x"] * 75]]}, ": joints[0][0]: expected 75 numbers, got ['x'"),
        ({"joints": [[[1e20] * 75]]}, ": joints: a number is larger than 1e+09"),
        ({"joints": [[[10**400] * 75]]}, ": joints"),
        ({"confidence": [[[1]]]}, ": confidence: expected [2, 4, 25], got [1, 1, 1]"),
        ({"confidence": [[[2] * 25] * 4] * 2}, ": confidence: expected numbers from 0 to 1"),
        ({"confidence": [[[None] * 25] * 4] * 2}, ": confidence: expected numbers from 0 to 1"),
        ({"frame_rate": -1}, ": frame_rate: invalid value -1"),
        ({"frame_rate": "x"}, ": frame_rate: invalid value 'x'"),
        ({"unit": "mile"}, ": unit: invalid value 'mile'"),
        ({"unit": []}, ": unit: invalid value []"),
        ({"up": "u"}, ": up: invalid value 'u'"),
        ({"layout": 3}, ": layout: invalid value 3"),
        ({"persons": [1.5]}, ": persons: invalid value [1.5]"),
        ({"image_size": [1]}, ": image_size: invalid value [1]"),
        ({"name": 3}, ": name: invalid value 3"),
    ],
)
def test_damaged(path, recording, changes, message):
    write_json_clip(path, recording())
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(ValueError, match=re.escape(str(path) + message)):
        read_json_clip(path)


def test_truncated(path, recording):
    write_json_clip(path, recording())
    text = path.read_text()
    path.write_text(text[: len(text) // 2])
    with pytest.raises(ValueError, match=re.escape(str(path)) + ":1: is not JSON"):
        read_json_clip(path)


def test_numbers_are_those_of_float32(path, recording):
    expected = recording()
    write_json_clip(path, expected)
    numbers = np.array(json.loads(path.read_text())["joints"][0][0], np.float32)
    np.testing.assert_array_equal(numbers.reshape(25, 3), expected.joints[0, 0])
