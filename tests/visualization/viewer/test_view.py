import re

import pytest
import torch

import pyg_skeleton
from pyg_skeleton.data import SkeletonData
from pyg_skeleton.visualization import view


def test_a_page_of_its_own(walk, keypoints, tmp_path):
    path = tmp_path / "a.html"
    graph = torch.rand(25, 25)
    player = pyg_skeleton.view([walk, walk], edges={"a": graph}, path=path)
    text = path.read_text(encoding="utf-8")
    assert text == player.html
    assert repr(player) == "Player(walk (1): 10 frames, walk (2): 10 frames)"
    for page in (text, view(keypoints, images=torch.rand(9, 9)).html):
        assert not re.search(r"http|<[^>]* (src|href)=|@import|url\(", page, re.IGNORECASE)
    assert len(view(walk).html) < 100_000  # the player, besides its data
    assert [file.name for file in tmp_path.iterdir()] == ["a.html"]
    with pytest.raises(ValueError, match=r"path must end in .html, got '.*a.gif'"):
        player.save(tmp_path / "a.gif")


def test_ten_thousand_frames_of_two_people_are_small(walk):
    many = walk.joints.repeat(2, 1000, 1, 1)
    assert len(view(walk.replace(joints=many, persons=())).html) < 5e6


def test_long_clips_are_thinned(walk):
    scene = view(walk, max_frames=4, spans=[(0, 5, "a"), (5, 10, "b")]).scene
    (clip,) = scene["clips"]
    assert clip["shape"][0] == 4
    assert clip["fps"] == pytest.approx(10 / 3)
    assert scene["note"] == "One of 3 frames is shown, of 10 in all."
    assert scene["spans"] == [[0, 2, "a"], [1, 4, "b"]]


def test_a_frame_rate_that_nobody_knows(walk):
    assert "shown at 30" in view(walk.replace(frame_rate=None)).scene["note"]
    assert view(walk.replace(frame_rate=None), frame_rate=50).scene["note"] == ""
    assert view(walk.replace(frame_rate=None)[:1]).scene["note"] == ""


def test_what_a_notebook_cannot_show(skeleton):
    features = skeleton.to_data(torch.rand(25, 10, 64))
    assert features._repr_html_() is None
    assert SkeletonData()._repr_html_() is None
