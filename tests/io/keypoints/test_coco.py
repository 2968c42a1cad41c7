import json

import numpy as np
import pytest

from pyg_skeleton.data import read, read_all


@pytest.fixture
def save(tmp_path):
    """Writes a file and returns its path."""

    def write(content):
        path = tmp_path / "clip.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return write


def matches(clip, xy, score):
    order = np.argsort(-score.sum((1, 2)))
    np.testing.assert_allclose(clip.joints, xy[order], rtol=1e-6)
    np.testing.assert_allclose(clip.confidence, score[order], rtol=1e-6)


def test_results(keypoint_files, save):
    """Of Detectron2: frames from the smallest image_id on, persons by overlap."""
    xy, score = keypoint_files.people()
    clip = read(save(keypoint_files.coco_results(xy, score)))
    assert (clip.skeleton.name, clip.unit, clip.up, clip.persons) == ("coco17", "px", "-y", (0, 1))
    matches(clip, xy, score)


def test_a_layout_of_the_user_replaces_a_guess(keypoint_files, save):
    """Seventeen joints can be those of an animal."""
    path = save(keypoint_files.coco_results(*keypoint_files.people()))
    assert read(path, "h36m17").skeleton.name == "h36m17"
    with pytest.raises(ValueError, match="has 17 joints of 'coco17', not the 25 of 'ntu25'"):
        read(path, "ntu25")


def test_alphapose(keypoint_files, save):
    """Tracks are in idx; confidences reach more than 1."""
    xy, score = keypoint_files.people(joints=26, frames=11)
    clip = read(save(keypoint_files.alphapose(xy, score)))
    assert clip.skeleton.name == "halpe26"
    assert set(clip.persons) == {1, 2}
    matches(clip, xy, score)
    clip = read(save(keypoint_files.alphapose(xy, 6 * score)))
    assert float(clip.confidence.min()) == 1


def test_frames_without_anybody(keypoint_files, save):
    xy, score = keypoint_files.people(frames=9, persons=1)
    entries = json.loads(keypoint_files.coco_results(xy, score))
    clip = read(save([entry for entry in entries if entry["image_id"] not in (103, 104)]))
    assert clip.visible.all(2)[0].tolist() == [True] * 3 + [False] * 2 + [True] * 4


def test_least_score(keypoint_files, save):
    entries = json.loads(keypoint_files.coco_results(*keypoint_files.people()))
    for entry in entries[1::2]:
        entry["score"] = 0.1
    assert read(save(entries), min_score=0.5).num_persons == 1


def test_entries_that_are_only_numbered_are_followed(keypoint_files, save):
    """With numbers that are different in every frame, id names nobody."""
    xy, score = keypoint_files.people()
    entries = json.loads(keypoint_files.coco_results(xy, score))
    for number, entry in enumerate(entries):
        entry["id"] = number
    matches(read(save(entries)), xy, score)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"image_id": "a.jpg", "keypoints": [1, 2, 1]}, r"\[0\].image_id: expected the number"),
        ({"image_id": 1, "keypoints": [1, 2]}, r"\[0\].keypoints: expected x, y and confidence"),
        ({"image_id": 1, "keypoints": None}, r"\[0\].keypoints: expected x, y and confidence"),
    ],
)
def test_results_refused(save, entry, message):
    with pytest.raises(ValueError, match=f"clip.json: {message}"):
        read(save([entry]))


def test_annotations(keypoint_files, save):
    """Pictures in the order of their names, tracks of CVAT."""
    xy, score = keypoint_files.people(frames=12)
    clip = read(save(keypoint_files.coco_annotations(xy, score)))
    assert (clip.skeleton.name, clip.image_size) == ("coco17", (640, 480))
    assert set(clip.persons) == {1, 2}
    np.testing.assert_allclose(clip.select_persons((1, 2)).joints, xy, rtol=1e-6)
    assert float(clip.confidence.min()) == 1


def test_hidden_joints_and_those_without_a_label(keypoint_files, save):
    content = json.loads(keypoint_files.coco_annotations(*keypoint_files.people(persons=1)))
    content["annotations"][0]["keypoints"][:6] = [0, 0, 0, 50, 60, 1]
    clip = read(save(content))
    assert clip.confidence[0, 0, :3].tolist() == [0, 0.5, 1]
    assert clip.visible[0, 0, :3].tolist() == [False, True, True]


def test_a_layout_of_its_own(keypoint_files, save):
    """An animal, with bones counted from 1."""
    xy, score = keypoint_files.people(joints=4)
    names = ["nose", "left_ear", "right_ear", "tail"]
    bones = [[1, 2], [1, 3], [1, 4]]
    clip = read(save(keypoint_files.coco_annotations(xy, score, names, bones)))
    assert clip.skeleton.joints == tuple(names)
    assert {frozenset(bone) for bone in clip.skeleton.bones} == {
        frozenset((0, other)) for other in (1, 2, 3)
    }
    assert clip.skeleton.mirror == ((1, 2),)


def test_a_recording_for_each_category(keypoint_files, save):
    content = json.loads(keypoint_files.coco_annotations(*keypoint_files.people()))
    content["categories"].append({"id": 2, "name": "dog", "keypoints": list("abcdefghijklmnopq")})
    for entry in content["annotations"][::2]:
        entry["category_id"] = 2
    clips = read_all(save(content))
    assert [(clip.name, clip.num_persons) for clip in clips] == [("person", 1), ("dog", 1)]
    assert clips[1].skeleton.joints[:2] == ("a", "b")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"annotations": 3}, "annotations: expected a list of dicts, got 3"),
        (
            {"annotations": [{"image_id": 2, "keypoints": [1, 2, 2]}]},
            r"annotations\[0\]: has no im",
        ),
        ({"annotations": []}, "has no keypoints"),
        ({"categories": [{"id": 1, "keypoints": ["a"]}]}, r"categories\[0\]: expected names of 17"),
        (
            {
                "categories": [
                    {"id": 1, "keypoints": list("abcdefghijklmnopq"), "skeleton": [[0, 1]]}
                ]
            },
            r"skeleton: expected pairs from 1 to 17, got \[0, 1\]",
        ),
    ],
)
def test_annotations_refused(keypoint_files, save, change, message):
    content = json.loads(keypoint_files.coco_annotations(*keypoint_files.people()))
    with pytest.raises(ValueError, match=f"clip.json: .*{message}"):
        read(save(content | change))
