import numpy as np
import pytest
import torch

from pyg_skeleton import Clip, read
from pyg_skeleton.io import write_recording


@pytest.mark.parametrize("ending", ["npz", "json", "csv", "NPZ"])
def test_clip_saves_and_reads(tmp_path, recording, ending):
    clip = Clip.from_recording(recording())
    path = tmp_path / f"walk.{ending}"
    clip.save(path)
    out = read(path)
    torch.testing.assert_close(out.joints, clip.joints, equal_nan=True, rtol=0, atol=0)
    torch.testing.assert_close(out.confidence, clip.confidence, rtol=0, atol=0)
    assert out.skeleton == clip.skeleton
    assert (out.frame_rate, out.name) == (29.97, "walk")
    if ending != "csv":
        assert (out.unit, out.up, out.image_size) == ("mm", "-y", (640, 480))
        assert out.persons == clip.persons
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_layout_of_ones_own_is_kept(tmp_path):
    layout = {"name": "arm", "joints": {"a": None, "b": "a"}, "mirror": [["a", "b"]]}
    clip = Clip(torch.zeros(1, 2, 2, 3), layout, 30.0)
    for ending in ("npz", "json"):
        clip.save(tmp_path / f"x.{ending}")
        assert read(tmp_path / f"x.{ending}").skeleton == clip.skeleton


def test_a_name_that_another_layout_has(tmp_path):
    """A layout is written whole unless it is the one of that name."""
    layout = {"name": "ntu25", "joints": {"a": None, "b": "a"}}
    Clip(torch.zeros(1, 2, 2, 3), layout).save(tmp_path / "x.json")
    assert read(tmp_path / "x.json").skeleton.joints == ("a", "b")


def test_unknown_endings(tmp_path, recording):
    with pytest.raises(ValueError, match=r"walk\.txt: expected a name that ends in \.bvh, \.csv"):
        write_recording(tmp_path / "walk.txt", recording())
    assert not list(tmp_path.iterdir())


def test_the_old_file_stays_after_an_error(tmp_path, recording):
    path = tmp_path / "walk.bvh"
    path.write_text("before")
    with pytest.raises(ValueError, match="one person"):
        write_recording(path, recording())
    assert path.read_text() == "before"
    assert np.isnan(recording().joints).any()
