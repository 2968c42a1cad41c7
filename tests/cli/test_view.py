import json

import numpy as np
import pytest

pytest.importorskip("matplotlib")


def clip(joints, channels=3, persons=1):
    poses = np.random.default_rng(0).normal(size=(persons, 1, joints, channels))
    return (poses + np.linspace(0, 1, 6)[:, None, None]).astype(np.float32)


@pytest.mark.parametrize("persons", [1, 2])
def test_an_array(persons, command, tmp_path):
    np.save(tmp_path / "a.npy", clip(25, persons=persons))
    out = tmp_path / "out"
    done = command("view", tmp_path / "a.npy", "--layout", "ntu25", "--out", out)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"wrote animation.gif, strip.png to {out}\n"
    assert (out / "animation.gif").read_bytes().startswith(b"GIF8")
    assert (out / "strip.png").read_bytes().startswith(b"\x89PNG")


def test_a_folder_of_openpose(command, tmp_path):
    folder = tmp_path / "clip"
    folder.mkdir()
    for t, pose in enumerate(100 + 10 * clip(25)[0]):
        person = {"pose_keypoints_2d": pose.astype(float).flatten().tolist()}
        (folder / f"{t:012d}_keypoints.json").write_text(json.dumps({"people": [person]}))
    done = command("view", folder, "--out", tmp_path / "out")
    assert (done.code, done.err) == (0, "")
    assert "animation.gif" in done.out


def test_mistakes(refused, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, clip(25))
    assert refused("view", path).endswith(
        "does not say what its joints are, expected --layout NAME"
    )
    assert "has 25 joints, the layout 'coco17' has 17" in refused(
        "view", path, "--layout", "coco17"
    )
    assert "has no clip 'b', but a" in refused("view", path, "--clip", "b", "--layout", "ntu25")
