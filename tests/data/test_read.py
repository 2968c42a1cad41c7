import json

import numpy as np
import pytest
import torch

import pyg_skeleton
from pyg_skeleton.data import read, read_all
from pyg_skeleton.io import NTUBody, NTURecording, write_ntu_skeleton


@pytest.fixture
def recording(tmp_path):
    """A file of NTU with two persons."""
    bodies = [
        NTUBody(
            person,
            np.arange(start, 8),
            np.random.randn(8 - start, 25, 3).astype("f4"),
            np.full(8 - start, place),
        )
        for place, (person, start) in enumerate([(72057594037931101, 0), (72057594037931102, 5)])
    ]
    write_ntu_skeleton(tmp_path / "S001.skeleton", NTURecording(8, bodies))
    return tmp_path / "S001.skeleton", bodies


def test_read_is_public():
    assert pyg_skeleton.read is read
    assert pyg_skeleton.read_all is read_all


def test_a_file_says_what_it_is(recording):
    path, bodies = recording
    clip = read(path)
    assert clip.skeleton.name == "ntu25"
    assert (clip.frame_rate, clip.unit, clip.up, clip.name) == (30, "m", "y", "S001")
    assert clip.persons == (72057594037931101, 72057594037931102)
    np.testing.assert_allclose(clip.joints[0], bodies[0].joints)
    assert clip.visible[1].any(1).tolist() == [False] * 5 + [True] * 3


def test_what_is_passed_replaces_what_the_file_says(recording):
    clip = read(recording[0], frame_rate=15, up="z")
    assert (clip.frame_rate, clip.up, clip.unit) == (15, "z", "m")


def test_the_layout_of_a_format_is_no_choice(recording):
    assert read(recording[0], "ntu25").skeleton.name == "ntu25"
    with pytest.raises(ValueError, match=r"S001: has 25 joints of 'ntu25', not the 25 of 'body25'"):
        read(recording[0], "body25")


def test_an_array_needs_a_layout(tmp_path):
    np.save(tmp_path / "a.npy", np.random.randn(4, 17, 3))
    with pytest.raises(ValueError, match=r"a.npy: a: .* its 17 joints, pass layout="):
        read(tmp_path / "a.npy")
    assert read(tmp_path / "a.npy", "h36m17", unit="m").joints.shape == (1, 4, 17, 3)
    np.save(tmp_path / "a.npy", np.ones((4, 17, 3), "f4"))  # which NumPy maps read-only
    assert read(tmp_path / "a.npy", "h36m17").joints.sum() == 4 * 17 * 3
    with pytest.raises(ValueError, match="has 17 joints, not the 25 of 'ntu25'; convert"):
        read(tmp_path / "a.npy", "ntu25")


def test_errors_of_the_clip_name_the_file(tmp_path):
    np.save(tmp_path / "a.npy", np.random.randn(4, 17, 2))
    with pytest.raises(ValueError, match=r"a.npy: a: frame_rate must be positive, got -1"):
        read(tmp_path / "a.npy", "coco17", frame_rate=-1)


def test_several_recordings(tmp_path):
    for name in ("b10", "b9"):
        frames = np.random.randn(3, 20, 3).round(3).tolist()
        (tmp_path / f"{name}.json").write_text(json.dumps({"skeletons": frames}))
    (tmp_path / ".hidden").write_text("")
    with pytest.raises(
        ValueError, match=r"has several recordings, 'b9', 'b10', ...; read .*read_all"
    ):
        read(tmp_path)
    clips = read_all(tmp_path)
    assert [clip.name for clip in clips] == ["b9", "b10"]
    assert torch.equal(clips[0].joints, read(tmp_path / "b9.json").joints)
