import subprocess

import numpy as np
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


def test_a_video(clip, skeleton, tmp_path):
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()
    path = animate(clip[:4], skeleton, tmp_path / "a.mp4", fps=100, unit="m")
    count = ["-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    frames = subprocess.run([ffmpeg, *count], capture_output=True, check=True)
    assert b"100 fps" in frames.stderr
    assert b"yuv420p" in frames.stderr
    assert len(frames.stdout) % 4 == 0
    first, last = np.frombuffer(frames.stdout, np.uint8).reshape(4, -1)[[0, 3]].astype(int)
    assert np.abs(first - last).max() > 50
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_over_the_frames_of_a_video(skeleton, tmp_path):
    pixels = np.full((3, 60, 80, 3), 255, np.uint8)
    pixels[1, :, :40] = (0, 0, 200)
    keypoints = np.random.default_rng(0).uniform(10, 50, (3, 25, 2))
    path = animate(keypoints, skeleton, tmp_path / "a.gif", images=list(pixels))
    with Image.open(path) as image:
        frames = []
        for number in range(3):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGB")).astype(int))
    height, width = frames[0].shape[:2]
    left, right = (frames[1][height // 2, x] for x in (width // 6, 5 * width // 6))
    assert np.abs(left - (0, 0, 200)).max() <= 2
    assert right.min() > 240
    assert frames[0][height // 2, width // 6].min() > 240
    with pytest.raises(ValueError, match=r"the same number of frames, got .*'images': 2"):
        animate(keypoints, skeleton, tmp_path / "b.gif", images=list(pixels[:2]))
    with pytest.raises(ValueError, match=r"expected pictures \[H, W, 3\], got \[60, 80\]"):
        animate(keypoints, skeleton, tmp_path / "b.gif", images=list(pixels[..., 0]))


def test_wrong_input(clip, skeleton, tmp_path):
    with pytest.raises(ValueError, match=r"path must end in \.gif or \.mp4, got '.*a.webm'"):
        animate(clip, skeleton, tmp_path / "a.webm")
    with pytest.raises(ValueError, match=r"at most 50 \(of a video, 240\), got 0"):
        animate(clip, skeleton, tmp_path / "a.gif", fps=0)
    with pytest.raises(ValueError, match="the same number of frames"):
        animate({"a": clip, "b": clip[1:]}, skeleton, tmp_path / "a.gif")
    with pytest.raises(ValueError, match="the same number of frames"):
        animate({}, skeleton, tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())
