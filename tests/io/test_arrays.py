import numpy as np
import pytest

from pyg_skeleton.io.arrays import array_recording, is_array, read_array
from pyg_skeleton.io.formats import Probe


def test_a_clip_of_one_person_and_of_several(tmp_path):
    clip = np.arange(60.0).reshape(2, 10, 3)
    for array in (clip, clip[None]):
        np.save(tmp_path / "walk.npy", array)
        found = read_array(tmp_path / "walk.npy")
        assert found.name == "walk"
        assert found.confidence is None
        assert found.joints.dtype == np.float32
        np.testing.assert_array_equal(found.joints, clip[None])
    assert is_array(Probe(tmp_path / "walk.npy"))


def test_a_third_number_is_a_score_beside_pixels():
    pixels = np.full((1, 2, 3), 100.0, np.float32)
    pixels[0, :, 0], pixels[0, :, 2] = (10, 300), (0, 0.5)
    found = array_recording(pixels, "here", "x")
    np.testing.assert_array_equal(found.confidence, [[[0, 0.5]]])
    np.testing.assert_array_equal(found.joints, [[[[np.nan, np.nan], [300, 100]]]])
    small = pixels / 400
    assert array_recording(small, "here", "x").confidence is None
    assert array_recording(small, "here", "x", "xys").confidence is not None


@pytest.mark.parametrize(
    ("array", "channels", "message"),
    [
        (np.zeros((2, 3)), None, r"expected joints \[T, V, 2 or 3\] or .*, got \[2, 3\]"),
        (np.zeros((0, 2, 3)), None, r"expected joints .* got \[0, 2, 3\]"),
        (np.full((1, 2, 3), np.inf), None, "a joint is not a finite number up to"),
        (np.zeros((1, 2, 3)), "xy", "has 3 channels, expected 'xy'"),
        (np.full((1, 2, 3), 2.0), "xys", "expected scores from 0 to 1, got 2.0 to 2.0"),
    ],
)
def test_arrays_that_are_no_joints(tmp_path, array, channels, message):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match=rf"a\.npy: {message}"):
        read_array(tmp_path / "a.npy", channels)
