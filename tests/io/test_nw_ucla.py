import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.io import read_nw_ucla


def frames(count=2):
    return np.arange(count * 60, dtype=float).reshape(count, 20, 3)


def test_content(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"file_name": "a", "skeletons": frames().tolist(), "label": 1}))
    clip = read_nw_ucla(path)
    assert clip.dtype == np.float32
    np.testing.assert_array_equal(clip, frames())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "skeletons: expected a list of frames, got []"),
        ({}, "skeletons: expected a list of frames, got the keys []"),
        ({"bones": 1}, "skeletons: expected a list of frames, got the keys ['bones']"),
        ({"skeletons": {"a": 1}}, "skeletons: expected a list of frames, got dict"),
        ({"skeletons": []}, "skeletons: expected [T, 20, 3], got [0]"),
        ({"skeletons": frames()[:, :19].tolist()}, "skeletons[0]: expected 20 joints of 3 numbers"),
        ({"skeletons": [[[1, 2, 3]], [[1, 2]]]}, "skeletons[0]: expected 20 joints of 3 numbers"),
        ({"skeletons": [["a"]]}, "skeletons[0]: expected 20 joints of 3 numbers"),
        ({"skeletons": [[[None] * 3] * 20]}, "skeletons[0]: expected 20 joints of 3 numbers"),
        ({"skeletons": [[[float("nan")] * 3] * 20]}, "frame 0, joint 0 is not a finite number"),
    ],
)
def test_other_shapes(tmp_path, content, message):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        read_nw_ucla(path)
    assert str(error.value).startswith(f"{path}: skeletons")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(content=_JSON)
def test_any_json(tmp_path, content):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"skeletons": content}))
    with pytest.raises(ValueError, match=re.escape(str(path))):
        read_nw_ucla(path)
