import json

import numpy as np
import pytest

from pyg_skeleton.data import read

SIZE = (640, 480)


@pytest.fixture
def labels(keypoint_files, tmp_path):
    """Writes the folder `labels` of a video and returns it with its content."""

    def write(joints=17, **values):
        xy, score = keypoint_files.people(joints, frames=11)
        folder = tmp_path / "labels"
        folder.mkdir(exist_ok=True)
        for t in range(11):  # counted from 1, without the frame where nobody is seen
            if t != 4:
                content = keypoint_files.ultralytics_label(xy, score, t, SIZE, **values)
                (folder / f"walk_{t + 1}.txt").write_bytes(content)
        return folder, xy, score

    return write


def matches(clip, xy, score):
    there = [t for t in range(11) if t != 4]
    order = np.argsort(-score[:, there].sum((1, 2)), kind="stable")
    pixels = clip.replace(image_size=SIZE).to_unit("px")
    np.testing.assert_allclose(pixels.joints[:, there], xy[order][:, there], rtol=1e-4)
    np.testing.assert_allclose(clip.confidence[:, there], score[order][:, there], rtol=1e-4)
    assert not bool(clip.visible[:, 4].any())


@pytest.mark.parametrize(
    "values", [{}, {"conf": True}, {"tracks": [1, 2]}, {"conf": True, "tracks": [1, 2]}]
)
def test_a_folder_of_labels(labels, values):
    folder, xy, score = labels(**values)
    clip = read(folder)
    assert (clip.skeleton.name, clip.unit, clip.up) == ("coco17", "normalized", "-y")
    matches(clip, xy, score)
    assert set(clip.persons) == ({1, 2} if "tracks" in values else {0, 1})


def test_without_confidence(labels):
    folder, xy, score = labels(visible=False)
    matches(read(folder), xy, np.ones_like(score))


def test_another_number_of_joints(labels):
    """4 * 3 numbers could be 6 * 2, too."""
    folder, xy, score = labels(joints=6)
    with pytest.raises(
        ValueError, match=r"walk_1.txt:1: has 18 numbers after the box, pass num_jo"
    ):
        read(folder, "mpii16")
    clip = read(folder, _layout(6), num_joints=6)
    matches(clip, xy, score)
    with pytest.raises(ValueError, match="has 18 numbers after the box, not of 7 joints"):
        read(folder, num_joints=7)


def _layout(joints):
    return {"name": "toy", "joints": {f"j{i}": f"j{i - 1}" if i else None for i in range(joints)}}


def test_labels_for_training(keypoint_files, tmp_path):
    """0, 1 and 2 are not labeled, hidden and visible."""
    xy, score = keypoint_files.people(persons=1)
    visibility = np.resize([0, 1, 2], score.shape)
    path = tmp_path / "a.txt"
    path.write_bytes(keypoint_files.ultralytics_label(xy, visibility, 0))
    assert read(path).confidence[0, 0, :3].tolist() == [0, 0.5, 1]


def test_a_joint_at_the_origin_is_missing(keypoint_files, tmp_path):
    xy, score = keypoint_files.people(persons=1)
    xy[0, 0, 5] = 0
    (tmp_path / "a.txt").write_bytes(keypoint_files.ultralytics_label(xy, score, 0))
    assert (~read(tmp_path / "a.txt").visible).nonzero().tolist() == [[0, 0, 5]]


def test_json(keypoint_files, tmp_path):
    xy, score = keypoint_files.people()
    path = tmp_path / "walk.json"
    path.write_bytes(keypoint_files.ultralytics_json(xy, score))
    clip = read(path)
    assert (clip.skeleton.name, clip.unit) == ("coco17", "px")
    np.testing.assert_allclose(clip.select_persons((1, 2)).joints, xy, rtol=1e-6)
    np.testing.assert_allclose(clip.select_persons((1, 2)).confidence, score, rtol=1e-6)


def test_a_folder_of_json(keypoint_files, tmp_path):
    xy, score = keypoint_files.people()
    for t, frame in enumerate(json.loads(keypoint_files.ultralytics_json(xy, score))):
        (tmp_path / f"{t}.json").write_text(json.dumps(frame))
    clip = read(tmp_path)
    np.testing.assert_allclose(clip.select_persons((1, 2)).joints, xy, rtol=1e-6)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 .5 .5 .1 .1 " + "0.5 " * 51 + "x", r"a.txt:2: expected numbers, got"),
        ("0 .5 .5 .1 .1 " + "0.5 " * 50 + "nan", r"a.txt:2: expected numbers, got"),
        ("0 .5 .5 .1 .1 " + "0.5 " * 7, r"a.txt:2: has 7 numbers after the box, pass num_joints"),
    ],
)
def test_refusals(tmp_path, line, message):
    path = tmp_path / "a.txt"
    path.write_text("0 .5 .5 .1 .1 " + "0.5 " * 51 + "\n" + line)
    with pytest.raises(ValueError, match=message):
        read(path)


def test_json_refused(keypoint_files, tmp_path):
    content = json.loads(keypoint_files.ultralytics_json(*keypoint_files.people()))
    content[2][1]["keypoints"]["y"] = [1]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"a.json: frame 2, person 1: y: expected 17 numbers"):
        read(path)
