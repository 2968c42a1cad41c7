import os
import pickle

import numpy as np
import pytest

from pyg_skeleton.data import read
from pyg_skeleton.io.keypoints.deeplabcut import _columns, read_deeplabcut_csv


def matches(clip, xy, score):
    np.testing.assert_allclose(clip.joints, xy, rtol=1e-6)
    np.testing.assert_allclose(clip.confidence, score, rtol=1e-6)
    assert (clip.unit, clip.up) == ("px", "-y")
    assert clip.skeleton.joints == ("snout", "leftear", "rightear", "tailbase")
    assert clip.skeleton.mirror == ((1, 2),)


@pytest.mark.parametrize("animals", [1, 2])
def test_csv(keypoint_files, tmp_path, animals):
    xy, score = keypoint_files.people(joints=4, persons=animals)
    path = tmp_path / "videoDLC_resnet50.csv"
    path.write_bytes(keypoint_files.deeplabcut_csv(xy, score))
    clip = read(path)
    matches(clip, xy, score)
    assert clip.persons == ((0,) if animals == 1 else ("mouse1", "mouse2"))


def test_labels_have_no_likelihood_and_gaps(tmp_path):
    """Three columns name the picture."""
    path = tmp_path / "CollectedData_me.csv"
    path.write_text(
        "scorer,,,me,me,me,me\n"
        "bodyparts,,,nose,nose,tail,tail\n"
        "coords,,,x,y,x,y\n"
        "labeled-data,video,img0.png,1.5,2,3,4\n"
        "labeled-data,video,img9.png,5,6,,\n"
    )
    clip = read(path)
    assert clip.joints[0, 0].tolist() == [[1.5, 2], [3, 4]]
    assert clip.confidence is None
    assert clip.visible.tolist() == [[[True, True], [True, False]]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("\n0,", "\n0,x"), r"a.csv:4: expected finite numbers, got 'x"),
        (("\n3,", "\n3,1,"), r"a.csv:7: expected 13 cells, got 14"),
        (("bodyparts", "bodies"), "has none of the formats"),
        (("likelihood", "luck"), "expected lines of scorer|expected the columns|expected 13 cells"),
    ],
)
def test_refusals(keypoint_files, tmp_path, change, message):
    content = keypoint_files.deeplabcut_csv(*keypoint_files.people(joints=4, persons=1)).decode()
    path = tmp_path / "a.csv"
    path.write_text(content.replace("\r\n", "\n").replace(*change))
    with pytest.raises(ValueError, match=message):
        read(path)


@pytest.mark.parametrize("animals", [1, 2])
def test_h5(keypoint_files, tmp_path, animals):
    pytest.importorskip("h5py")
    xy, score = keypoint_files.people(joints=4, persons=animals)
    path = tmp_path / "videoDLC_resnet50.h5"
    path.write_bytes(keypoint_files.deeplabcut_h5(xy, score))
    clip = read(path)
    matches(clip, xy, score)
    assert clip.persons == ((0,) if animals == 1 else ("mouse1", "mouse2"))


def test_columns_are_never_executed():
    class Evil:
        def __reduce__(self):
            return os.system, ("false",)

    good = [("me", "nose", "x"), ("me", "nose", "likelihood")]
    for protocol in range(5):
        found = _columns(pickle.dumps(good, protocol), "f.h5")
        assert found == [("", "nose", "x"), ("", "nose", "likelihood")]
        with pytest.raises(ValueError, match=r"f.h5: the names of the columns have"):
            _columns(pickle.dumps([*good, Evil()], protocol), "f.h5")


@pytest.mark.parametrize("text", ["", "scorer,a\n", "scorer,a", "\n\n"])
def test_a_file_that_ends_in_its_first_lines(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"a\.csv:1: expected lines of scorer, bodyparts and coo"):
        read_deeplabcut_csv(path)
