import pytest
from PIL import Image

from pyg_skeleton.visualization import animate


def test_writes_a_frame_for_each_pose(clip, skeleton, tmp_path):
    clip = clip[:4]
    guesses = {"truth": clip, "prediction": clip * 1.02}
    path = animate(guesses, skeleton, tmp_path / "a.gif", fps=25, num_observed=2, title="x")
    with Image.open(path) as image:
        assert image.n_frames == 4
        assert image.info["duration"] == 40
        size = image.size
    path = animate(clip[:2], skeleton, str(tmp_path / "b.gif"), fps=10)
    with Image.open(path) as image:
        assert image.info["duration"] == 100
        assert image.size[0] < size[0]


def test_wrong_input(clip, skeleton, tmp_path):
    with pytest.raises(ValueError, match=r"path must end in \.gif"):
        animate(clip, skeleton, tmp_path / "a.mp4")
    with pytest.raises(ValueError, match="fps must be more than 0 and at most 50, got 0"):
        animate(clip, skeleton, tmp_path / "a.gif", fps=0)
    with pytest.raises(ValueError, match="the same number of frames"):
        animate({"a": clip, "b": clip[1:]}, skeleton, tmp_path / "a.gif")
    with pytest.raises(ValueError, match="the same number of frames"):
        animate({}, skeleton, tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())
