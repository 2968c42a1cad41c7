import json

import numpy as np
import pytest

from pyg_skeleton.data import read
from pyg_skeleton.io.keypoints.mediapipe import _NAMES


def pose(keypoint_files, frames=6, world=False):
    """Landmarks ``[1, T, 33, 3]`` of the picture or the world, and their visibility."""
    xy, seen = keypoint_files.people(joints=33, persons=1, frames=frames)
    xyz = np.concatenate([xy, xy[..., :1] - 100], -1) / 1000
    if world:
        xyz -= xyz[:, :, 23:25].mean(2, keepdims=True)
    return xyz.round(6), seen


def matches(clip, xyz, seen, world):
    assert clip.skeleton.name == "mediapipe33"
    assert (clip.unit, clip.up) == ("m" if world else "normalized", "-y")
    np.testing.assert_allclose(clip.joints, xyz[..., : 3 if world else 2], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(clip.confidence, seen, rtol=1e-6)


@pytest.mark.parametrize("key", ["pose_landmarks", "poseLandmarks", "landmarks"])
def test_landmarks_of_the_picture(keypoint_files, tmp_path, key):
    xyz, seen = pose(keypoint_files)
    path = tmp_path / "a.json"
    path.write_bytes(keypoint_files.mediapipe_json(xyz, seen, key))
    matches(read(path), xyz, seen, world=False)


@pytest.mark.parametrize("key", ["pose_world_landmarks", "worldLandmarks"])
def test_landmarks_of_the_world(keypoint_files, tmp_path, key):
    xyz, seen = pose(keypoint_files)
    path = tmp_path / "a.json"
    path.write_bytes(keypoint_files.mediapipe_json(xyz, seen, key))
    matches(read(path), xyz, seen, world=True)


def test_both(keypoint_files, tmp_path):
    """The world by default, the picture by choice."""
    picture, seen = pose(keypoint_files)
    world, _ = pose(keypoint_files, world=True)
    content = json.loads(keypoint_files.mediapipe_json(picture, seen))
    other = json.loads(keypoint_files.mediapipe_json(world, seen, "pose_world_landmarks"))
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"frames": [a | b for a, b in zip(content, other, strict=True)]}))
    matches(read(path), world, seen, world=True)
    matches(read(path, landmarks="image"), picture, seen, world=False)


@pytest.mark.parametrize("world", [False, True])
def test_bare_lists_are_of_the_world_if_their_hips_are_around_the_origin(
    keypoint_files, tmp_path, world
):
    xyz, seen = pose(keypoint_files, world=world)
    rows = [keypoint_files.landmarks(xyz[0, t], seen[0, t]) for t in range(6)]
    rows[3] = None
    (tmp_path / "a.json").write_text(json.dumps(rows))
    clip = read(tmp_path / "a.json")
    assert clip.visible.all(2)[0].tolist() == [True] * 3 + [False] + [True] * 2
    assert clip.unit == ("m" if world else "normalized")
    rows = [np.concatenate([xyz[0, t], seen[0, t][:, None]], 1).tolist() for t in range(6)]
    (tmp_path / "b.json").write_text(json.dumps(rows))
    matches(read(tmp_path / "b.json"), xyz, seen, world)


def test_a_protocol_buffer_and_several_persons(keypoint_files, tmp_path):
    xyz, seen = pose(keypoint_files)
    person = keypoint_files.landmarks(xyz[0, 0], seen[0, 0])
    (tmp_path / "a.json").write_text(json.dumps([{"pose_landmarks": {"landmark": person}}]))
    assert read(tmp_path / "a.json").num_persons == 1
    frames = [{"landmarks": [person, person]}, {"landmarks": [person]}, {"landmarks": []}]
    (tmp_path / "b.json").write_text(json.dumps(frames))
    there = read(tmp_path / "b.json").visible.all(2)
    assert there.tolist() == [[True, True, False], [True, False, False]]


def test_a_table_with_numbers(keypoint_files, tmp_path):
    xyz, seen = pose(keypoint_files)
    path = tmp_path / "coords.csv"
    path.write_bytes(keypoint_files.mediapipe_csv(xyz, seen))
    matches(read(path), xyz, seen, world=False)


def test_a_table_with_names(keypoint_files, tmp_path):
    """In another order, with upper case, without visibility, and an empty row."""
    xyz, _ = pose(keypoint_files, world=True)
    head = [f"{name.upper()}_{c}" for name in _NAMES for c in "xyz"]
    rows = [[*reversed(xyz[0, t].flatten().tolist()), t] for t in range(6)]
    rows[2][:-1] = [""] * 99
    path = tmp_path / "named.csv"
    path.write_bytes(keypoint_files.table([[*reversed(head), "frame"]], rows))
    clip = read(path)
    assert clip.unit == "m"
    there = [0, 1, 3, 4, 5]
    np.testing.assert_allclose(clip.joints[:, there], xyz[:, there], rtol=1e-4, atol=1e-6)
    assert clip.confidence[0, :, 0].tolist() == [1, 1, 0, 1, 1, 1]


def test_a_table_without_names(keypoint_files, tmp_path):
    xyz, seen = pose(keypoint_files)
    lines = keypoint_files.mediapipe_csv(xyz, seen).decode().splitlines()[1:]
    path = tmp_path / "bare.csv"
    path.write_text("\n".join(line.removeprefix("wave,") for line in lines))
    matches(read(path), xyz, seen, world=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[[{}]]", "a.json: has none of the formats"),
        (b'[{"pose_landmarks": [[1]]}]', "a.json: has none of the formats"),
    ],
)
def test_not_of_mediapipe(tmp_path, content, message):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read(tmp_path / "a.json")


def test_refusals(keypoint_files, tmp_path):
    xyz, seen = pose(keypoint_files)
    content = json.loads(keypoint_files.mediapipe_json(xyz, seen))
    path = tmp_path / "a.json"
    content[2]["pose_landmarks"][0][4]["x"] = None
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"a.json: frame 2: expected x, y, z and visibility"):
        read(path)
    content[2]["pose_landmarks"][0].pop()
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"a.json: frame 2: expected 33 landmarks"):
        read(path)
    lines = keypoint_files.mediapipe_csv(xyz, seen).decode().splitlines()
    path = tmp_path / "a.csv"
    path.write_text("\n".join([*lines[:2], lines[2].replace("wave,", "wave,x")]))
    with pytest.raises(ValueError, match=r"a.csv:3: column 2 is not a number: 'x"):
        read(path)
    path.write_text("\n".join([*lines[:2], "wave,1,2"]))
    with pytest.raises(ValueError, match=r"a.csv:3: expected 133 columns, got 3"):
        read(path)
