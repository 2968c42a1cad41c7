import json

import numpy as np
import pytest

pytest.importorskip("matplotlib")


def clip(joints, channels=3, persons=1):
    poses = np.random.default_rng(0).normal(size=(persons, 1, joints, channels))
    return (poses + np.linspace(0, 1, 6)[:, None, None]).astype(np.float32)


def scene(path):
    """What a page shows."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text.partition('type="application/json">')[2].partition("</script>")[0])


def test_a_page_of_an_array(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", clip(25, persons=2))
    done = command("view", "a.npy", "--layout", "ntu25", "--frame-rate", 10, "--unit", "m")
    assert (done.code, done.err) == (0, "")
    assert done.out == "wrote runs/view/a.html\n"
    (shown,) = scene(tmp_path / "runs" / "view" / "a.html")["clips"]
    assert (shown["shape"], shown["fps"], shown["unit"]) == ([6, 2, 25, 3], 10, "m")


def test_several_files_over_each_other(command, tmp_path):
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", clip(25))
    out = tmp_path / "new" / "both.html"
    files = [tmp_path / "a.npy", tmp_path / "b.npy", tmp_path / "a.npy"]
    done = command("view", *files, "--layout", "ntu25", "--out", out, "--side-by-side")
    assert (done.code, done.err) == (0, "")
    shown = scene(out)
    assert [one["label"] for one in shown["clips"]] == ["a", "b", str(tmp_path / "a.npy")]
    assert shown["layout"] == "beside"


@pytest.mark.parametrize("persons", [1, 2])
def test_animation_and_strip(persons, command, tmp_path):
    np.save(tmp_path / "a.npy", clip(25, persons=persons))
    for name, start in {"a.gif": b"GIF8", "a.png": b"\x89PNG"}.items():
        out = tmp_path / name
        done = command("view", tmp_path / "a.npy", "--layout", "ntu25", "--out", out)
        assert (done.code, done.err) == (0, "")
        assert done.out == f"wrote {out}\n"
        assert out.read_bytes().startswith(start)


def test_keypoints_over_a_picture(command, tmp_path):
    folder = tmp_path / "clip"
    folder.mkdir()
    for t, pose in enumerate(100 + 10 * clip(25)[0]):
        pose[:, 2] = 0.5
        person = {"pose_keypoints_2d": pose.astype(float).flatten().tolist()}
        (folder / f"{t:012d}_keypoints.json").write_text(json.dumps({"people": [person]}))
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    out = tmp_path / "out.html"
    done = command("view", folder, "--out", out, "--image", tmp_path / "a.png")
    assert (done.code, done.err) == (0, "")
    shown = scene(out)
    assert shown["clips"][0]["shape"] == [6, 1, 25, 2]
    assert shown["images"] == ["data:image/png;base64,iVBORw=="]


def test_mistakes(refused, tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, clip(25))
    assert "does not name its 25 joints, expected --layout NAME" in refused("view", path)
    assert "has 25 joints, not the 17 of 'coco17'" in refused("view", path, "--layout", "coco17")
    assert "has no clip 'b', but a" in refused("view", path, "--clip", "b", "--layout", "ntu25")
    assert "no such file or folder" in refused("view", tmp_path / "b.npy")
    assert "expected --out with .html, .gif, .mp4 or .png, got 'x.txt'" in refused(
        "view", path, "--layout", "ntu25", "--out", "x.txt"
    )
