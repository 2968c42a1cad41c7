import os
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyg_skeleton.io import read_pose_annotations


def entry(number=0, **changes):
    generator = np.random.default_rng(number)
    out = {
        "frame_dir": f"clip{number}",
        "label": number % 3,
        "total_frames": 5 + number,
        "img_shape": (1080, 1920),
        "original_shape": (1080, 1920),
        "keypoint": generator.random((2, 5 + number, 17, 2)).astype(np.float16),
        "keypoint_score": generator.random((2, 5 + number, 17)).astype(np.float16),
    }
    out.update(changes)
    return {key: value for key, value in out.items() if value is not None}


def content(*entries):
    return {"split": {"train": ["clip0"], "val": ["clip1"]}, "annotations": list(entries)}


def write(path, value, protocol=4):
    path.write_bytes(pickle.dumps(value, protocol))
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.pkl"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_content(path, protocol):
    entries = [entry(0), entry(1, label=np.int64(2), img_shape=[480, 640])]
    file = read_pose_annotations(write(path, content(*entries), protocol))
    assert file.splits == {"train": ["clip0"], "val": ["clip1"]}
    assert [clip.name for clip in file.clips] == ["clip0", "clip1"]
    assert [clip.label for clip in file.clips] == [0, 2]
    assert [clip.image_size for clip in file.clips] == [(1920, 1080), (640, 480)]
    for clip, expected in zip(file.clips, entries, strict=True):
        assert clip.keypoints.dtype == clip.scores.dtype == np.float32
        np.testing.assert_array_equal(clip.keypoints, expected["keypoint"])
        np.testing.assert_array_equal(clip.scores, expected["keypoint_score"])


def test_what_may_be_missing(path):
    bare = entry(0, total_frames=None, img_shape=None, keypoint_score=None)
    (clip,) = read_pose_annotations(write(path, [bare])).clips
    assert (clip.scores, clip.image_size) == (None, None)
    assert read_pose_annotations(path).splits == {}


def test_other_keys_are_ignored(path):
    """Annotations of mmaction2 and pyskl for UCF101 and Kinetics have frames by confidence."""
    valid = {0.5: 150, 0.6: 120, 0.7: 0}
    box = np.ones((2, 5), np.float16)
    (clip,) = read_pose_annotations(write(path, [entry(valid=valid, box_score=box)])).clips
    assert clip.keypoints.shape == (2, 5, 17, 2)


KEYPOINT = np.ones((1, 5, 17, 2), np.float32)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (3, "expected a dict with annotations in a list, got int"),
        ({"a": 1}, "expected a dict with annotations in a list, got a dict of 'a'"),
        ([], "has no annotations"),
        ({"split": [], "annotations": []}, "split: expected a dict, got list"),
        ({"split": {"a": 3}, "annotations": []}, "split['a']: expected a list of names"),
        ([{"label": 3}], "annotations[0]: expected a dict with frame_dir, got a dict of 'label'"),
        ([entry(label=None)], "annotations[0] ('clip0'): label: expected a whole number, got None"),
        ([entry(label=-1)], "label: expected a number from 0 on, got -1"),
        ([entry(label=True)], "label: expected a whole number, got bool"),
        (
            [entry(keypoint=None, raw_file="kp/abc.pkl")],
            "keypoint is missing and raw_file names 'kp/abc.pkl'; joints in separate files are not",
        ),
        ([entry(keypoint=None)], "keypoint: expected an array of numbers, got NoneType"),
        ([entry(keypoint=KEYPOINT[0])], "keypoint: expected [M, T, V, 2 or 3], got [5, 17, 2]"),
        ([entry(keypoint=KEYPOINT[:, :0])], "got [1, 0, 17, 2]"),
        ([entry(keypoint=KEYPOINT.astype(complex))], "an array of numbers, got complex128"),
        ([entry(keypoint=KEYPOINT * np.nan)], "keypoint[0, 0, 0, 0] is not a finite number"),
        ([entry(total_frames=10**9)], "total_frames is 1000000000, keypoint has 5 frames"),
        ([entry(total_frames=-1)], "total_frames: expected a number from 0 on, got -1"),
        ([entry(keypoint_score=KEYPOINT)], "keypoint_score: expected [2, 5, 17], got [1, 5, 17, 2"),
        ([entry(img_shape=(3,))], "img_shape: expected height and width, got (3,)"),
        ([entry(img_shape=(0, 3))], "img_shape: expected a number from 1 on, got 0"),
    ],
)
def test_other_forms(path, value, message):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        read_pose_annotations(write(path, value))
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


class Evil:
    def __init__(self, folder):
        self.folder = folder

    def __reduce__(self):
        return os.mkdir, (str(self.folder),)


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_is_executed(tmp_path, path, protocol):
    folder = tmp_path / "made"
    write(path, content(entry(), {"frame_dir": Evil(folder)}), protocol)
    with pytest.raises(ValueError, match=r"a.pkl: the pickle asks for '.*mkdir', which is refused"):
        read_pose_annotations(path)
    assert not folder.exists()


GOOD = pickle.dumps(content(entry(0), entry(1)), 4)


@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD)), st.binary(max_size=3), st.integers(0, 3)), max_size=3
    ),
    st.integers(0, 2 * len(GOOD)),
)
def test_damaged_files(path, changes, size):
    data = GOOD
    for place, inserted, removed in changes:
        data = data[:place] + inserted + data[place + removed :]
    path.write_bytes(data[:size])
    try:
        file = read_pose_annotations(path)
    except ValueError as error:
        message = str(error)
        assert message.startswith(str(path))
        assert "\n" not in message
    else:
        assert all(np.isfinite(clip.keypoints).all() for clip in file.clips)


def test_kind(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_pose_annotations(tmp_path / "b.pkl")
    with pytest.raises(ValueError, match="is a directory, expected a pickle"):
        read_pose_annotations(tmp_path)


def test_one_array_in_many_clips(tmp_path):
    """A small file of which the clips take gigabytes as float32."""
    array = np.zeros((1, 1000, 17, 3), "i1")
    entry = {"label": 0, "keypoint": array}
    entries = [{"frame_dir": f"{i}", **entry} for i in range(5000)]
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(entries, 4))
    assert path.stat().st_size < 400_000
    with pytest.raises(ValueError, match=r"annotations\[\d+\] .*: takes [\d,]+ bytes of memory"):
        read_pose_annotations(path)


@pytest.mark.parametrize("key", ["img_shape", "label", "total_frames", "keypoint", "frame_dir"])
def test_a_shared_graph_in_a_message(tmp_path, key):
    """Fifty lists, each twice in the next one: 10^15 characters if it was printed."""
    graph = [0]
    for _ in range(50):
        graph = [graph, graph]
    entry = {"frame_dir": "c", "label": 0, "keypoint": np.ones((1, 2, 17, 2), "f4"), key: graph}
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps([entry], 4))
    with pytest.raises(ValueError, match=r"a.pkl: annotations\[0\]") as error:
        read_pose_annotations(path)
    assert len(str(error.value)) < 300
