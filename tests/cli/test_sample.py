import pytest

import pyg_skeleton
from pyg_skeleton.datasets import synthetic_recording


@pytest.mark.parametrize("name", ["walk.bvh", "walk.skeleton", "walk.npz", "walk.csv", "video"])
def test_files_are_read(name, command, tmp_path):
    path = tmp_path / name
    done = command("sample", path, "--movements", "walking", "bowing", "--seconds", 1)
    assert done.code == 0, done.err
    assert done.out == f"{path}: walking, bowing, 1 seconds each\n"
    clip = pyg_skeleton.read(path)
    assert clip.num_persons == 1
    truth = synthetic_recording(("walking", "bowing"), 1).joints[0]
    height = truth[0, :, 1].max() - truth[0, :, 1].min()
    if name == "video":
        assert (clip.skeleton.name, clip.unit, len(clip)) == ("body25", "px", 50)
        seen = clip.joints[0, 0, :, 1]
        assert (seen.max() - seen.min()) / 1000 * 4 == pytest.approx(float(height), rel=0.1)
        assert clip.skeleton.joints[0] == "nose"
        assert seen[0] < seen[-1]  # y points down
        return
    clip = clip.replace(unit=clip.unit or ("cm" if name == "walk.bvh" else "m"))
    joints = clip.to_layout("ntu25").to_unit("m").joints[0]
    assert len(joints) == (59 if name == "walk.skeleton" else 50)
    turn = [-1, 1, -1] if name == "walk.skeleton" else [1, 1, 1]
    expected = truth[0] * pyg_skeleton.Clip(truth[None], "ntu25").joints.new_tensor(turn)
    moved = joints[0] - joints[0, :1], expected - expected[:1]
    assert (moved[0] - moved[1]).abs().max() < 1e-3


def test_what_is_refused(command, tmp_path):
    (tmp_path / "video").mkdir()
    (tmp_path / "video" / "mine.txt").write_text("")
    done = command("sample", tmp_path / "video")
    assert done.code != 0
    assert "video: exists already, expected a new or an empty folder" in done.err
    done = command("sample", tmp_path / "walk.abc")
    assert done.code == 1
    assert "walk.abc" in done.err
